"""Layers over positions: convolutions, pools, padding, resizing. Keras's `same` as amounts of padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.importing.graphs.keras_lift import KerasLift
from archspec.importing.graphs.keras_rules import activate, layer
from archspec.importing.graphs.settings import even, numbers
from archspec.importing.lift.lifter import Axis
from archspec.importing.lift.rules.registry import Refused

Node = dict[str, Any]


def _rank(node: Node) -> int:
    digits = [letter for letter in node["op"] if letter in "123"]
    return int(digits[0])


def _source(k: KerasLift, node: Node) -> tuple[int, bool]:
    """The input as the layer wants it, and whether its channels were moved for that."""
    moved = node["set"].get("data_format", "channels_last") != "channels_first"
    return k.want(k.source(node), moved), moved


def _same(sizes: Sequence[int], kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> list[int]:
    """What TensorFlow adds to each axis in all."""
    found = []
    for size, one, step, spread in zip(sizes, kernel, stride, dilation, strict=True):
        found.append(max((-(-size // step) - 1) * step + (one - 1) * spread + 1 - size, 0))
    return found


def pad(k: KerasLift, value: int, before: Sequence[int], after: Sequence[int]) -> int:
    """Zeros around the positions; the value itself where there are none."""
    if not any(before) and not any(after):
        return value
    shape = k.shape(value)
    sizes = [size + one + other for size, one, other in zip(shape[2:], before, after, strict=True)]
    pairs = [amount for one in reversed(list(zip(before, after, strict=True))) for amount in one]
    return k.apply(f"ZeroPad{len(before)}d", (value,), (*shape[:2], *sizes), {"padding": even(pairs)})


def convolve(
    k: KerasLift, node: Node, value: int, out: int, kernel: Sequence[int], settings: dict[str, Any], groups: int,
    bias: bool, suffix: str = "",
) -> int:  # fmt: skip
    """A convolution with the padding that a layer has."""
    rank = len(kernel)
    stride, dilation = numbers(settings["strides"], rank), numbers(settings["dilation_rate"], rank)
    arguments: dict[str, Any] = {"out": out, "kernel_size": even(kernel), "stride": even(stride)}
    padding = settings["padding"]
    if padding == "same":
        wide = [(one - 1) * spread for one, spread in zip(kernel, dilation, strict=True)]
        if not any(one % 2 for one in wide):
            # As many positions come out as with Keras's amounts, which are not even on both sides where it strides.
            arguments["padding"] = even([one // 2 for one in wide])
        elif all(one == 1 for one in stride):
            arguments["same"] = True
        else:
            total = _same(k.shape(value)[2:], kernel, stride, dilation)
            value = pad(k, value, [one // 2 for one in total], [one - one // 2 for one in total])
    elif padding == "causal":
        value = pad(k, value, [(kernel[0] - 1) * dilation[0]], [0])
    elif padding != "valid":
        raise Refused(f"with padding {padding!r}")
    arguments |= {"dilation": even(dilation), "groups": groups, "bias": bias}
    positions = []
    shape = k.shape(value)
    amounts = arguments.get("padding", 0)
    for place in range(rank):
        amount = amounts[place] if isinstance(amounts, list) else amounts
        if arguments.get("same"):
            positions.append(shape[2 + place])
            continue
        reach = (kernel[place] - 1) * dilation[place] + 1
        positions.append((shape[2 + place] + 2 * amount - reach) // stride[place] + 1)
    whole = (shape[0], out, *positions)
    return k.apply(f"Conv{rank}d", (value,), whole, arguments, own=not suffix, suffix=suffix)


def _finish(k: KerasLift, node: Node, value: int, moved: bool) -> None:
    if moved:
        k.moved.add(value)
    k.finish(node, activate(k, value, node["set"].get("activation")), moved)


@layer("Conv1D", "Conv2D", "Conv3D")
def _(k: KerasLift, node: Node) -> None:
    value, moved = _source(k, node)
    own, rank = node["set"], _rank(node)
    made = convolve(
        k, node, value, own["filters"], numbers(own["kernel_size"], rank), own, own.get("groups", 1), own["use_bias"]
    )
    _finish(k, node, made, moved)


@layer("DepthwiseConv1D", "DepthwiseConv2D")
def _(k: KerasLift, node: Node) -> None:
    value, moved = _source(k, node)
    own, channels = node["set"], k.shape(value)[1]
    out = channels * own.get("depth_multiplier", 1)
    made = convolve(k, node, value, out, numbers(own["kernel_size"], _rank(node)), own, channels, own["use_bias"])
    _finish(k, node, made, moved)


@layer("SeparableConv1D", "SeparableConv2D")
def _(k: KerasLift, node: Node) -> None:
    value, moved = _source(k, node)
    own, rank = node["set"], _rank(node)
    channels = k.shape(value)[1]
    wide = channels * own.get("depth_multiplier", 1)
    kernel = numbers(own["kernel_size"], rank)
    deep = convolve(k, node, value, wide, kernel, own, channels, False, suffix="depthwise")
    flat = {"strides": 1, "dilation_rate": 1, "padding": "valid"}
    made = convolve(k, node, deep, own["filters"], [1] * rank, flat, 1, own["use_bias"], suffix="pointwise")
    _finish(k, node, made, moved)


@layer("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def _(k: KerasLift, node: Node) -> None:
    value, moved = _source(k, node)
    own, rank = node["set"], _rank(node)
    kernel, stride = numbers(own["kernel_size"], rank), numbers(own["strides"], rank)
    dilation = numbers(own["dilation_rate"], rank)
    reach = [(one - 1) * spread + 1 for one, spread in zip(kernel, dilation, strict=True)]
    wanted = k.expected(node, moved)[2:]
    sizes = k.shape(value)[2:]
    whole = [(size - 1) * step + one for size, step, one in zip(sizes, stride, reach, strict=True)]
    padding = [max(0, -(-(size - other) // 2)) for size, other in zip(whole, wanted, strict=True)]
    rest = [other - size + 2 * one for size, other, one in zip(whole, wanted, padding, strict=True)]
    if any(one < 0 or one >= max(step, spread) for one, step, spread in zip(rest, stride, dilation, strict=True)):
        raise Refused("with padding that PyTorch has no equal of")
    arguments = {
        "out": own["filters"], "kernel_size": even(kernel), "stride": even(stride), "padding": even(padding),
        "output_padding": even(rest), "groups": own.get("groups") or 1, "bias": own["use_bias"],
        "dilation": even(dilation),
    }  # fmt: skip
    made = k.apply(f"ConvTranspose{rank}d", (value,), k.expected(node, moved), arguments, own=True)
    _finish(k, node, made, moved)


@layer("MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D")
def _(k: KerasLift, node: Node) -> None:
    value, moved = _source(k, node)
    own, rank = node["set"], _rank(node)
    kernel = numbers(own["pool_size"], rank)
    stride = numbers(own["strides"], rank) if own.get("strides") is not None else kernel
    arguments: dict[str, Any] = {"kernel_size": even(kernel), "stride": even(stride)}
    if own["padding"] == "same":
        if all(one % 2 for one in kernel):
            arguments["padding"] = even([one // 2 for one in kernel])
        elif kernel == stride:
            arguments["ceil_mode"] = True
        else:
            total = _same(k.shape(value)[2:], kernel, stride, [1] * rank)
            value = pad(k, value, [one // 2 for one in total], [one - one // 2 for one in total])
    kind = "MaxPool" if node["op"].startswith("Max") else "AvgPool"
    made = k.apply(f"{kind}{rank}d", (value,), k.expected(node, moved), arguments, own=True)
    k.finish(node, made, moved)


@layer("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D")
@layer("GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D")
def _(k: KerasLift, node: Node) -> None:
    rank, keep = _rank(node), bool(node["set"].get("keepdims"))
    average = "Average" in node["op"]
    if average and rank == 1 and node["set"].get("data_format", "channels_last") != "channels_first":
        value = k.want(k.source(node), False)
        found = {"dim": Axis(1), "keepdim": keep}
        k.finish(node, k.apply("Mean", (value,), k.expected(node, False), found, own=True))
        return
    value, moved = _source(k, node)
    shape = k.shape(value)
    if average and not keep:
        k.finish(node, k.apply("GlobalAvgPool", (value,), shape[:2], own=True))
        return
    layer = f"Adaptive{'Avg' if average else 'Max'}Pool{rank}d"
    small = k.apply(layer, (value,), (*shape[:2], *[1] * rank), {"output_size": 1}, own=True)
    if keep:
        k.finish(node, small, moved)
        return
    k.finish(node, k.apply("Flatten", (small,), shape[:2]))


@layer("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def _(k: KerasLift, node: Node) -> None:
    value, moved = _source(k, node)
    pairs = _pairs(node["set"]["padding"], _rank(node))
    k.finish(node, pad(k, value, [one for one, _ in pairs], [one for _, one in pairs]), moved)


@layer("Cropping1D", "Cropping2D", "Cropping3D")
def _(k: KerasLift, node: Node) -> None:
    value, moved = _source(k, node)
    for place, (before, after) in enumerate(_pairs(node["set"]["cropping"], _rank(node))):
        if not before and not after:
            continue
        shape = list(k.shape(value))
        shape[2 + place] -= before + after
        arguments = {"start": before, "length": shape[2 + place], "dim": Axis(2 + place)}
        value = k.apply("Slice", (value,), shape, arguments)
    k.finish(node, value, moved)


def _pairs(value: Any, rank: int) -> list[tuple[int, int]]:
    """Amounts before and after, for each axis."""
    found = value if isinstance(value, list) else [value] * rank
    if rank == 1 and len(found) == 2 and all(isinstance(one, int) for one in found):
        found = [found]
    pairs = [tuple(one) if isinstance(one, list) else (one, one) for one in found]
    if len(pairs) != rank or any(len(one) != 2 or min(one) < 0 for one in pairs):
        raise Refused(f"with amounts {value!r}")
    return [(one[0], one[1]) for one in pairs]


@layer("UpSampling2D")
def _(k: KerasLift, node: Node) -> None:
    value, moved = _source(k, node)
    arguments = {"scale_factor": even(numbers(node["set"]["size"], 2)), "mode": node["set"]["interpolation"]}
    k.finish(node, k.apply("Upsample", (value,), k.expected(node, moved), arguments, own=True), moved)


@layer("Resizing")
def _(k: KerasLift, node: Node) -> None:
    value, moved = _source(k, node)
    own = node["set"]
    arguments = {"size": even([own["height"], own["width"]]), "mode": own["interpolation"]}
    k.finish(node, k.apply("Resize", (value,), k.expected(node, moved), arguments, own=True), moved)


@layer("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
def _(k: KerasLift, node: Node) -> None:
    value, moved = _source(k, node)
    rate = float(node["set"]["rate"])
    if rate:
        value = k.apply(f"Dropout{_rank(node)}d", (value,), k.shape(value), {"p": rate}, own=True)
    k.finish(node, value, moved)
