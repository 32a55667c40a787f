"""A generated file: its classes and functions, each written once."""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.algebra import Poly
from archspec.elaborate.calls import kind_of
from archspec.elaborate.values import Definition, Instance, Template
from archspec.export import fixed_functions, functions, keras_helpers, names, primitive_classes, statements
from archspec.export.dialect import TORCH, Dialect
from archspec.export.keras_layout import Layout
from archspec.export.observe import Observed, Use
from archspec.export.problems import refuse, refuse_template
from archspec.export.render import class_texts
from archspec.export.study import study
from archspec.export.writer import Writer
from archspec.policy import Policy
from archspec.syntax import tree
from archspec.syntax.source import Place

ROUNDS = 4


@dataclass
class Built:
    """A class of the file. axes: sizes of inputs that its constructor takes first; formals: parameters after these;
    runtime: parameters of `forward`. stars: those of the axes that a star stands for, and their place in it.
    """

    name: str
    axes: list[str]
    formals: list[str]
    runtime: list[str]
    needs_device: bool = False
    by_keyword: bool = False
    stars: dict[str, tuple[str, int]] = field(default_factory=dict)


@dataclass
class Project:
    """All that goes into one file. titles: what classes are called that are not called as their layers."""

    observed: Observed
    policy: Policy
    dialect: Dialect = TORCH
    pool: names.Pool = field(default_factory=names.Pool)
    classes: dict[int, Built] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    recursive: set[int] = field(default_factory=set)
    helpers: dict[int, functions.Helper] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    helper_texts: list[str] = field(default_factory=list)
    extra: dict[str, str] = field(default_factory=dict)
    root: Built | None = None
    titles: dict[int, str] = field(default_factory=dict)

    @property
    def channels_last(self) -> bool:
        """Whether images have their channels last, as in Keras."""
        return self.dialect.framework == "keras"

    def base(self, built: Built) -> str:
        """What a class derives from."""
        return self.dialect.root if built is self.root else self.dialect.base

    @property
    def brackets(self) -> tuple[str, str]:
        """What stands around the modules of a loop."""
        return self.dialect.list_open, self.dialect.list_close

    def reserve(self, definition: Definition, name: str) -> None:
        """Keep a name that a layer uses inside from functions of the file, unless it is that of a layer itself."""
        if definition.scope.lookup(name) is None:
            self.pool.taken.add(name)

    def class_name(self, wanted: str) -> str:
        """A name for a class or function that nothing else has."""
        return self.pool.take(wanted)

    # --- classes ----------------------------------------------------------------------------------

    def composite(self, definition: Definition) -> Built:
        """The class of a layer that wires others."""
        key = id(definition.layer)
        if key in self.open:
            self.recursive.add(key)
            return self.classes[key]
        if key in self.classes:
            return self.classes[key]
        use = self.observed.of(definition)
        built = Built(self.class_name(self.titles.get(key, definition.layer.name)), [], *_split(definition, use))
        built.needs_device = self._makes_tensors(definition.layer)
        built.by_keyword = _unordered(definition.layer)
        self.classes[key] = built
        self.root = self.root or built
        self.open.add(key)
        texts: list[str] = []
        try:
            for _ in range(ROUNDS):
                before, taken = list(built.axes), set(self.pool.taken)
                w = self.writer(definition, use, built.name)
                built.stars = w.study.stars
                statements.run_block(w, definition.layer.body)
                texts = class_texts(w, built)
                if built.axes == before or key not in self.recursive:
                    break
                self.pool.taken = taken | {one.name for one in self.classes.values()}
        finally:
            self.open.discard(key)
        self.texts.extend(texts)
        return built

    def _makes_tensors(self, layer: tree.Layer) -> bool:
        """Whether a layer without inputs must be told where its tensors go: Keras knows that by itself."""
        return self.dialect.framework == "torch" and layer.signature is not None and not layer.signature.inputs

    def writer(self, definition: Definition, use: Use, title: str) -> Writer:
        """A writer that knows the parameters and axes of a layer."""
        made = study(use, self.policy, inner=self.root is None or self.root.name != title)
        if self.channels_last:
            made.layout = Layout.of(made.frame)
        w = Writer(self, made, title)
        layer = definition.layer
        for formal in layer.formals:
            kind = "runtime" if formal.name in use.runtime else "formal"
            w.ident(formal.name)
            w.declare(formal.name, kind, annotation(use, formal))
        assert layer.signature is not None
        for declared in layer.signature.inputs:
            w.ident(declared.name)
            w.declare(declared.name, "tensor", "Tensor")
            for axis in declared.axes:
                if isinstance(axis, tree.Name) and axis.name not in w.kinds:
                    w.ident(axis.name)
                    w.declare(axis.name, "axis")
        _reserve(w, layer.body)
        for name in made.stars:
            w.ident(name)
            w.declare(name, "axis")
        return w

    def primitive(self, definition: Definition, binding: tree.Binding) -> Built:
        """The class of a layer that has parameters of its own and is spelled as a function of them."""
        key = id(binding)
        if key not in self.classes:
            use = self.observed.of(definition)
            built = Built(self.class_name(definition.layer.name), [], [], [])
            self.classes[key] = built
            self.texts.append(primitive_classes.primitive_class(self, definition, use, binding, built))
        return self.classes[key]

    def function(self, definition: Definition, binding: tree.Binding) -> functions.Helper:
        """The function of a layer that has no parameters of its own."""
        key = id(binding)
        if key not in self.helpers:
            wanted = names.snake(definition.layer.name)
            name = self.class_name(wanted if wanted not in self.pool.taken else f"apply_{wanted}")
            helper, text = functions.helper(self, definition, self.observed.of(definition), binding, name)
            self.helpers[key] = helper
            self.helper_texts.append(text)
        return self.helpers[key]

    def bank(self) -> str:
        """The function that runs a bank of experts."""
        return self._extra(
            "run_experts", keras_helpers.BANK if self.dialect.framework == "keras" else fixed_functions.BANK
        )

    def flat(self) -> str:
        """The function that flattens nested outputs."""
        if self.dialect.framework == "keras":
            reason = "it gives its last states without an axis of layers and directions"
            refuse("export-none", None, layer="the state of a recurrent layer", framework="keras", reason=reason)
        return self._extra("flat", fixed_functions.FLAT)

    def _extra(self, name: str, text: str) -> str:
        if name not in self.extra:
            self.extra[name] = self.class_name(name)
            self.helper_texts.append(text.replace("NAME", self.extra[name]))
        return self.extra[name]


def _reserve(w: Writer, body: tuple[tree.Statement, ...]) -> None:
    """Give every name that the body says its variable, before sizes that the body does not name get theirs."""
    for statement in body:
        if isinstance(statement, tree.Assign):
            for target in statement.targets:
                w.ident(target.name)
        elif isinstance(statement, tree.Where):
            w.ident(statement.name)
        elif isinstance(statement, tree.If):
            _reserve(w, statement.then + statement.other)
        elif isinstance(statement, tree.Repeat | tree.Each):
            targets = statement.targets if isinstance(statement, tree.Each) else ()
            for name in (*targets, statement.index):
                if name is not None:
                    w.ident(name)
            _reserve(w, statement.body)


def annotation(use: Use, formal: tree.Formal) -> str:
    """The type of a constructor argument."""
    kind = use.kind(formal)
    if kind == "list":
        sample = use.sample(formal.name)
        if sample is None and formal.default is not None and isinstance(formal.default, tree.ListLiteral):
            return f"Sequence[{_of_literals(formal.default)}]"
        return f"Sequence[{_entries(sample)}]"
    return {"dim": "int", "real": "float", "flag": "bool", "text": "str"}.get(kind, "Any")


def _of_literals(node: tree.ListLiteral) -> str:
    if all(isinstance(item, tree.Number) and isinstance(item.value, int) for item in node.items):
        return "int"
    return "Any"


def _entries(sample: object) -> str:
    if isinstance(sample, tuple) and all(isinstance(one, int | Poly) and not isinstance(one, bool) for one in sample):
        return "int"
    return "Any"


def _split(definition: Definition, use: Use) -> tuple[list[str], list[str]]:
    layer = definition.layer
    for formal in layer.formals:
        if isinstance(use.sample(formal.name), Template | Instance) or kind_of(formal, layer) == "layer":
            refuse_template(Place(definition.source, formal.start, formal.end), layer.name)
    formals = [formal.name for formal in layer.formals if formal.name not in use.runtime]
    return formals, [formal.name for formal in layer.formals if formal.name in use.runtime]


def _unordered(layer: tree.Layer) -> bool:
    """Whether a parameter without a default comes after one with a default, which Python does not allow."""
    seen = False
    for formal in layer.formals:
        if formal.default is not None:
            seen = True
        elif seen:
            return True
    return False
