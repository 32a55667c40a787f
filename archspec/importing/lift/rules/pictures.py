"""Pools, resizing and padding."""

from __future__ import annotations

from typing import Any

from archspec.importing.lift.lifter import Axis, Lifter, tensor
from archspec.importing.lift.rules.registry import (
    Refused,
    Rule,
    even,
    given,
    reshape_same,
    result,
    rule,
    source,
)

Node = dict[str, Any]


def _pool(kind: str) -> Rule:
    def lift(lifter: Lifter, node: Node) -> None:
        rank = len(lifter.shape(source(node))) - 2
        layer = f"{kind}{rank}d"
        kernel = even(given(node, 1, "kernel_size"))
        stride = given(node, 2, "stride")
        found: dict[str, Any] = {"kernel_size": kernel, "stride": kernel if not stride else even(stride)}
        found["padding"] = even(given(node, 3, "padding", 0))
        if kind == "MaxPool":
            found["dilation"] = even(given(node, 4, "dilation", 1))
            found["ceil_mode"] = bool(given(node, 5, "ceil_mode", False))
        else:
            found["ceil_mode"] = bool(given(node, 4, "ceil_mode", False))
        lifter.emit(layer, (source(node),), (result(node),), found)

    return lift


for _rank in "123":
    rule(f"max_pool{_rank}d", f"_max_pool{_rank}d", f"boolean_dispatch{_rank}")(_pool("MaxPool"))
    rule(f"avg_pool{_rank}d")(_pool("AvgPool"))


@rule(*(f"adaptive_{kind}_pool{rank}d" for kind in ("avg", "max") for rank in "123"))
def _(lifter: Lifter, node: Node) -> None:
    name = node["f"].rpartition(".")[2]
    layer = ("AdaptiveAvgPool" if "avg" in name else "AdaptiveMaxPool") + name[-2:]
    size = given(node, 1, "output_size")
    if isinstance(size, list) and None in size:
        raise Refused("with a size left open")
    lifter.emit(layer, (source(node),), (result(node),), {"output_size": even(size)})


@rule("interpolate")
def _(lifter: Lifter, node: Node) -> None:
    mode, size = given(node, 3, "mode", "nearest"), list(lifter.shape(result(node))[2:])
    if len(size) != 2:
        name = {1: "Resize1d", 3: "Resize3d"}[len(size)]
        lifter.emit(name, (source(node),), (result(node),), {"size": even(size), "mode": mode})
        return
    factor = given(node, 2, "scale_factor")
    whole = isinstance(factor, int | float) and float(factor).is_integer()
    if whole:
        lifter.emit("Upsample", (source(node),), (result(node),), {"scale_factor": int(factor), "mode": mode})
    else:
        lifter.emit("Resize", (source(node),), (result(node),), {"size": even(size), "mode": mode})


@rule("grid_sample")
def _(lifter: Lifter, node: Node) -> None:
    value, grid = source(node), tensor(given(node, 1, "grid"))
    if grid is None or len(lifter.shape(value)) != 4:
        raise Refused("of volumes")
    found = {"mode": given(node, 2, "mode", "bilinear"), "padding_mode": given(node, 3, "padding_mode", "zeros")}
    found["align_corners"] = bool(given(node, 4, "align_corners", False))
    lifter.emit("GridSample", (value, grid), (result(node),), found)


@rule("pad")
def _(lifter: Lifter, node: Node) -> None:
    amounts = list(given(node, 1, "pad"))
    mode = given(node, 2, "mode", "constant")
    value = source(node)
    if not any(amounts):
        reshape_same(lifter, value, result(node))
        return
    if mode == "constant":
        put_zeros(lifter, value, result(node), amounts)
        return
    if any(one < 0 for one in amounts):
        raise Refused("with negative amounts")
    layer = {"reflect": "ReflectionPad", "replicate": "ReplicationPad", "circular": "CircularPad"}[mode]
    lifter.emit(f"{layer}{len(amounts) // 2}d", (value,), (result(node),), {"padding": even(amounts)})


def put_zeros(lifter: Lifter, value: int, output: int, amounts: list[int]) -> None:
    """Lift zeros around the last axes, before and behind each, the last axis first. Less than none is cut off."""
    shape = list(lifter.shape(value))
    rank = len(shape)
    for place, (before, behind) in enumerate(zip(amounts[::2], amounts[1::2], strict=True)):
        axis = rank - 1 - place
        if before >= 0 and behind >= 0:
            continue
        shape[axis] += min(before, 0) + min(behind, 0)
        cut = lifter.new(shape, value)
        where = {"start": max(-before, 0), "length": shape[axis], "dim": Axis(-1 if place == 0 else axis)}
        lifter.emit("Slice", (value,), (cut,), where)
        value = cut
    amounts = [max(one, 0) for one in amounts]
    if not any(amounts):
        lifter.emit("Contiguous", (value,), (output,))
    elif len(amounts) == 2 * (rank - 2) and rank > 2:
        lifter.emit(f"ZeroPad{rank - 2}d", (value,), (output,), {"padding": even(amounts)})
    else:
        pairs = [[amounts[2 * place], amounts[2 * place + 1]] for place in range(len(amounts) // 2)]
        pairs += [[0, 0]] * (rank - len(pairs))
        lifter.emit("PadAxes", (value,), (output,), {"amounts": [sum(one) for one in reversed(pairs)]})


@rule("unfold")
def _(lifter: Lifter, node: Node) -> None:
    if "functional" not in node["f"]:
        raise Refused("windows along an axis")
    names = ("kernel_size", "dilation", "padding", "stride")
    defaults = (None, 1, 0, 1)
    found = {name: even(given(node, place + 1, name, defaults[place])) for place, name in enumerate(names)}
    lifter.emit("Unfold", (source(node),), (result(node),), found)


@rule("pixel_shuffle", "pixel_unshuffle")
def _(lifter: Lifter, node: Node) -> None:
    layer, name = ("PixelUnshuffle", "downscale_factor") if "un" in node["f"] else ("PixelShuffle", "upscale_factor")
    lifter.emit(layer, (source(node),), (result(node),), {name: given(node, 1, name)})
