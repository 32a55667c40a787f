"""Operators that arrange: shapes seen otherwise, axes in another order, pieces, joins, padding; casts."""

from __future__ import annotations

from typing import Any

from archspec.importing.graphs.onnx_state import OnnxLift, rule
from archspec.importing.graphs.settings import even
from archspec.importing.lift import shapes
from archspec.importing.lift.lifter import Axis
from archspec.importing.lift.rules.registry import Refused, Word

Node = dict[str, Any]
_COPIES = 64
"""Copies of a tensor that are written one beside the other."""


@rule("Reshape", "Flatten", "Squeeze", "Unsqueeze")
def _(o: OnnxLift, node: Node) -> None:
    source = o.take(node, 0)
    known = o.arranged.get(node["in"][0]["v"])
    if known is not None:
        o.arranged[node["o"][0]] = known
    shapes.reshape(o.lifter, source, o.view(node, source))


@rule("Identity", "Dropout")
def _(o: OnnxLift, node: Node) -> None:
    value = o.weight(node, 0)
    if value is not None:
        o.weights[node["o"][0]] = value
        o.lifter.held[node["o"][0]] = o.lifter.held[node["in"][0]["v"]]
    o.lifter.same(node["o"][0], o.take(node, 0))


@rule("Transpose")
def _(o: OnnxLift, node: Node) -> None:
    source = o.take(node, 0)
    rank = len(o.shape(source))
    order = node["attr"].get("perm") or list(reversed(range(rank)))
    if o.weight(node, 0) is not None and rank == 2 and order == [1, 0]:
        o.turned[node["o"][0]] = node["in"][0]["v"]
    output = o.view(node, source)
    if order == [0, 2, 3, 1]:  # heads moved to the front, and then the last two axes exchanged
        shape = o.shape(source)
        between = o.lifter.new((shape[0], shape[2], shape[1], shape[3]), source)
        shapes.permute(o.lifter, source, between, [0, 2, 1, 3])
        source, order = between, [0, 1, 3, 2]
    shapes.permute(o.lifter, source, output, order)


@rule("Concat")
def _(o: OnnxLift, node: Node) -> None:
    parts = [o.take(node, place) for place in range(len(node["in"]))]
    parts = [one for one in parts if 0 not in o.shape(one)]
    rank = len(o.lifter.values[node["o"][0]].shape)
    at = int(node["attr"]["axis"]) % rank
    if len(parts) == 1:
        o.lifter.same(node["o"][0], parts[0])
        return
    o.give(node, "Concat", parts, {"dim": Axis(-1 if at == rank - 1 else at)})


@rule("Split")
def _(o: OnnxLift, node: Node) -> None:
    source = o.take(node, 0)
    shapes.split(o.lifter, source, node["o"], int(node["attr"].get("axis", 0)))


@rule("Slice")
def _(o: OnnxLift, node: Node) -> None:
    source, own = o.take(node, 0), node["attr"]
    rank = len(o.shape(source))
    starts = o.constant(node, 1) if o.has(node, 1) else own.get("starts")
    ends = o.constant(node, 2) if o.has(node, 2) else own.get("ends")
    axes = o.constant(node, 3) if o.has(node, 3) else own.get("axes")
    steps = o.constant(node, 4) if o.has(node, 4) else None
    if not isinstance(starts, list) or not isinstance(ends, list):
        raise Refused("between places that are not known")
    axes = axes if isinstance(axes, list) else list(range(len(starts)))
    steps = steps if isinstance(steps, list) else [1] * len(starts)
    places: list[Any] = [{"s": [None, None, None]}] * rank
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        places[axis % rank] = {"s": [int(start), int(end), int(step)]}
    index = {"a": [{"v": source}, places], "o": {"v": o.view(node, source)}, "f": "Slice", "k": {}}
    shapes.index(o.lifter, index)


@rule("Expand")
def _(o: OnnxLift, node: Node) -> None:
    source, shape = o.take(node, 0), o.lifter.values[node["o"][0]].shape
    if o.shape(source) == shape:
        o.lifter.same(node["o"][0], source)
        return
    o.give(node, "Expand", (source,), {"shape": list(shape)})


@rule("Tile")
def _(o: OnnxLift, node: Node) -> None:
    source, shape = o.take(node, 0), o.lifter.values[node["o"][0]].shape
    before = o.shape(source)
    grown = [place for place, (one, other) in enumerate(zip(before, shape, strict=True)) if one != other]
    if not grown:
        o.lifter.same(node["o"][0], source)
    elif all(before[place] == 1 for place in grown):
        o.give(node, "Expand", (source,), {"shape": list(shape)})
    elif len(grown) == 1 and shape[grown[0]] // before[grown[0]] <= _COPIES:
        copies = shape[grown[0]] // before[grown[0]]
        o.give(node, "Concat", (source,) * copies, {"dim": Axis(grown[0])})
    else:
        raise Refused("along several axes, or too often")


@rule("Pad")
def _(o: OnnxLift, node: Node) -> None:
    source, own = o.take(node, 0), node["attr"]
    rank = len(o.shape(source))
    amounts = o.constant(node, 1) if o.has(node, 1) else own.get("pads")
    if not isinstance(amounts, list) or len(amounts) != 2 * rank or min(amounts) < 0 or o.has(node, 3):
        raise Refused("with amounts that are not known, negative, or for some axes")
    mode = own.get("mode", "constant")
    pairs = [(int(amounts[place]), int(amounts[place + rank])) for place in range(rank)]
    if not any(amounts):
        o.lifter.same(node["o"][0], source)
        return
    spatial = rank > 2 and not any(pairs[0]) and not any(pairs[1])
    flat = even([one for pair in reversed(pairs[2:]) for one in pair]) if spatial else 0
    if mode == "constant" and spatial and rank < 6:
        o.give(node, f"ZeroPad{rank - 2}d", (source,), {"padding": flat})
    elif mode == "constant":
        o.give(node, "PadAxes", (source,), {"amounts": [sum(one) for one in pairs]})
    elif spatial and mode in ("reflect", "edge"):
        layer = "ReflectionPad" if mode == "reflect" else "ReplicationPad"
        o.give(node, f"{layer}{rank - 2}d", (source,), {"padding": flat})
    else:
        raise Refused(f"in mode {mode!r}")


@rule("Cast", "CastLike")
def _(o: OnnxLift, node: Node) -> None:
    source = o.take(node, 0)
    wanted = o.lifter.values[node["o"][0]].dtype
    if o.lifter.value(source).dtype == wanted:
        o.lifter.same(node["o"][0], source)
        return
    o.give(node, "Cast", (source,), {"to": Word(wanted)})


@rule("DepthToSpace", "SpaceToDepth")
def _(o: OnnxLift, node: Node) -> None:
    size = int(node["attr"]["blocksize"])
    if node["op"] == "DepthToSpace":
        o.give(node, "PixelShuffle", (o.take(node, 0),), {"upscale_factor": size})
    else:
        o.give(node, "PixelUnshuffle", (o.take(node, 0),), {"downscale_factor": size})


@rule("Range", "ConstantOfShape", "Shape", "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "And", "Or",
      "Not", "Trilu", "ArgMax", "NonZero", "IsNaN", "OneHot", "ScatterND", "Mod", "Floor", "Ceil",
      "Size", "Constant")  # fmt: skip
def _(o: OnnxLift, node: Node) -> None:
    """What hangs on no weight and no real input comes from nowhere: only its shape counts."""
    output = node["o"][0]
    value = o.lifter.values[output]
    for place in range(len(node["in"])):
        if o.has(node, place) and o.lifter.value(o.take(node, place)).grad:
            raise Refused("")
    o.lifter.emit(
        "made", (), (output,), {"shape": list(value.shape) or [1]}, made=value.dtype, spelled=node["op"].lower()
    )
