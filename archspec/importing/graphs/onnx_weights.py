"""Operators with weights: products, convolutions, norms, tables."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from archspec.importing.graphs.onnx_state import OnnxLift, rule
from archspec.importing.graphs.settings import even
from archspec.importing.lift.lifter import Axis
from archspec.importing.lift.rules.registry import Refused

Node = dict[str, Any]


def _matrix(o: OnnxLift, node: Node, place: int) -> tuple[str, tuple[int, int], bool] | None:
    """The weight behind an input of two axes, its sizes as they are used, and whether it is stored transposed."""
    code = node["in"][place]
    value = code["v"] if code is not None else -1
    turned = o.turned.get(value)
    name = o.weights.get(value if turned is None else turned)
    if name is None:
        return None
    shape = o.lifter.values[value].shape
    return (name, (shape[0], shape[1]), turned is not None) if len(shape) == 2 else None


@rule("MatMul", "Linear")
def _(o: OnnxLift, node: Node) -> None:
    weight = _matrix(o, node, 1)
    biased = node["op"] == "Linear"
    if weight is not None:
        _product(o, node, weight, o.weight(node, 2) if biased else None, right=True)
        return
    if biased:
        raise Refused("of a weight that is transposed otherwise")
    left, right = o.take(node, 0), o.take(node, 1)
    if min(len(o.shape(left)), len(o.shape(right))) < 2:
        raise Refused("of a vector")
    if len(o.shape(right)) == 2 and len(o.shape(left)) > 2:  # one matrix for all, such as a piece of a weight
        o.give(node, "Project", (left, o.step("Transpose", (right,), o.shape(right)[::-1])))
        return
    o.give(node, "MatMul", (left, right))


@rule("Gemm")
def _(o: OnnxLift, node: Node) -> None:
    own = node["attr"]
    weight = _matrix(o, node, 1)
    if own.get("transA") or own.get("alpha", 1.0) != 1 or own.get("beta", 1.0) != 1 or weight is None:
        raise Refused("with a factor, or of two tensors that are no weights")
    name, (rows, columns), turned = weight
    sizes = (columns, rows) if own.get("transB") else (rows, columns)
    bias = o.weight(node, 2)
    if o.has(node, 2) and bias is None and not o.is_constant(node, 2):
        raise Refused("with a bias that is no weight")
    _product(o, node, (name, sizes, turned), bias, right=True, stored_turned=bool(own.get("transB")))


def _product(
    o: OnnxLift, node: Node, weight: tuple[str, tuple[int, int], bool], bias: str | None, *, right: bool,
    stored_turned: bool = False,
) -> None:  # fmt: skip
    """`Linear`; where another kind of operator has the weight too, a product with the weight itself."""
    name, (_, out), turned = weight
    source = o.take(node, 0)
    value = o.values[name]
    if bias is not None and o.lifter.values[_value(o, bias)].shape not in ((out,), (1, out)):
        raise Refused("with a bias of another shape")
    if len(o.uses.get(value, ())) <= 1 and (bias is None or len(o.uses.get(_value(o, bias), ())) <= 1):
        o.give(node, "Linear", (source,), {"out": out, "bias": bias is not None}, weight=name)
        return
    as_stored = turned or stored_turned  # [out, in], as `Project` wants it
    matrix = value if as_stored else o.step("Transpose", (value,), o.lifter.values[value].shape[::-1])
    if bias is None:
        o.give(node, "Project", (source, matrix))
        return
    shape = o.lifter.values[node["o"][0]].shape
    product = o.step("Project", (source, matrix), shape)
    o.give(node, "+", (product, _value(o, bias)))


def _value(o: OnnxLift, name: str) -> int:
    return o.values[name]


@rule("Conv", "ConvTranspose")
def _(o: OnnxLift, node: Node) -> None:
    own, name = node["attr"], o.weight(node, 1)
    bias = o.weight(node, 2)
    if name is None or (o.has(node, 2) and bias is None and not o.is_constant(node, 2)):
        raise Refused("with a kernel that is no weight")
    weight = o.lifter.values[_value(o, name)].shape
    rank = len(weight) - 2
    source = o.take(node, 0)
    kernel = list(weight[2:])
    stride, dilation = own.get("strides") or [1] * rank, own.get("dilations") or [1] * rank
    before, after = _pads(o, node, rank, kernel, stride, dilation, source)
    found: dict[str, Any] = {"kernel_size": even(kernel), "stride": even(stride), "dilation": even(dilation)}
    groups = int(own.get("group", 1))
    found |= {"groups": groups, "bias": bias is not None}
    if node["op"] == "ConvTranspose":
        if before != after or own.get("output_shape"):
            raise Refused("with padding that is not even")
        rest = own.get("output_padding") or [0] * rank
        found |= {"out": weight[1] * groups, "padding": even(before), "output_padding": even(rest)}
        o.give(node, f"ConvTranspose{rank}d", (source,), found, weight=name)
        return
    if before != after:
        source = pad(o, source, before, after)
        before = [0] * rank
    found |= {"out": weight[0], "padding": even(before)}
    o.give(node, f"Conv{rank}d", (source,), found, weight=name)


def _pads(
    o: OnnxLift, node: Node, rank: int, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int],
    source: int,
) -> tuple[list[int], list[int]]:  # fmt: skip
    """What is added before and after each axis."""
    own = node["attr"]
    said = own.get("auto_pad", "NOTSET")
    if said in ("NOTSET", ""):
        pads = own.get("pads") or [0] * (2 * rank)
        if len(pads) != 2 * rank or min(pads) < 0:
            raise Refused("with padding of another kind")
        return list(pads[:rank]), list(pads[rank:])
    if said == "VALID":
        return [0] * rank, [0] * rank
    total = []
    for size, one, step, spread in zip(o.shape(source)[2:], kernel, stride, dilation, strict=True):
        total.append(max((-(-size // step) - 1) * step + (one - 1) * spread + 1 - size, 0))
    small, large = [one // 2 for one in total], [one - one // 2 for one in total]
    return (small, large) if said == "SAME_UPPER" else (large, small)


def pad(o: OnnxLift, value: int, before: Sequence[int], after: Sequence[int]) -> int:
    """Zeros around the positions."""
    shape = o.shape(value)
    sizes = [size + one + other for size, one, other in zip(shape[2:], before, after, strict=True)]
    amounts = [amount for pair in reversed(list(zip(before, after, strict=True))) for amount in pair]
    return o.step(f"ZeroPad{len(before)}d", (value,), (*shape[:2], *sizes), {"padding": even(amounts)})


@rule("BatchNormalization")
def _(o: OnnxLift, node: Node) -> None:
    scale, shift = o.weight(node, 1), o.weight(node, 2)
    statistics = o.held(node, 3)
    if statistics is None or o.held(node, 4) is None or (scale is None) != (shift is None):
        raise Refused("with statistics that are no buffers, or with one of a scale and a shift alone")
    o.inside |= {node["in"][3]["v"], node["in"][4]["v"]}
    rank = max(1, len(o.shape(o.take(node, 0))) - 2)
    found = {"affine": scale is not None, "eps": float(node["attr"].get("epsilon", 1e-5))}
    o.give(node, f"BatchNorm{rank}d", (o.take(node, 0),), found, weight=scale or statistics)


@rule("LayerNormalization", "RMSNormalization")
def _(o: OnnxLift, node: Node) -> None:
    source = o.take(node, 0)
    rank = len(o.shape(source))
    if node["attr"].get("axis", -1) % rank != rank - 1 or len(node["o"]) > 1:
        raise Refused("over several axes, or giving its statistics")
    name = o.weight(node, 1)
    if name is None or (o.has(node, 2) and o.weight(node, 2) is None):
        raise Refused("with a scale that is no weight")
    eps = float(node["attr"].get("epsilon", 1e-5))
    if node["op"] == "RMSNormalization":
        o.give(node, "RMSNorm", (source,), {"eps": eps}, weight=name)
        return
    o.give(node, "LayerNorm", (source,), {"bias": o.has(node, 2), "eps": eps}, weight=name)


@rule("InstanceNormalization")
def _(o: OnnxLift, node: Node) -> None:
    source, name, shift = o.take(node, 0), o.weight(node, 1), o.weight(node, 2)
    if (name is None) != (shift is None):
        raise Refused("with one of a scale and a shift alone")
    rank = len(o.shape(source)) - 2
    o.give(node, f"InstanceNorm{rank}d", (source,), {"affine": name is not None}, weight=name or "")


@rule("GroupNormalization")
def _(o: OnnxLift, node: Node) -> None:
    source, name = o.take(node, 0), o.weight(node, 1)
    width = prod(o.lifter.values[_value(o, name)].shape) if name is not None else 0
    if name is None or o.weight(node, 2) is None or width != o.shape(source)[1]:
        raise Refused("with a scale that is no weight, or one for each group")
    o.give(node, "GroupNorm", (source,), {"groups": int(node["attr"]["num_groups"])}, weight=name)


@rule("PRelu")
def _(o: OnnxLift, node: Node) -> None:
    name = o.arranged.get(node["in"][1]["v"])
    if name is None:
        raise Refused("with a slope that is no weight")
    shape = o.lifter.values[_value(o, name)].shape
    count = max(shape) if shape else 1
    size = 1
    for one in shape:
        size *= one
    if size != count:
        raise Refused("with a slope for every element")
    o.give(node, "PReLU", (o.take(node, 0),), {"num_parameters": count}, weight=name)


@rule("Gather")
def _(o: OnnxLift, node: Node) -> None:
    name, axis = o.weight(node, 0), int(node["attr"].get("axis", 0))
    code = node["in"][0]
    rank = len(o.lifter.values[code["v"]].shape)
    index = o.constant(node, 1)
    if isinstance(index, int) and not isinstance(index, bool):
        source = o.take(node, 0)
        at = axis % rank
        place = index if index < 0 or index < o.shape(source)[at] else 0
        o.give(node, "Select", (source,), {"dim": Axis(at), "index": Axis(place)})
        return
    if axis % rank != 0:
        raise Refused("along another axis than the first")
    places = o.take(node, 1)
    if name is not None and rank == 2 and len(o.uses.get(code["v"], ())) <= 1:
        shape = o.lifter.values[code["v"]].shape
        o.give(node, "Embedding", (places,), {"num_embeddings": shape[0], "embedding_dim": shape[1]}, weight=name)
        return
    o.give(node, "Lookup", (o.take(node, 0), places))


@rule("GatherND")
def _(o: OnnxLift, node: Node) -> None:
    table, places = o.take(node, 0), o.take(node, 1)
    shape = o.shape(places)
    if node["attr"].get("batch_dims") or shape[-1] != 1:
        raise Refused("at places of several axes")
    if o.lifter.value(places).constant:
        rows = o.lifter.new(shape[:-1], places, fresh=True)
        o.lifter.emit("made", (), (rows,), {"shape": list(shape[:-1])}, made="int64", spelled="constant")
    else:
        rows = o.lifter.new(shape[:-1], places)
        o.lifter.emit("Flatten", (places,), (rows,), {"start_dim": Axis(-2), "end_dim": Axis(-1)})
    o.give(node, "Lookup", (table, rows))
