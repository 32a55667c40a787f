"""The framework spelling of a library layer, made real: `torch nn.Linear(in, out)` becomes a module.

Of archspec only the parser is used. Names in a spelling are parameters, axes, inputs and `where` names of its layer;
the little evaluator here gives them plain Python values, so that it cannot share a mistake with the engine.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from archspec.errors.diagnostic import Diagnostics
from archspec.syntax import tree
from archspec.syntax.parser import parse
from archspec.syntax.source import Source

LIBRARY = Path(__file__).parents[2] / "specs" / "layers"

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@cache
def library() -> dict[str, tree.Layer]:
    """Every layer of the library by name."""
    found: dict[str, tree.Layer] = {}
    for path in sorted(LIBRARY.glob("*.arch")):
        diagnostics = Diagnostics()
        file = parse(Source(str(path), path.read_text(encoding="utf-8")), diagnostics)
        assert not diagnostics.errors, list(diagnostics)
        for item in file.items:
            if isinstance(item, tree.Layer):
                assert item.name not in found, f"{item.name} is defined twice"
                found[item.name] = item
    return found


@cache
def _sources() -> dict[str, tuple[str, str]]:
    """The file, as `activation.arch`, and the source of every layer."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(LIBRARY.glob("*.arch")):
        text = path.read_text(encoding="utf-8")
        for item in parse(Source(str(path), text), Diagnostics()).items:
            if isinstance(item, tree.Layer):
                found[item.name] = path.name, text
    return found


def file_of(name: str) -> str:
    """The file of the library that holds a layer."""
    return _sources()[name][0]


def source_of(name: str) -> str:
    """The text of the file that holds a layer."""
    return _sources()[name][1]


def bindings(layer: tree.Layer, framework: str) -> list[tree.Binding]:
    """The spellings of a layer in one framework."""
    return [one for one in layer.body if isinstance(one, tree.Binding) and one.framework == framework]


def spellings(layer: tree.Layer, framework: str) -> list[tree.Binding]:
    """Those that are a spelling, not the reason for having none."""
    return [one for one in bindings(layer, framework) if one.call is not None]


@dataclass
class Scope:
    """The names that a spelling may use, and the namespaces that it may call into."""

    names: dict[str, Any]
    spaces: dict[str, Any]
    made: tuple[tree.Expression, Any] | None = None

    def value(self, node: tree.Expression) -> Any:
        """The plain Python value of an expression. `made`: the layer object that stands for a part of it."""
        if self.made is not None and node is self.made[0]:
            return self.made[1]
        return getattr(self, "_" + type(node).__name__.lower())(node)

    def _number(self, node: tree.Number) -> int | float:
        return node.value if isinstance(node.value, int) else float(node.value)

    def _text(self, node: tree.Text) -> str:
        return node.value

    def _flag(self, node: tree.Flag) -> bool:
        return node.value

    def _name(self, node: tree.Name) -> Any:
        return self.names[node.name] if node.name in self.names else self.spaces[node.name]

    def _attribute(self, node: tree.Attribute) -> Any:
        return getattr(self.value(node.value), node.name)

    def _unary(self, node: tree.Unary) -> Any:
        operand = self.value(node.operand)
        return {"-": operator.neg, "+": operator.pos, "not": operator.not_}[node.op](operand)

    def _binary(self, node: tree.Binary) -> Any:
        if node.op == "and":
            return self.value(node.left) and self.value(node.right)
        if node.op == "or":
            return self.value(node.left) or self.value(node.right)
        left, right = self.value(node.left), self.value(node.right)
        if node.op == "/":
            quotient = Fraction(left) / Fraction(right)
            return int(quotient) if quotient.denominator == 1 else float(quotient)
        return _OPERATORS[node.op](left, right)

    def _choice(self, node: tree.Choice) -> Any:
        return self.value(node.then if self.value(node.condition) else node.other)

    def _group(self, node: tree.Group) -> tuple[Any, ...]:
        return tuple(self.value(item) for item in node.items)

    def _listliteral(self, node: tree.ListLiteral) -> list[Any]:
        return [self.value(item) for item in node.items]

    def _index(self, node: tree.Index) -> Any:
        return self.value(node.value)[self.value(node.index)]

    def _slice(self, node: tree.Slice) -> Any:
        bounds = [None if bound is None else self.value(bound) for bound in (node.lower, node.upper)]
        return self.value(node.value)[slice(*bounds)]

    def _call(self, node: tree.Call) -> Any:
        function = self.value(node.function)
        positional = [self.value(one.value) for one in node.arguments if one.name is None]
        named = {one.name: self.value(one.value) for one in node.arguments if one.name is not None}
        return function(*positional, **named)


def axis(value: Any, index: int) -> Any:
    """The language's `axis`: an entry of a list, or the one number for all."""
    return value[index] if isinstance(value, list) else value


FUNCTIONS: dict[str, Any] = {
    "min": min,
    "max": max,
    "len": len,
    "sum": sum,
    "prod": math.prod,
    "axis": axis,
    "ceil_div": lambda n, m: -(-n // m),
    "round_up": lambda n, m: -(-n // m) * m,
}


def names_of(layer: tree.Layer, arguments: dict[str, Any], shapes: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Parameters, axes and `where` names of a layer for given arguments and input shapes.

    A `where` that needs more than that (a tensor's size, the policy) is left out.
    """
    scope = Scope({}, dict(FUNCTIONS))
    for formal in layer.formals:
        if formal.name in arguments:
            scope.names[formal.name] = arguments[formal.name]
        elif formal.default is not None:
            scope.names[formal.name] = scope.value(formal.default)
    assert layer.signature is not None
    for declared, shape in zip(layer.signature.inputs, shapes, strict=True):
        _bind_axes(scope.names, declared, list(shape))
    for statement in layer.body:
        if isinstance(statement, tree.Where):
            try:
                scope.names[statement.name] = scope.value(statement.value)
            except (KeyError, AttributeError):
                continue
    return scope.names


def _bind_axes(names: dict[str, Any], declared: tree.TensorDecl, shape: list[int]) -> None:
    after = 0
    for position, one in enumerate(declared.axes):
        if isinstance(one, tree.Star):
            after = len(declared.axes) - position - 1
            if one.name is not None:
                names.setdefault(one.name, shape[: len(shape) - after])
            shape = shape[len(shape) - after :] if after else []
        else:
            size = shape.pop(0)
            if isinstance(one, tree.Name):
                names.setdefault(one.name, size)


def chosen(layer: tree.Layer, framework: str, names: dict[str, Any]) -> tree.Binding | None:
    """The spelling whose condition holds."""
    for one in bindings(layer, framework):
        if one.when is None or Scope(names, dict(FUNCTIONS)).value(one.when):
            return one
    return None


def spell(binding: tree.Binding, names: dict[str, Any], inputs: Sequence[str], spaces: dict[str, Any]) -> Any:
    """The module that a spelling makes; for one that names the inputs, a function of them.

    `nn.MultiheadAttention(…)(x, x, x)[0]` makes a module and says how it is called: the function has it as `layer`.
    """
    assert binding.call is not None
    if not _mentions(binding.call, set(inputs)):
        return Scope(names, {**FUNCTIONS, **spaces}).value(binding.call)
    call = binding.call
    inner = _called(call)
    made = None if inner is None else (inner, Scope(names, {**FUNCTIONS, **spaces}).value(inner))

    def function(*tensors: Any) -> Any:
        given = {**names, **dict(zip(inputs, tensors, strict=True))}
        return Scope(given, {**FUNCTIONS, **spaces}, made).value(call)

    if made is not None:
        function.layer = made[1]  # type: ignore[attr-defined]  # a function has what is put on it
    return function


def is_function(layer: tree.Layer, binding: tree.Binding) -> bool:
    """Whether a spelling is a function of inputs, parameters or buffers, and makes no module: `F.linear(x, weight)`."""
    assert binding.call is not None
    assert layer.signature is not None
    names = {declared.name for declared in layer.signature.inputs}
    for statement in layer.body:
        if isinstance(statement, tree.ParamDecl):
            names.update(one.name for one in statement.tensors)
    names -= {formal.name for formal in layer.formals}  # there `bias` is a flag
    return _called(binding.call) is None and (_mentions(binding.call, names) or not layer.signature.inputs)


def held_shapes(
    layer: tree.Layer, names: dict[str, Any]
) -> Iterator[tuple[tree.ParamDecl, tree.TensorDecl, tuple[int, ...]]]:
    """The parameters and buffers that a layer declares for given names, with their shapes."""
    scope = Scope(names, dict(FUNCTIONS))
    for statement in layer.body:
        if isinstance(statement, tree.ParamDecl) and (statement.when is None or scope.value(statement.when)):
            for declared in statement.tensors:
                yield statement, declared, tuple(scope.value(axis) for axis in declared.axes)


def value(binding: tree.Binding, names: dict[str, Any], spaces: dict[str, Any]) -> Any:
    """What a spelling gives, with values for every name in it."""
    assert binding.call is not None
    return Scope(names, {**FUNCTIONS, **spaces}).value(binding.call)


def _called(node: object) -> tree.Call | None:
    """The call in a spelling whose result is called."""
    if isinstance(node, tree.Call) and isinstance(node.function, tree.Call):
        return node.function
    return _called(node.value) if isinstance(node, tree.Index) else None


def _mentions(node: object, names: set[str]) -> bool:
    if isinstance(node, tree.Name):
        return node.name in names
    if isinstance(node, tree.Node):
        return any(_mentions(value, names) for value in vars(node).values())
    if isinstance(node, tuple):
        return any(_mentions(value, names) for value in node)
    return False
