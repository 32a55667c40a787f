"""Joining, cutting, and shapes seen otherwise."""

from __future__ import annotations

from typing import Any

from archspec.importing.lift import shapes
from archspec.importing.lift.lifter import Axis, Lifter, tensors_in
from archspec.importing.lift.rules.registry import (
    Refused,
    Word,
    flat,
    given,
    reshape_same,
    result,
    rule,
    source,
)

Node = dict[str, Any]


@rule("cat", "concat", "concatenate")
def _(lifter: Lifter, node: Node) -> None:
    parts = list(tensors_in(given(node, 0, "tensors")))
    dim = given(node, 1, "dim", 0)
    rank = len(lifter.shape(result(node)))
    parts = [one for one in parts if 0 not in lifter.shape(one)]
    if len(parts) == 1:
        lifter.same(result(node), parts[0])  # a copy that nobody needs: what is kept of it is as large
        return
    at = Axis(-1 if dim % rank == rank - 1 else dim % rank)
    lifter.emit("Concat", parts, (result(node),), {"dim": at})


@rule("stack")
def _(lifter: Lifter, node: Node) -> None:
    parts = list(tensors_in(given(node, 0, "tensors")))
    dim = given(node, 1, "dim", 0) % len(lifter.shape(result(node)))
    raised = []
    for one in parts:
        shape = list(lifter.shape(one))
        shape.insert(dim, 1)
        raised.append(lifter.new(shape, one))
        lifter.emit("Unsqueeze", (one,), (raised[-1],), {"dim": Axis(dim)})
    lifter.emit("Concat", raised, (result(node),), {"dim": Axis(dim)})


@rule("split", "chunk", "tensor_split", "split_with_sizes", "unsafe_split", "unsafe_chunk")
def _(lifter: Lifter, node: Node) -> None:
    shapes.split(lifter, source(node), list(tensors_in(node["o"])), given(node, 2, "dim", 0))


@rule("unbind", "__iter__")
def _(lifter: Lifter, node: Node) -> None:
    shapes.unbind(lifter, source(node), list(tensors_in(node["o"])), given(node, 1, "dim", 0))


@rule("__getitem__")
def _(lifter: Lifter, node: Node) -> None:
    shapes.index(lifter, node)


@rule("select")
def _(lifter: Lifter, node: Node) -> None:
    found = {"dim": Axis(given(node, 1, "dim")), "index": Axis(given(node, 2, "index"))}
    lifter.emit("Select", (source(node),), (result(node),), found)


@rule("narrow")
def _(lifter: Lifter, node: Node) -> None:
    found = {"start": given(node, 2, "start"), "length": given(node, 3, "length"), "dim": Axis(given(node, 1, "dim"))}
    lifter.emit("Slice", (source(node),), (result(node),), found)


@rule(
    "view",
    "reshape",
    "flatten",
    "unflatten",
    "squeeze",
    "unsqueeze",
    "view_as",
    "reshape_as",
    "ravel",
    "unsqueeze_",
    "squeeze_",
)
def _(lifter: Lifter, node: Node) -> None:
    shapes.reshape(lifter, source(node), result(node))


@rule("contiguous", "clone", "alias", "requires_grad_", "__deepcopy__", "identity", "__get__data")
def _(lifter: Lifter, node: Node) -> None:
    reshape_same(lifter, source(node), result(node))


@rule(
    "to",
    "type_as",
    "float",
    "type",
    "half",
    "bfloat16",
    "double",
    "long",
    "int",
    "bool",
    "cpu",
    "detach",
    "detach_",
    "data",
    "_to_copy",
)
def _(lifter: Lifter, node: Node) -> None:
    value, out = source(node), result(node)
    if lifter.value(value).dtype == lifter.value(out).dtype:
        reshape_same(lifter, value, out)
        return
    lifter.emit("Cast", (value,), (out,), {"to": Word(lifter.value(out).dtype)})


@rule("permute")
def _(lifter: Lifter, node: Node) -> None:
    shapes.permute(lifter, source(node), result(node), flat(node, 1) or list(node["k"].get("dims", [])))


@rule("transpose", "swapaxes", "swapdims", "transpose_")
def _(lifter: Lifter, node: Node) -> None:
    one, other = given(node, 1, "dim0", node["k"].get("axis0")), given(node, 2, "dim1", node["k"].get("axis1"))
    shapes.exchange(lifter, source(node), result(node), one, other)


@rule("t", "T", "mT", "adjoint")
def _(lifter: Lifter, node: Node) -> None:
    shapes.exchange(lifter, source(node), result(node), -1, -2)


@rule("movedim", "moveaxis")
def _(lifter: Lifter, node: Node) -> None:
    rank = len(lifter.shape(source(node)))
    start, end = given(node, 1, "source"), given(node, 2, "destination")
    starts, ends = ([one % rank for one in (part if isinstance(part, list) else [part])] for part in (start, end))
    order: list[int | None] = [None] * rank
    for one, other in zip(starts, ends, strict=True):
        order[other] = one
    rest = iter(one for one in range(rank) if one not in starts)
    shapes.permute(lifter, source(node), result(node), [next(rest) if one is None else one for one in order])


@rule("expand", "expand_as", "broadcast_to")
def _(lifter: Lifter, node: Node) -> None:
    value, out = source(node), result(node)
    if lifter.shape(value) == lifter.shape(out):
        lifter.same(out, value)
        return
    lifter.emit("Expand", (value,), (out,), {"shape": list(lifter.shape(out))})


@rule("repeat", "tile")
def _(lifter: Lifter, node: Node) -> None:
    value, out = source(node), result(node)
    if lifter.shape(value) == lifter.shape(out):
        lifter.emit("Contiguous", (value,), (out,))
        return
    before = (1,) * (len(lifter.shape(out)) - len(lifter.shape(value))) + lifter.shape(value)
    if any(one not in (1, other) for one, other in zip(before, lifter.shape(out), strict=True)):
        raise Refused("along an axis that is longer than 1")
    seen = lifter.new(lifter.shape(out), value)
    lifter.emit("Expand", (value,), (seen,), {"shape": list(lifter.shape(out))})
    lifter.emit("Contiguous", (seen,), (out,))


@rule("repeat_interleave")
def _(lifter: Lifter, node: Node) -> None:
    value, out, times, dim = source(node), result(node), given(node, 1, "repeats"), given(node, 2, "dim")
    before = lifter.shape(value)
    if not isinstance(times, int) or dim is None:
        raise Refused("as often as a tensor says, or of all axes as one")
    at = dim % len(before)
    if len(before) == 4 and at == 1:
        lifter.emit("RepeatHeads", (value,), (out,), {"n": times})
        return
    raised = lifter.new((*before[: at + 1], 1, *before[at + 1 :]), value)
    lifter.emit("Unsqueeze", (value,), (raised,), {"dim": Axis(at + 1)})
    shape = (*before[: at + 1], times, *before[at + 1 :])
    seen, copied = lifter.new(shape, value), lifter.new(shape, out)
    lifter.emit("Expand", (raised,), (seen,), {"shape": list(shape)})
    lifter.emit("Contiguous", (seen,), (copied,))
    shapes.reshape(lifter, copied, out)


@rule("roll", "flip")
def _(lifter: Lifter, node: Node) -> None:
    lifter.emit("Contiguous", (source(node),), (result(node),))
