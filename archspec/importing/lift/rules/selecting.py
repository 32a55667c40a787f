"""What looks for the largest, sorts, and brings rows to places: the pieces of routes."""

from __future__ import annotations

from typing import Any

from archspec.importing.lift.lifter import Axis, Lifter, tensor, tensors_in
from archspec.importing.lift.rules.registry import Refused, given, result, rule, source

Node = dict[str, Any]
_WHOLE = ("int64", "int32")


def _axis(dim: int, rank: int) -> Axis:
    return Axis(-1 if dim % rank == rank - 1 else dim % rank)


@rule("topk")
def _(lifter: Lifter, node: Node) -> None:
    if given(node, 3, "largest", True) is not True:
        raise Refused("of the smallest")
    values, places = tensors_in(node["o"])
    at = _axis(given(node, 2, "dim", -1), len(lifter.shape(source(node))))
    lifter.emit("TopK", (source(node),), (values, places), {"k": given(node, 1, "k"), "dim": at})


@rule("argsort")
def _(lifter: Lifter, node: Node) -> None:
    # `torch.argsort` has its arguments in two orders: with `stable` in front of the axis, or without it.
    numbers = source(node)
    if lifter.value(numbers).dtype not in _WHOLE or len(lifter.shape(numbers)) != 1:
        raise Refused("of something else than whole numbers in a row")
    if len(node["a"]) > 1 or node["k"].get("descending", False) is not False:
        raise Refused("downwards, or along an axis")
    lifter.emit("ByExpert", (lifter.unflattened(numbers, 0),), (result(node),))


@rule("floor_divide", "__floordiv__")
def _(lifter: Lifter, node: Node) -> None:
    places, count = source(node), given(node, 1, "other")
    if lifter.value(places).dtype not in _WHOLE or len(lifter.shape(places)) != 1:
        raise Refused("of something else than places in a row")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise Refused("by something else than a whole number")
    lifter.emit("Owners", (places,), (result(node),), {"count": count})


@rule("gather", "take_along_dim")
def _(lifter: Lifter, node: Node) -> None:
    value = source(node)
    named = "take_along_dim" in node["f"]
    places = tensor(given(node, 1, "indices") if named else given(node, 2, "index"))
    dim = given(node, 2, "dim") if named else given(node, 1, "dim")
    if places is None or dim is None:
        raise Refused("without places")
    before, after = lifter.shape(value), lifter.shape(places)
    if dim % len(before) != len(before) - 1 or before[:-1] != after[:-1]:
        raise Refused("along another axis than the last, or of fewer rows")
    lifter.emit("Gather", (value, places), (result(node),))


@rule("lt", "less", "__lt__", "gt", "greater", "__gt__")
def _(lifter: Lifter, node: Node) -> None:
    left, right = source(node), tensor(given(node, 1, "other"))
    if right is None:
        raise Refused("with a number")
    turned = "g" in node["f"].rpartition(".")[2]
    lifter.emit("Less", (right, left) if turned else (left, right), (result(node),))


@rule("index_select")
def _(lifter: Lifter, node: Node) -> None:
    value, index = source(node), tensor(given(node, 2, "index"))
    if index is None:
        raise Refused("without numbers")
    rank = len(lifter.shape(value))
    at = given(node, 1, "dim") % rank
    own = lifter.held.get(lifter.find(index))
    owner = own.name.rpartition(".")[0] if own is not None and own.role == "buffer" else ""
    if own is not None and owner and at == rank - 1:
        name = owner.rpartition(".")[2]
        lifter.emit("SelectFeatures", (value,), (result(node),), {"count": own.shape[0]}, path=owner, name=name)
    elif rank == 2 and at == 0:
        lifter.emit("Dispatch", (lifter.unflattened(value, 1), index), (result(node),))
    elif rank == 1:
        column = lifter.new((*lifter.shape(result(node)), 1), result(node))
        lifter.emit("Shares", (lifter.unflattened(value, 0), index), (column,))
        lifter.emit("Flatten", (column,), (result(node),), {"start_dim": Axis(0), "end_dim": Axis(-1)})
    else:
        raise Refused("along an axis of more than rows, by numbers that no buffer of a module holds")


@rule("index_add", "index_add_")
def _(lifter: Lifter, node: Node) -> None:
    base, owners, rows = source(node), tensor(given(node, 2, "index")), tensor(given(node, 3, "source"))
    if owners is None or rows is None or node["k"].get("alpha", 1) != 1:
        raise Refused("with a factor")
    if len(lifter.shape(base)) != 2 or given(node, 1, "dim") % 2:
        raise Refused("of something else than rows")
    like = lifter.zeros_like.get(lifter.find(base))
    if like is not None:
        shaped = lifter.unflattened(like, 1)
        if shaped == like:
            lifter.emit("Collect", (rows, owners, like), (result(node),))
            return
        whole = lifter.new(lifter.shape(shaped), result(node))
        lifter.emit("Collect", (rows, owners, shaped), (whole,))
        end = Axis(len(lifter.shape(shaped)) - 2)
        lifter.emit("Flatten", (whole,), (result(node),), {"start_dim": Axis(0), "end_dim": end})
        lifter.spread[result(node)] = whole
        return
    added = lifter.new(lifter.shape(result(node)), result(node), fresh=True)
    lifter.emit("Collect", (rows, owners, base), (added,))
    lifter.emit("+", (base, added), (result(node),))
