"""Calls that stand for one layer, written in the notation: `x -> Unflatten(-1, [h, e]) -> Permute([0, 2, 1, 3])`.

A name in the place of a tensor stands for any tensor, in the place of a number for any number; the same name always for
the same. Sums and products match in either order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from archspec.errors.diagnostic import Diagnostics
from archspec.importing.lift.spellings import formals
from archspec.importing.program import Call, Real, Slot, Template
from archspec.syntax import tree
from archspec.syntax.parser import parse
from archspec.syntax.source import Source


@dataclass(frozen=True)
class Leaf:
    """Any tensor."""

    name: str


@dataclass(frozen=True)
class Step:
    """A layer on tensors; `name` where its instance must have that name."""

    layer: str
    arguments: tuple[tuple[str, tree.Expression], ...]
    inputs: tuple[Pattern, ...]
    name: str | None = None


Pattern: TypeAlias = "Leaf | Step"
Found: TypeAlias = "int | float"


@dataclass
class Match:
    """What names stand for, and the calls that matched, the last one first."""

    tensors: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, Found] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def copy(self) -> Match:
        """Another one that may grow by itself."""
        return Match(dict(self.tensors), dict(self.numbers), list(self.calls))


@cache
def pattern(text: str) -> Pattern:
    """An expression of the notation as a pattern."""
    diagnostics = Diagnostics()
    file = parse(Source("pattern", f"layer P {{\n x[*] -> y[*]\n y = {text}\n}}\n"), diagnostics)
    layer = file.items[0]
    if diagnostics.found or not isinstance(layer, tree.Layer):
        raise ValueError(f"{text} is no expression")
    (assigned,) = (one for one in layer.body if isinstance(one, tree.Assign))
    return _pattern(assigned.value)


@cache
def layers_in(text: str) -> frozenset[str]:
    """The layers that must be there for a pattern to match."""
    return frozenset(_layers(pattern(text)))


def _layers(wanted: Pattern) -> Iterator[str]:
    if isinstance(wanted, Step):
        yield wanted.layer
        for one in wanted.inputs:
            yield from _layers(one)


def _pattern(node: tree.Expression) -> Pattern:
    if isinstance(node, tree.Name):
        return Leaf(node.name)
    if isinstance(node, tree.Group) and len(node.items) == 1:
        return _pattern(node.items[0])
    if isinstance(node, tree.Pipe):
        values = node.value.items if isinstance(node.value, tree.Group) else (node.value,)
        found = tuple(_pattern(one) for one in values)
        for stage in node.stages:
            found = (_step(stage, found),)
        return found[0]
    if isinstance(node, tree.Binary):
        if isinstance(node.left, tree.Number):
            return Step("Scale" if node.op == "*" else "Shift", (("by", node.left),), (_pattern(node.right),))
        if node.op == "**":
            return Step("Pow", (("exponent", node.right),), (_pattern(node.left),))
        return Step(node.op, (), (_pattern(node.left), _pattern(node.right)))
    raise ValueError(f"{type(node).__name__} has no place in a pattern")


def _step(stage: tree.Stage, inputs: tuple[Pattern, ...]) -> Step:
    layer = stage.layer
    given: tuple[tree.Argument, ...] = ()
    if isinstance(layer, tree.Call):
        given, layer = layer.arguments, layer.function
    if not isinstance(layer, tree.Name):
        raise ValueError("a pattern names layers of the library")
    names = list(formals(layer.name))
    arguments = tuple((one.name or names[place], one.value) for place, one in enumerate(given))
    return Step(layer.name, arguments, inputs, stage.name)


def matches(
    wanted: Pattern, value: int, made: Mapping[int, Call], uses: Mapping[int, int], known: Match
) -> Iterator[Match]:
    """How a value can be what is wanted. made: the calls that may be taken, by the one thing that is used of what they
    give. What is inside may not be used elsewhere.
    """
    if isinstance(wanted, Leaf):
        if known.tensors.get(wanted.name, value) == value:
            found = known.copy()
            found.tensors[wanted.name] = value
            yield found
        return
    call = made.get(value)
    if call is None or call.layer != wanted.layer or len(call.inputs) != len(wanted.inputs):
        return
    if (known.calls and uses[value] != 1) or (wanted.name is not None and call.name != wanted.name):
        return
    found = known.copy()
    found.calls.append(call)
    given = dict(call.arguments)
    if not all(_agrees(one, given.get(name), call, found) for name, one in wanted.arguments):
        return
    orders = [call.inputs, call.inputs[::-1]] if wanted.layer in ("+", "*") else [call.inputs]
    for inputs in orders:
        yield from _inputs(wanted.inputs, inputs, made, uses, found)


def _inputs(
    wanted: Sequence[Pattern], values: Sequence[int], made: Mapping[int, Call], uses: Mapping[int, int], known: Match
) -> Iterator[Match]:
    if not wanted:
        yield known
        return
    for first in matches(wanted[0], values[0], made, uses, known):
        yield from _inputs(wanted[1:], values[1:], made, uses, first)


def _agrees(wanted: tree.Expression, given: Template, call: Call, found: Match) -> bool:
    value = _plain(given, call)
    if isinstance(wanted, tree.Name):
        return isinstance(value, int | float) and found.numbers.setdefault(wanted.name, value) == value
    if isinstance(wanted, tree.ListLiteral):
        parts = given if isinstance(given, tuple) else ()
        return len(parts) == len(wanted.items) and all(
            _agrees(one, part, call, found) for one, part in zip(wanted.items, parts, strict=True)
        )
    return value == literal(wanted)


def _plain(given: Template, call: Call) -> Template | float:
    if isinstance(given, Slot):
        return call.numbers[given.place]
    return call.reals[given.place] if isinstance(given, Real) else given


def literal(node: tree.Expression) -> bool | float | str | None:
    """The value of a literal; None of anything else."""
    if isinstance(node, tree.Unary) and node.op == "-":
        value = literal(node.operand)
        return -value if isinstance(value, int | float) else None
    if isinstance(node, tree.Number):
        return float(node.value) if "." in node.text or "e" in node.text else int(node.value)
    return node.value if isinstance(node, tree.Flag | tree.Text) else None


__all__ = ["Leaf", "Match", "Pattern", "Step", "literal", "matches", "pattern"]
