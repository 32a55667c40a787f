"""A class being written: what its names are in Python, in the constructor and in `forward`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archspec.algebra import Dim, free_symbols, symbol
from archspec.elaborate.frame import Frame
from archspec.elaborate.values import Instance
from archspec.export import keras_helpers, names
from archspec.export.code import Line, Node, drop, live
from archspec.export.problems import refuse
from archspec.export.scalars import Py, Scalars, dim
from archspec.export.study import OPAQUE, Study
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.export.project import Project

STORED = re.compile("\x01([A-Za-z0-9_]+)\x01")
"""A parameter kept as an attribute: its name is settled when all submodules have theirs."""


@dataclass
class Made:
    """A layer object: the writer whose class has it, under which name, and the call that says with which arguments.

    turn: the variable of `forward` that holds it, where it is alone in a turn of a loop: an entry of a list.
    """

    writer: Writer
    attribute: str
    call: tree.Expression
    slot: Line | None = None
    written: bool = False
    turn: str = ""


@dataclass(eq=False)
class Writer:
    """One class. `parent`: the writer of the class around, for the class of one turn of a loop.

    kinds: what each name of the spec is: `formal` (a constructor argument), `runtime` (an argument of `forward`),
    `where`, `axis`, `item` (an entry or index of a loop), `size` (a size that changes from turn to turn), `local`
    (an index of a loop in `forward`), `param`, `tensor`.
    """

    project: Project
    study: Study
    name: str
    parent: Writer | None = None
    kinds: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    idents: dict[str, str] = field(default_factory=dict)
    pool: names.Pool = field(default_factory=names.Pool)
    wheres: dict[str, tree.Where] = field(default_factory=dict)
    sizes: dict[str, Py] = field(default_factory=dict)
    init: list[Node] = field(default_factory=list)
    forward: list[Node] = field(default_factory=list)
    header: list[Line] = field(default_factory=list)
    stored: dict[str, None] = field(default_factory=dict)
    axes: dict[str, None] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    made: dict[int, Made] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    annotations: list[str] = field(default_factory=list)
    assigned: set[str] = field(default_factory=set)
    inputs: dict[str, None] = field(default_factory=dict)
    inline: dict[str, str] = field(default_factory=dict)
    modules: dict[str, Made] = field(default_factory=dict)
    children: list[tuple[Writer, list[str], str]] = field(default_factory=list)
    exported: list[str] = field(default_factory=list)
    turn: str = ""
    exports: dict[str, Callable[[], Py]] = field(default_factory=dict)

    @property
    def frame(self) -> Frame:
        """The frame in which the engine evaluates."""
        return self.study.frame

    @property
    def root(self) -> Writer:
        """The writer of the whole layer."""
        return self if self.parent is None else self.parent.root

    # --- names ------------------------------------------------------------------------------------

    def ident(self, name: str) -> str:
        """The Python variable of a name of the spec."""
        if name not in self.idents:
            self.idents[name] = self.pool.take(names.identifier(name))
        return self.idents[name]

    def helper(self, name: str) -> str:
        """A variable that the spec does not name."""
        key = f"<{name}>"
        if key not in self.idents:
            self.idents[key] = self.pool.take(name)
        return self.idents[key]

    def declare(self, name: str, kind: str, annotation: str = "int") -> None:
        """Say what a name is."""
        self.kinds[name] = kind
        self.types[name] = annotation

    def in_init(self, node: tree.Name) -> Py:
        """A name in the constructor."""
        name = node.name
        if self.kinds.get(name) in ("formal", "where", "item", "size", "axis"):
            return Py(self.ident(name), uses=frozenset((name,)), real=self.types.get(name) == "float")
        refuse("export-runtime", self.frame.place(node), name=name, layer=self.frame.layer.name)

    def in_forward(self, node: tree.Name) -> Py:
        """A name in `forward`."""
        name = node.name
        kind = self.kinds.get(name)
        if name in self.inline:
            return Py(self.inline[name])
        if kind in ("formal", "item", "size"):
            self.stored[name] = None
            return Py(f"self.\x01{name}\x01", real=self.types.get(name) == "float")
        if kind == "where":
            return self._where_in_forward(name)
        if kind in ("axis", "runtime"):
            return Py(self.runtime(name))
        refuse("export-expression", self.frame.place(node), shown=name)

    def runtime(self, name: str) -> str:
        """A number that the input tells, as a variable of `forward`."""
        if self.parent is not None:
            self.arguments[name] = "int"
            return self.ident(name)
        if self.kinds.get(name) == "axis" and name not in self.axes:
            self.axes[name] = None
            self.header.append(Line(f"{self.ident(name)} = {self._axis(name)}"))
        return self.ident(name)

    def _axis(self, name: str) -> str:
        signature = self.frame.layer.signature
        assert signature is not None
        for declared in signature.inputs:
            stars = [index for index, axis in enumerate(declared.axes) if isinstance(axis, tree.Star)]
            for index, axis in enumerate(declared.axes):
                if isinstance(axis, tree.Name) and axis.name == name:
                    position = index - len(declared.axes) if stars and stars[0] < index else index
                    if self.project.channels_last and is_image(declared):
                        position = index if index == 0 else -1 if index == 1 else index - 1
                    text = f"{self.ident(declared.name)}.shape[{position}]"
                    return keras_helpers.late(text) if self.project.dialect.framework == "keras" else text
        refuse("export-runtime", self.frame.place(signature), name=name, layer=self.frame.layer.name)

    def _where_in_forward(self, name: str) -> Py:
        """A named integer: kept from the constructor, or computed again where it hangs on the input."""
        statement = self.wheres[name]
        if not self._hangs_on_input(statement.value):
            self.stored[name] = None
            return Py(f"self.\x01{name}\x01")
        if self.parent is not None:
            self.arguments[name] = "int"
            return Py(self.ident(name))
        if name not in self.axes:
            self.axes[name] = None
            value = self.forward_scalars.write(statement.value)
            self.header.append(Line(f"{self.ident(name)} = {value.text}"))
        return Py(self.ident(name))

    def _hangs_on_input(self, node: object) -> bool:
        if isinstance(node, tree.Name):
            if self.kinds.get(node.name) == "where":
                return self._hangs_on_input(self.wheres[node.name].value)
            return self.kinds.get(node.name) in ("axis", "runtime")
        if isinstance(node, tree.Node):
            return any(self._hangs_on_input(value) for value in vars(node).values())
        return isinstance(node, tuple) and any(self._hangs_on_input(value) for value in node)

    @property
    def init_scalars(self) -> Scalars:
        """Writes numbers for the constructor."""
        return Scalars(self.in_init, self.frame.definition.source, self.project.policy)

    @property
    def forward_scalars(self) -> Scalars:
        """Writes numbers for `forward`."""
        source, training = self.frame.definition.source, self.project.dialect.training
        return Scalars(self.in_forward, source, self.project.policy, training)

    # --- sizes ------------------------------------------------------------------------------------

    def size(self, value: Dim, node: tree.Node) -> Py:
        """A size in the constructor. Refuses one that only the input of the model tells."""
        texts: dict[str, Py] = {}
        for name in free_symbols(value):
            known = self._symbol(name)
            if known is None:
                refuse("export-size", self.frame.place(node), layer=self.frame.layer.name)
            texts[name] = known
        return dim(value, texts)

    def knows(self, value: Dim) -> bool:
        """Whether a size can be written in this constructor."""
        return all(self._symbol(name) is not None for name in free_symbols(value))

    def _symbol(self, name: str) -> Py | None:
        if name in self.sizes:
            return self.sizes[name]
        if name in self.study.entries:
            owner, position = self.study.entries[name]
            return Py(f"{self.ident(owner)}{position}", uses=frozenset((owner,)))
        if name.startswith(OPAQUE):
            return None
        if self.kinds.get(name) in ("formal", "where", "item", "size", "axis"):
            return Py(self.ident(name), uses=frozenset((name,)))
        return None

    def stand_in(self, hint: str, text: Py) -> Dim:
        """A new symbol for a size that only Python text tells."""
        self.study.fresh += 1
        name = f"{hint}{OPAQUE}{self.study.fresh}"
        self.sizes[name] = text
        return symbol(name, 1)

    def new_size(self, hint: str) -> str:
        """A new variable for a size that changes: its name."""
        name = self.pool.take(hint)
        self.idents[name] = name
        self.declare(name, "size")
        return name

    # --- modules ----------------------------------------------------------------------------------

    def member(self, name: str, node: tree.Node, plain: bool = True) -> str:
        """The name of a submodule or parameter, as it stands in paths: refused where PyTorch has an attribute of it,
        and with `_` behind it where Keras has.

        plain: it is written as an attribute, so that it may not be a word of Python.
        """
        taken = names.checked(name) in self.project.dialect.members or name.startswith("__")
        if taken and self.project.dialect.framework == "keras" and not name.startswith("__"):
            name, taken = f"{name}_", False
        if taken or (plain and keyword.iskeyword(name)):
            refuse("export-member", self.frame.place(node), name=name)
        self.attributes.add(name)
        return name

    def owner_of(self, instance: Instance) -> Made | None:
        """Where a layer object was made: here, or in a class around."""
        found = self.made.get(id(instance))
        return found if found is not None or self.parent is None else self.parent.owner_of(instance)

    def reference(self, found: Made) -> str:
        """How `forward` refers to a layer object: an attribute, or an argument where it belongs to a class around."""
        if found.turn:
            return found.turn
        if found.writer is self:
            if keyword.iskeyword(found.attribute):
                return f"getattr(self, {names.text(found.attribute)})"
            return f"self.{found.attribute}"
        self.modules[found.attribute] = found
        return self.ident(f"{found.attribute}")

    def device(self) -> str:
        """Where tensors made from numbers go: where the first input is."""
        if self.parent is not None:
            self.arguments["device"] = "torch.device"
            return "device"
        signature = self.frame.layer.signature
        if signature is None or not signature.inputs:
            return "device"
        return f"{self.ident(signature.inputs[0].name)}.device"

    def dtype(self) -> str:
        """The precision of tensors made from numbers: that of the first input of floats, else of the parameters."""
        if self.parent is not None:
            self.arguments["dtype"] = "torch.dtype"
            return "dtype"
        signature = self.frame.layer.signature
        if signature is None or not signature.inputs:
            return "dtype"
        for declared in signature.inputs:
            if declared.dtype is None:
                return f"{self.ident(declared.name)}.dtype"
        return "next(self.parameters()).dtype"

    def temporary(self, text: str) -> str:
        """A variable of `forward` for an expression that is used more than once."""
        name = self.pool.take("hidden")
        self.forward.append(Line(f"{name} = {text}"))
        return name

    def child(self, name: str) -> Writer:
        """The writer of one turn of a loop: it sees the names of this one."""
        return Writer(
            self.project,
            self.study,
            name,
            self,
            dict(self.kinds),
            dict(self.types),
            self.idents,
            self.pool,
            dict(self.wheres),
            dict(self.sizes),
            inline=dict(self.inline),
        )

    # --- finishing --------------------------------------------------------------------------------

    def captured(self, exported: list[str]) -> list[str]:
        """The names of the class around that the constructor of this turn needs, if it gives some sizes too."""
        used = live(self.init, [*self.stored, *self.exported_uses(exported)])
        own = self.own_names()
        return [name for name in self.kinds if name in used and name not in own]

    def own_names(self) -> set[str]:
        """The variables that this constructor assigns."""
        return {line.sets for line in _lines(self.init) if line.sets}

    def exported_uses(self, exported: list[str]) -> set[str]:
        """What the expressions of exported sizes use."""
        return set[str]().union(*(self.exports[name]().uses for name in exported)) if exported else set()

    def settle(self, nodes: list[Node], wanted: list[str]) -> set[str]:
        """Drop what nobody needs of the constructor."""
        used = live(nodes, wanted)
        drop(nodes, used)
        return used

    def attribute_names(self) -> dict[str, str]:
        """The attribute that each kept parameter has: its own name, unless a submodule has it."""
        found: dict[str, str] = {}
        for name in self.stored:
            wanted = self.ident(name)
            if wanted in self.attributes or wanted in self.project.dialect.members:
                wanted = f"{wanted}_value"
            while wanted in self.attributes:
                wanted += "_"
            found[name] = wanted
        return found


def _lines(nodes: list[Node]) -> list[Line]:
    found: list[Line] = []
    for node in nodes:
        if isinstance(node, Line):
            found.append(node)
        else:
            for part in (getattr(node, "body", []), getattr(node, "other", []), getattr(node, "sizes", [])):
                found.extend(_lines(part))
    return found


def with_attributes(text: str, found: dict[str, str]) -> str:
    """Text with the names of kept parameters put in."""
    return STORED.sub(lambda match: found[match.group(1)], text)


def is_image(declared: tree.TensorDecl) -> bool:
    """Whether a tensor is declared as images or volumes: `[B, c, H, W]`."""
    plane = [axis.name if isinstance(axis, tree.Name) else "" for axis in declared.axes[2:]]
    return len(plane) > 1 and all(name in ("D", "H", "W") for name in plane)


def call_arguments(node: tree.Expression | None) -> tuple[tree.Argument, ...]:
    """The arguments written behind a layer."""
    return node.arguments if isinstance(node, tree.Call) else ()
