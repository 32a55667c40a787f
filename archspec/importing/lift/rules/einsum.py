"""Products of two tensors along axes that are named, which run as products of matrices."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import prod
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
    used = [*batch, *summed]
    if not rows or not columns or not summed or {*left} != {*used, *rows} or {*right} != {*used, *columns}:
        raise Refused("that is no product of matrices")
    first = _arranged(lifter, operands[0], left, [*batch, *rows, *summed])
    second = _arranged(lifter, operands[1], right, [*batch, *summed, *columns])
    found = [*batch, *rows, *columns]
    sizes = [lifter.shape(result(node))[out.index(one)] for one in found]
    product = lifter.new(sizes, result(node))
    if len(rows) == len(columns) == len(summed) == 1:
        if found == list(out):
            product = result(node)
        lifter.emit("MatMul", (first, second), (product,))
    else:
        # Axes of one kind are one axis of the product.
        first = _merged(lifter, first, [len(batch), len(rows), len(summed)])
        second = _merged(lifter, second, [len(batch), len(summed), len(columns)])
        shape = [*lifter.shape(first)[:-1], lifter.shape(second)[-1]]
        flat = lifter.new(shape, result(node))
        lifter.emit("MatMul", (first, second), (flat,))
        shapes.reshape(lifter, flat, product)
    if product != result(node):
        shapes.permute(lifter, product, result(node), [found.index(one) for one in out])


def _arranged(lifter: Lifter, value: int, axes: str, wanted: list[str]) -> int:
    """A value with its axes in another order."""
    order = [axes.index(one) for one in wanted]
    if order == sorted(order):
        return value
    known = lifter.value(value)
    seen = lifter.new([known.shape[one] for one in order], value)
    lifter.values[seen] = replace(lifter.values[seen], strides=tuple(known.strides[one] for one in order))
    shapes.permute(lifter, value, seen, order)
    return seen


def _merged(lifter: Lifter, value: int, counts: list[int]) -> int:
    """A value with as many axes as one as are said, group by group: in new memory where they lie apart."""
    known = lifter.value(value)
    shape: list[int] = []
    apart = False
    start = 0
    for count in counts:
        group = range(start, start + count)
        shape.append(prod(known.shape[one] for one in group))
        steps = [(known.strides[one], known.strides[other] * known.shape[other]) for one, other in pairwise(group)]
        apart = apart or any(step != inner for step, inner in steps)
        start += count
    if not counts[0]:
        shape = shape[1:]
    seen = lifter.new(shape, value, fresh=apart)
    shapes.reshape(lifter, value, seen)
    return seen
