"""Products of two tensors along axes that are named: those that are products of matrices."""

from __future__ import annotations

from typing import Any

from archspec.importing.lift import shapes
from archspec.importing.lift.lifter import Lifter, tensors_in
from archspec.importing.lift.rules.registry import Refused, result, rule

Node = dict[str, Any]


@rule("einsum")
def _(lifter: Lifter, node: Node) -> None:
    operands = list(tensors_in(node["a"]))
    equation = str(node["a"][0]).replace(" ", "")
    terms, arrow, out = equation.partition("->")
    parts = terms.split(",")
    if not arrow or len(parts) != 2 or len(operands) != 2 or "." in equation:
        raise Refused("of other than two tensors, or without an arrow")
    left, right = parts
    batch = [one for one in out if one in left and one in right]
    rows = [one for one in out if one in left and one not in right]
    columns = [one for one in out if one in right and one not in left]
    summed = [one for one in left if one in right and one not in out]
    if len(rows) != 1 or len(columns) != 1 or len(summed) != 1 or len(batch) != len(left) - 2:
        raise Refused("that is no product of matrices")
    first = _arranged(lifter, operands[0], left, [*batch, *rows, *summed])
    second = _arranged(lifter, operands[1], right, [*batch, *summed, *columns])
    found = [*batch, *rows, *columns]
    if found == list(out):
        lifter.emit("MatMul", (first, second), (result(node),))
        return
    shape = [*(lifter.shape(result(node))[out.index(one)] for one in found)]
    product = lifter.new(shape, result(node))
    lifter.emit("MatMul", (first, second), (product,))
    shapes.permute(lifter, product, result(node), [found.index(one) for one in out])


def _arranged(lifter: Lifter, value: int, axes: str, wanted: list[str]) -> int:
    """A value with its axes in another order."""
    order = [axes.index(one) for one in wanted]
    if order == sorted(order):
        return value
    seen = lifter.new([lifter.shape(value)[one] for one in order], value)
    shapes.permute(lifter, value, seen, order)
    return seen
