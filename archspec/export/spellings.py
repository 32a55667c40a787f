"""The framework spelling of a layer: which one holds, and what it says in Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from archspec.elaborate import expressions
from archspec.elaborate.frame import Frame
from archspec.elaborate.values import Definition
from archspec.export import names
from archspec.export.allowed import FACTORIES, is_allowed, is_module
from archspec.export.observe import bindings, call_key
from archspec.export.problems import refuse
from archspec.export.scalars import ATOM, Py, Scalars
from archspec.export.study import GIVEN_UP
from archspec.syntax import tree
from archspec.syntax.source import Place

if TYPE_CHECKING:
    from archspec.export.project import Project


def inputs_of(layer: tree.Layer) -> list[str]:
    """The names of a layer's inputs."""
    return [declared.name for declared in layer.signature.inputs] if layer.signature is not None else []


def holding(frame: Frame, project: Project) -> list[tree.Binding]:
    """The spellings of a called layer that hold in every call that the model makes here, in the library's order."""
    framework = project.dialect.framework
    written = bindings(frame.layer, framework)
    calls = project.observed.spellings.get(call_key(frame, framework), [])
    return [
        statement
        for index, statement in enumerate(written)
        if (all(index in one for one in calls) if calls else _holds(frame, statement.when))
    ]


def refuse_none(frame: Frame, project: Project, statement: tree.Binding) -> NoReturn:
    """Refuse a layer that the library says there is no equal of."""
    place = frame.caller.place(frame.call) if frame.caller is not None and frame.call is not None else None
    reason = names.comment(statement.reason or "")
    refuse("export-none", place, layer=frame.layer.name, framework=project.dialect.framework, reason=reason)


def _holds(frame: Frame, condition: tree.Expression | None) -> bool:
    try:
        return expressions.truth(frame, condition)
    except GIVEN_UP:
        return False


@dataclass(frozen=True)
class Made:
    """The layer objects inside a spelling: the calls that make them, the main one first, and the whole spelling."""

    calls: tuple[tree.Call, ...]
    whole: tree.Expression

    @property
    def alone(self) -> bool:
        """Whether the spelling only makes one: it is called on the inputs as they come."""
        return self.calls[0] is self.whole


def made_in(binding: tree.Binding, framework: str) -> Made | None:
    """The layer objects that a spelling makes; None for a plain function."""
    assert binding.call is not None
    found = modules_in(binding, framework)
    return Made(tuple(found), binding.call) if found else None


def modules_in(binding: tree.Binding, framework: str) -> list[tree.Call]:
    """The calls in a spelling that make layer objects, the outer ones first."""
    found: list[tree.Call] = []
    _modules(binding.call, framework, found)
    return found


def _modules(node: object, framework: str, found: list[tree.Call]) -> None:
    if isinstance(node, tree.Call) and _space(node.function, framework):
        found.append(node)
    elif isinstance(node, tree.Node):
        for value in vars(node).values():
            _modules(value, framework, found)
    elif isinstance(node, tuple):
        for value in node:
            _modules(value, framework, found)


def _space(node: tree.Expression, framework: str) -> bool:
    if not (isinstance(node, tree.Attribute) and isinstance(node.value, tree.Name)):
        return False
    return is_module(framework, node.value.name)


@dataclass(frozen=True)
class Spelled:
    """Writes a spelling. given: parameters that the caller gives; device: where tensors made from numbers go.

    made: the layer object that is written; modules: what to write for those that are made already.
    """

    scalars: Scalars
    definition: Definition
    framework: str
    given: frozenset[str]
    device: str | None = None
    made: tree.Call | None = None
    modules: dict[int, str] = field(default_factory=dict)

    def write(self, node: tree.Expression) -> Py:
        """A spelling, or a part of one, in Python."""
        if id(node) in self.modules:
            return Py(self.modules[id(node)])
        if isinstance(node, tree.Call):
            return self._call(node)
        if isinstance(node, tree.Index):
            value, index = self.write(node.value), self.write(node.index)
            return Py(f"{value.within(ATOM)}[{index.text}]", uses=value.uses | index.uses)
        if isinstance(node, tree.ListLiteral | tree.Group) and _has_call(node):
            items = [self.write(item) for item in node.items]
            inner = ", ".join(item.text for item in items)
            uses = frozenset[str]().union(*(item.uses for item in items))
            return Py(f"({inner},)" if len(items) == 1 else f"({inner})", uses=uses)
        if isinstance(node, tree.Binary) and _has_call(node):
            return self.scalars.joined(self.write(node.left), node.op, self.write(node.right))
        return self.scalars.write(node)

    def _call(self, node: tree.Call) -> Py:
        function = node.function
        if isinstance(function, tree.Call):
            head = self.write(function)
        elif isinstance(function, tree.Attribute) and isinstance(function.value, tree.Name):
            head = Py(self._checked(function, function.value.name, function.name))
        else:
            return self.scalars.write(node)
        uses = head.uses
        texts: list[str] = []
        for argument in node.arguments:
            if self._is_default(argument, node):
                continue
            value = self.write(argument.value)
            uses |= value.uses
            texts.append(value.text if argument.name is None else f"{names.checked(argument.name)}={value.text}")
        if self.framework == "torch" and isinstance(function, tree.Attribute) and function.name in FACTORIES:
            texts.append(f"device={self.device or 'device'}")
        return Py(f"{head.text}({', '.join(texts)})", uses=uses)

    def _is_default(self, argument: tree.Argument, node: tree.Call) -> bool:
        """`stride = stride`, when the spec does not give it: the library has the framework's defaults (a test
        compares them).
        """
        value = argument.value
        if argument.name is None or not isinstance(value, tree.Name) or node is not self.made:
            return False
        defaults = {formal.name: formal.default for formal in self.definition.layer.formals}
        default = defaults.get(value.name)
        if default is None or value.name in self.given:
            return False
        # Keras has other epsilons, rates and slopes than PyTorch, and other flags that are off: these are always said.
        written = self.scalars.write(default)
        return self.framework == "torch" or not (written.real or written.text == "False")

    def _checked(self, node: tree.Node, space: str, name: str) -> str:
        if not is_allowed(self.framework, space, name):
            place = Place(self.definition.source, node.start, node.end)
            refuse("export-not-allowed", place, name=f"{space}.{name}", layer=self.definition.layer.name)
        return f"keras.{space}.{name}" if self.framework == "keras" else f"{space}.{name}"


def _has_call(node: tree.Node) -> bool:
    """Whether a framework is called in an expression."""
    if isinstance(node, tree.Call):
        return not isinstance(node.function, tree.Name)
    return any(
        _has_call(one)
        for value in vars(node).values()
        for one in (value if isinstance(value, tuple) else (value,))
        if isinstance(one, tree.Node)
    )
