"""Axes of size 1: where a strided view needs no copy, and what is taken for granted of the others.

Axes in another order than their memory can be merged into one only by a copy, unless at most one of them is larger
than 1. A size that may be 1 is taken to be larger; this is recorded, and where a number violates it, the model is
derived anew with that symbol fixed.
"""

from __future__ import annotations

from archspec.algebra import Dim, Poly, compare, free_symbols
from archspec.elaborate import expressions
from archspec.elaborate.bounds import at_bound
from archspec.elaborate.conditions import Hanging, decide, judge, settle, show
from archspec.elaborate.frame import Frame
from archspec.elaborate.program import Assumption, Shape, Tensor
from archspec.syntax import tree


def is_copied(frame: Frame, item: tree.SaveItem, tensor: Tensor) -> bool:
    """Whether `contiguous(name)` makes a copy of a tensor: of a strided one, but where its leading axes are one."""
    if not tensor.strided:
        return False
    facts = frame.context.facts
    larger, unsure = 0, []
    for size in _leading(frame, item.name, tensor.shape):
        verdict = compare(at_bound(size), ">", 1, facts)
        larger += verdict is True
        if verdict is None:
            unsure.append(size)
    if larger + len(unsure) < 2:
        return False
    for size in unsure[: max(0, 2 - larger)]:
        _take_as_larger(frame, item, size)
    return True


def holds(frame: Frame, condition: tree.Expression | None) -> bool:
    """Whether the condition of a view holds. In `size == 1`, a size of which that is open is taken to be larger."""
    if condition is None:
        return True
    verdict = judge(frame, condition, expressions.evaluate)
    if not isinstance(verdict, Hanging):
        return verdict
    if verdict.op == "==" and verdict.right == 1 and _take_as_larger(frame, condition, verdict.left):
        verdict = judge(frame, condition, expressions.evaluate)
    return settle(frame, verdict) if isinstance(verdict, Hanging) else verdict


def _leading(frame: Frame, name: str, shape: Shape) -> Shape:
    """The axes that a layer wants as one: those that `*` stands for in its signature, else all but the last."""
    signature = frame.layer.signature
    for declared in signature.inputs if signature is not None else ():
        stars = [place for place, axis in enumerate(declared.axes) if isinstance(axis, tree.Star)]
        if declared.name == name and stars:
            return shape[stars[0] : len(shape) - (len(declared.axes) - stars[0] - 1)]
    return shape[:-1]


def _take_as_larger(frame: Frame, node: tree.Node, size: Dim) -> bool:
    """Take a size to be at least 2, and record it. False where nothing can be said: it hangs on the turn of a loop."""
    context = frame.context
    if context.lenient:
        return False
    verdict = decide(frame, node, size, ">", 1)
    if isinstance(verdict, bool):
        return verdict
    size = at_bound(size)
    if not isinstance(size, Poly) or not free_symbols(size) <= context.symbols.keys():
        return False
    assumption = Assumption(f"{show(size)} >= 2", ">=", size, 2, None, "small", None, frame.place(node))
    if all(known.text != assumption.text for known in context.assumptions):
        context.assumptions.append(assumption)
    context.facts.assume_nonneg(size - 2)
    return True
