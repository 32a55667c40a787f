"""What writes into tensors: pieces that are put in, memory that is filled."""

from __future__ import annotations

from typing import Any

from archspec.importing.lift.lifter import Axis, Lifter, tensor, tensors_in
from archspec.importing.lift.rules.registry import Refused, result, rule, source
from archspec.importing.lift.shapes import spread, steps_of

Node = dict[str, Any]


@rule("__setitem__")
def _(lifter: Lifter, node: Node) -> None:
    """`x[…] = y`: one axis after the other, the innermost first."""
    whole, part = source(node), tensor(node["a"][2])
    places = node["a"][1]
    places = list(places) if isinstance(places, list) else [places]
    if part is None or any(True for _ in tensors_in(places)):
        raise Refused("of what is no tensor, or at places that a tensor says")
    steps = steps_of(lifter.shape(whole), spread(places, len(lifter.shape(whole))))
    if steps == []:  # all of it
        steps = [("Slice", {"start": 0, "dim": Axis(0)}, lifter.shape(whole))]
    if not steps or any(layer != "Slice" for layer, _, _ in steps) or lifter.shape(part) != steps[-1][2]:
        raise Refused("at other places than pieces of axes, or of a tensor of another shape")
    wholes = [whole]
    for layer, arguments, shape in steps[:-1]:
        wholes.append(lifter.new(shape, whole))
        lifter.emit(layer, (wholes[-2],), (wholes[-1],), arguments)
    (after,) = node["w"]
    for before, (_, arguments, _) in zip(reversed(wholes), reversed(steps), strict=True):
        written = after if before == whole else lifter.new(lifter.shape(before), after, fresh=True)
        lifter.emit("SliceScatter", (before, part), (written,), {one: arguments[one] for one in ("start", "dim")})
        part = written


@rule("zero_", "fill_")
def _(lifter: Lifter, node: Node) -> None:
    # What a piece of memory holds changes no size, and the gradient of what it held is zero: nothing is kept.
    if len(list(tensors_in(node["a"]))) != 1:
        raise Refused("with a tensor")
    lifter.same(result(node), source(node))
