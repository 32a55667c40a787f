"""Operators element by element, along axes, and over positions."""

from __future__ import annotations

from typing import Any

from archspec.importing.graphs.onnx_state import OnnxLift, Rule, rule
from archspec.importing.graphs.onnx_weights import _pads, pad
from archspec.importing.graphs.settings import even
from archspec.importing.lift.lifter import Axis
from archspec.importing.lift.rules.registry import Refused

Node = dict[str, Any]
_INFINITE = 1e30


def _same(layer: str, **arguments: Any) -> Rule:
    def lift(o: OnnxLift, node: Node) -> None:
        o.give(node, layer, (o.take(node, 0),), arguments)

    return lift


for _op, _layer in {
    "Relu": "ReLU", "Sigmoid": "Sigmoid", "Tanh": "Tanh", "Erf": "Erf", "Sqrt": "Sqrt", "Exp": "Exp", "Log": "Log",
    "Abs": "Abs", "Sin": "Sin", "Cos": "Cos", "Sign": "Sign", "Softplus": "Softplus", "Softsign": "Softsign",
    "Selu": "SELU", "HardSwish": "Hardswish", "HardSigmoid": "Hardsigmoid", "Mish": "Mish", "SiLU": "SiLU",
    "Swish": "SiLU", "Reciprocal": "Reciprocal",
}.items():  # fmt: skip
    rule(_op)(_same(_layer))
rule("Neg")(_same("Scale", by=-1.0))


@rule("Gelu")
def _(o: OnnxLift, node: Node) -> None:
    o.give(node, "GELU", (o.take(node, 0),), {"approximate": node["attr"].get("approximate", "none")})


@rule("LeakyRelu")
def _(o: OnnxLift, node: Node) -> None:
    o.give(node, "LeakyReLU", (o.take(node, 0),), {"negative_slope": float(node["attr"].get("alpha", 0.01))})


@rule("Elu")
def _(o: OnnxLift, node: Node) -> None:
    o.give(node, "ELU", (o.take(node, 0),), {"alpha": float(node["attr"].get("alpha", 1.0))})


@rule("Clip")
def _(o: OnnxLift, node: Node) -> None:
    own = node["attr"]
    low, high = o.number(node, 1), o.number(node, 2)
    low, high = own.get("min", low), own.get("max", high)
    if (o.has(node, 1) and low is None) or (o.has(node, 2) and high is None):
        raise Refused("between tensors")
    if low == 0 and high == 6:
        o.give(node, "ReLU6", (o.take(node, 0),))
        return
    found = {"min": -_INFINITE if low is None else float(low), "max": _INFINITE if high is None else float(high)}
    o.give(node, "Clamp", (o.take(node, 0),), found)


@rule("Add", "Sub", "Mul", "Div")
def _(o: OnnxLift, node: Node) -> None:
    sign = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/"}[node["op"]]
    left, right = o.number(node, 0), o.number(node, 1)
    output = o.lifter.values[node["o"][0]].shape
    place = 0 if right is not None else 1 if left is not None else None
    number = right if right is not None else left
    if place is None or number is None or o.lifter.values[node["in"][place]["v"]].shape != output:
        o.give(node, sign, (o.take(node, 0), o.take(node, 1)))
        return
    operand = o.take(node, place)
    if sign == "*" or (sign == "/" and place == 0):
        o.give(node, "Scale", (operand,), {"by": number if sign == "*" else 1.0 / (number or 1.0)})
    elif sign == "/":
        o.give(node, "Reciprocal", (operand,), {"by": number})
    elif sign == "+" or place == 0:
        o.give(node, "Shift", (operand,), {"by": number if sign == "+" else -number})
    else:
        negative = o.step("Scale", (operand,), output, {"by": -1.0})
        o.give(node, "Shift", (negative,), {"by": number})


@rule("Pow")
def _(o: OnnxLift, node: Node) -> None:
    exponent = o.number(node, 1)
    if exponent is None:
        raise Refused("to the power of a tensor")
    o.give(node, "Pow", (o.take(node, 0),), {"exponent": exponent})


@rule("Max", "Min", "Sum", "Mean")
def _(o: OnnxLift, node: Node) -> None:
    sign = {"Max": "Maximum", "Min": "Minimum"}.get(node["op"], "+")
    values = [o.take(node, place) for place in range(len(node["in"]))]
    if len(values) != 2 or node["op"] == "Mean":
        raise Refused("of another number of tensors than two")
    o.give(node, sign, values)


@rule("Where")
def _(o: OnnxLift, node: Node) -> None:
    output = o.lifter.values[node["o"][0]].shape
    if o.number(node, 1) is not None and o.lifter.values[node["in"][2]["v"]].shape == output:
        o.give(node, "MaskedFill", (o.take(node, 2), o.take(node, 0)))
        return
    o.give(node, "Where", tuple(o.take(node, place) for place in range(3)))


@rule("Softmax", "LogSoftmax")
def _(o: OnnxLift, node: Node) -> None:
    source = o.take(node, 0)
    rank = len(o.shape(source))
    at = int(node["attr"].get("axis", -1)) % rank
    o.give(node, node["op"], (source,), {"dim": Axis(-1 if at == rank - 1 else at)})


@rule("ReduceMean", "ReduceSum")
def _(o: OnnxLift, node: Node) -> None:
    source, layer = o.take(node, 0), node["op"].removeprefix("Reduce")
    rank = len(o.shape(source))
    axes = o.constant(node, 1) if o.has(node, 1) else node["attr"].get("axes")
    if not isinstance(axes, list) or not axes:
        raise Refused("over all axes, or over axes that are not known")
    dims = sorted(int(one) % rank for one in axes)
    keep = bool(node["attr"].get("keepdims", 1))
    if len(dims) == 1:
        at = Axis(-1 if dims[0] == rank - 1 else dims[0])
        o.give(node, layer, (source,), {"dim": at, "keepdim": keep})
    else:
        o.give(node, f"{layer}Over", (source,), {"dims": [Axis(one) for one in dims], "keepdim": keep})


@rule("ReduceMax")
def _(o: OnnxLift, node: Node) -> None:
    source = o.take(node, 0)
    axes = o.constant(node, 1) if o.has(node, 1) else node["attr"].get("axes")
    if not isinstance(axes, list) or len(axes) != 1:
        raise Refused("over several axes")
    at = int(axes[0]) % len(o.shape(source))
    o.give(node, "Max", (source,), {"dim": Axis(at), "keepdim": bool(node["attr"].get("keepdims", 1))})


@rule("CumSum")
def _(o: OnnxLift, node: Node) -> None:
    axis = o.number(node, 1)
    if axis is None or node["attr"].get("exclusive") or node["attr"].get("reverse"):
        raise Refused("of another kind")
    o.give(node, "CumSum", (o.take(node, 0),), {"dim": Axis(int(axis))})


@rule("MaxPool", "AveragePool")
def _(o: OnnxLift, node: Node) -> None:
    source, own = o.take(node, 0), node["attr"]
    kernel = own["kernel_shape"]
    rank = len(kernel)
    stride, dilation = own.get("strides") or [1] * rank, own.get("dilations") or [1] * rank
    before, after = _pads(o, node, rank, kernel, stride, dilation, source)
    if len(node["o"]) > 1:
        raise Refused("giving places too")
    if before != after or any(2 * one > size for one, size in zip(before, kernel, strict=True)):
        source, before = pad(o, source, before, after), [0] * rank
    found: dict[str, Any] = {"kernel_size": even(kernel), "stride": even(stride), "padding": even(before)}
    found["ceil_mode"] = bool(own.get("ceil_mode"))
    if node["op"] == "MaxPool":
        o.give(node, f"MaxPool{rank}d", (source,), {**found, "dilation": even(dilation)})
    elif any(one != 1 for one in dilation):
        raise Refused("with a dilation")
    else:
        o.give(node, f"AvgPool{rank}d", (source,), found)


@rule("GlobalAveragePool", "GlobalMaxPool")
def _(o: OnnxLift, node: Node) -> None:
    source = o.take(node, 0)
    kind = "Avg" if "Average" in node["op"] else "Max"
    o.give(node, f"Adaptive{kind}Pool{len(o.shape(source)) - 2}d", (source,), {"output_size": 1})


@rule("Resize", "Upsample")
def _(o: OnnxLift, node: Node) -> None:
    source = o.take(node, 0)
    before, after = o.shape(source), o.lifter.values[node["o"][0]].shape
    mode = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}[node["attr"].get("mode", "nearest")]
    if len(before) != 4 or before[:2] != after[:2]:
        raise Refused("of other axes than height and width")
    factors = [other / one for one, other in zip(before[2:], after[2:], strict=True)]
    if all(one >= 1 and one == int(one) for one in factors):
        o.give(node, "Upsample", (source,), {"scale_factor": even([int(one) for one in factors]), "mode": mode})
    else:
        o.give(node, "Resize", (source,), {"size": even(list(after[2:])), "mode": mode})
