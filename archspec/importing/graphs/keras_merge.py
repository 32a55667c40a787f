"""Layers and operations of several tensors: sums, products, joins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.importing.graphs.keras_lift import KerasLift
from archspec.importing.graphs.keras_rules import Rule, layer, operation
from archspec.importing.graphs.settings import named_axis
from archspec.importing.lift.lifter import tensor, tensors_in
from archspec.importing.lift.rules.registry import Refused

Node = dict[str, Any]


def alike(k: KerasLift, values: Sequence[int]) -> list[int]:
    """Tensors with their channels in one place: where the first has them that has positions."""
    ranks = {len(k.shape(one)) for one in values}
    wide = [one for one in values if len(k.shape(one)) > 2]
    moved = len(ranks) == 1 and bool(wide) and k.is_moved(wide[0])
    return [k.want(one, moved) for one in values]


def _shape(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    size = max(len(one), len(other))
    left, right = [1] * (size - len(one)) + list(one), [1] * (size - len(other)) + list(other)
    if any(a != b and 1 not in (a, b) for a, b in zip(left, right, strict=True)):
        raise Refused(f"of {list(one)} and {list(other)}")
    return tuple(max(pair) for pair in zip(left, right, strict=True))


def combine(k: KerasLift, name: str, values: Sequence[int]) -> int:
    """Two and two, from the left."""
    values = alike(k, values)
    made = values[0]
    for other in values[1:]:
        moved = k.is_moved(made)
        made = k.apply(name, (made, other), _shape(k.shape(made), k.shape(other)))
        if moved:
            k.moved.add(made)
    return made


def _merge(name: str, *, two: bool = False, average: bool = False) -> Rule:
    def lift(k: KerasLift, node: Node) -> None:
        values = k.tensors(node)
        if len(values) < 2 or (two and len(values) != 2):
            raise Refused(f"of {len(values)} tensors")
        made = combine(k, name, values)
        if average:
            moved = k.is_moved(made)
            made = k.apply("Scale", (made,), k.shape(made), {"by": 1.0 / len(values)})
            if moved:
                k.moved.add(made)
        k.finish(node, made, k.is_moved(made))

    return lift


layer("Add")(_merge("+"))
layer("Subtract")(_merge("-", two=True))
layer("Multiply")(_merge("*"))
layer("Maximum")(_merge("Maximum"))
layer("Minimum")(_merge("Minimum"))
layer("Average")(_merge("+", average=True))


@layer("Concatenate")
@operation("Concatenate")
def _(k: KerasLift, node: Node) -> None:
    values = alike(k, k.tensors(node))
    if len({len(k.shape(one)) for one in values}) > 1:
        raise Refused("of tensors with other numbers of axes")
    moved = k.is_moved(values[0])
    dim = named_axis(k, values[0], int(node["set"].get("axis", -1)))
    if len(values) == 1:
        k.finish(node, values[0], moved)
        return
    made = k.apply("Concat", values, k.expected(node, moved), {"dim": dim}, own=node["layer"])
    k.finish(node, made, moved)


def _operator(name: str) -> Rule:
    def lift(k: KerasLift, node: Node) -> None:
        operands = [*node["a"], *node["k"].values()][:2]
        tensors = [tensor(one) for one in operands]
        if all(one is not None for one in tensors):
            made = combine(k, name, [k.lifter.find(int(one or 0)) for one in tensors])
            k.finish(node, made, k.is_moved(made))
            return
        value = next(int(one) for one in tensors if one is not None)
        number = next(one for one, found in zip(operands, tensors, strict=True) if found is None)
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise Refused("of something else than tensors and numbers")
        value, left = k.lifter.find(value), tensors[0] is not None
        moved = k.is_moved(value)
        for layer_name, by in _steps(name, float(number), left):
            value = k.apply(layer_name, (value,), k.shape(value), {"by": by})
        if moved:
            k.moved.add(value)
        k.finish(node, value, moved)

    return lift


def _steps(name: str, number: float, left: bool) -> list[tuple[str, float]]:
    """Layers for an operator with a number; left: the tensor comes first."""
    if name == "+":
        return [("Shift", number)]
    if name == "-":
        return [("Shift", -number)] if left else [("Scale", -1.0), ("Shift", number)]
    if name == "*":
        return [("Scale", number)]
    return [("Scale", 1.0 / (number or 1.0))] if left else [("Reciprocal", number)]


for _names, _name in (
    (("Add",), "+"), (("Subtract",), "-"), (("Multiply",), "*"), (("Divide", "TrueDivide"), "/"),
):  # fmt: skip
    operation(*_names)(_operator(_name))
operation("Maximum")(_merge("Maximum"))
operation("Minimum")(_merge("Minimum"))


@operation("Stack")
def _(k: KerasLift, node: Node) -> None:
    from archspec.importing.lift.lifter import Axis

    values = [k.want(one, False) for one in tensors_in(node["a"])]
    wanted = k.expected(node, False)
    at = int(node["set"].get("axis", 0)) % len(wanted)
    raised = [
        k.apply("Unsqueeze", (one,), (*k.shape(one)[:at], 1, *k.shape(one)[at:]), {"dim": Axis(at)}) for one in values
    ]
    k.finish(node, k.apply("Concat", raised, wanted, {"dim": Axis(at)}))
