"""Element by element, along an axis: sums, products, powers, activations."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from archspec.importing.lift.lifter import Axis, Lifter, tensor, tensors_in
from archspec.importing.lift.rules.registry import RULES, Refused, Rule, given, result, rule, source

Node = dict[str, Any]


def _binary(operator: str) -> Rule:
    def lift(lifter: Lifter, node: Node) -> None:
        left, right = node["a"][0], given(node, 1, "other")
        if node["k"].get("alpha", 1) != 1 or node["k"].get("rounding_mode") is not None:
            raise Refused("with a factor, or rounded")
        first, second = tensor(left), tensor(right)
        if first is not None and second is not None:
            lifter.emit(operator, (first, second), (result(node),))
            return
        number, operand = (right, first) if first is not None else (left, second)
        if operand is None or not isinstance(number, int | float) or isinstance(number, bool):
            raise Refused("of something else than tensors and numbers")
        _with_number(lifter, operator, operand, float(number), first is not None, result(node))

    return lift


def _with_number(lifter: Lifter, operator: str, operand: int, number: float, left: bool, out: int) -> None:
    if operator == "*" or (operator == "/" and left):
        lifter.emit("Scale", (operand,), (out,), {"by": number if operator == "*" else 1.0 / (number or 1.0)})
    elif operator == "/":
        lifter.emit("Reciprocal", (operand,), (out,), {"by": number})
    elif operator == "+" or left:
        lifter.emit("Shift", (operand,), (out,), {"by": number if operator == "+" else -number})
    else:
        negative = lifter.new(lifter.shape(operand), out, fresh=True)
        lifter.emit("Scale", (operand,), (negative,), {"by": -1.0})
        lifter.emit("Shift", (negative,), (out,), {"by": number})


for _operator, _names in {
    "+": ("add", "__add__", "__radd__", "__iadd__", "add_"),
    "-": ("sub", "subtract", "__sub__", "__isub__", "sub_"),
    "*": ("mul", "multiply", "__mul__", "__rmul__", "__imul__", "mul_"),
    "/": ("div", "true_divide", "divide", "__truediv__", "__itruediv__", "div_"),
}.items():
    rule(*_names)(_binary(_operator))


@rule("addcmul")
def _(lifter: Lifter, node: Node) -> None:
    first, second = tensor(given(node, 1, "tensor1")), tensor(given(node, 2, "tensor2"))
    if first is None or second is None or node["k"].get("value", 1) != 1:
        raise Refused("with a factor")
    # What is kept are the two factors, as of the product alone; the product itself is never held longer than the sum.
    sizes = zip_longest(reversed(lifter.shape(first)), reversed(lifter.shape(second)), fillvalue=1)
    shape = [other if one == 1 else one for one, other in sizes][::-1]
    product = lifter.new(shape, result(node), fresh=True)
    lifter.emit("*", (first, second), (product,))
    lifter.emit("+", (source(node), product), (result(node),))


@rule("rsub", "__rsub__")
def _(lifter: Lifter, node: Node) -> None:
    node = {**node, "a": [given(node, 1, "other"), node["a"][0]]}
    RULES["sub"](lifter, node)


@rule("__rtruediv__", "__rdiv__")
def _(lifter: Lifter, node: Node) -> None:
    node = {**node, "a": [given(node, 1, "other"), node["a"][0]]}
    RULES["div"](lifter, node)


@rule("neg", "negative", "__neg__")
def _(lifter: Lifter, node: Node) -> None:
    lifter.emit("Scale", (source(node),), (result(node),), {"by": -1.0})


@rule("pow", "__pow__", "pow_", "square")
def _(lifter: Lifter, node: Node) -> None:
    exponent = given(node, 1, "exponent", 2)
    if not isinstance(exponent, int | float):
        raise Refused("to the power of a tensor")
    lifter.emit("Pow", (source(node),), (result(node),), {"exponent": float(exponent)})


def _same(layer: str) -> Rule:
    def lift(lifter: Lifter, node: Node) -> None:
        lifter.emit(layer, (source(node),), (result(node),))

    return lift


for _layer, _names in {
    "Sqrt": ("sqrt",), "Rsqrt": ("rsqrt",), "Exp": ("exp",), "Log": ("log",), "Abs": ("abs", "absolute"),
    "Sin": ("sin",), "Cos": ("cos",), "Sigmoid": ("sigmoid", "sigmoid_"), "Tanh": ("tanh", "tanh_"),
    "Softsign": ("softsign",), "Tanhshrink": ("tanhshrink",), "LogSigmoid": ("logsigmoid",), "Mish": ("mish",),
    "Reciprocal": ("reciprocal",),
}.items():  # fmt: skip
    rule(*_names)(_same(_layer))


def _activation(layer: str) -> Rule:
    def lift(lifter: Lifter, node: Node) -> None:
        written = node["k"].get("inplace") is True or bool(node.get("w"))
        lifter.emit(layer, (source(node),), (result(node),), {"inplace": True} if written else {})

    return lift


for _layer, _names in {
    "ReLU": ("relu", "relu_"), "ReLU6": ("relu6",), "SiLU": ("silu", "silu_"), "Hardswish": ("hardswish",),
    "Hardsigmoid": ("hardsigmoid",), "SELU": ("selu", "selu_"),
}.items():  # fmt: skip
    rule(*_names)(_activation(_layer))


@rule("gelu")
def _(lifter: Lifter, node: Node) -> None:
    lifter.emit("GELU", (source(node),), (result(node),), {"approximate": given(node, 1, "approximate", "none")})


@rule("leaky_relu", "leaky_relu_")
def _(lifter: Lifter, node: Node) -> None:
    written = {"inplace": True} if node["k"].get("inplace") is True or node.get("w") else {}
    slope = float(given(node, 1, "negative_slope", 0.01))
    lifter.emit("LeakyReLU", (source(node),), (result(node),), {"negative_slope": slope, **written})


@rule("elu", "elu_")
def _(lifter: Lifter, node: Node) -> None:
    lifter.emit("ELU", (source(node),), (result(node),), {"alpha": float(given(node, 1, "alpha", 1.0))})


@rule("softplus")
def _(lifter: Lifter, node: Node) -> None:
    lifter.emit("Softplus", (source(node),), (result(node),))


@rule("hardtanh", "hardtanh_")
def _(lifter: Lifter, node: Node) -> None:
    bounds = {"min_val": float(given(node, 1, "min_val", -1.0)), "max_val": float(given(node, 2, "max_val", 1.0))}
    lifter.emit("Hardtanh", (source(node),), (result(node),), bounds)


@rule("glu")
def _(lifter: Lifter, node: Node) -> None:
    if given(node, 1, "dim", -1) not in (-1, len(lifter.shape(source(node))) - 1):
        raise Refused("along another axis than the last")
    lifter.emit("GLU", (source(node),), (result(node),))


@rule("softmax", "log_softmax")
def _(lifter: Lifter, node: Node) -> None:
    layer = "LogSoftmax" if "log" in node["f"] else "Softmax"
    dim = given(node, 1, "dim", -1)
    rank = len(lifter.shape(source(node)))
    lifter.emit(layer, (source(node),), (result(node),), {"dim": Axis(-1 if dim % rank == rank - 1 else dim % rank)})


@rule("cumsum")
def _(lifter: Lifter, node: Node) -> None:
    dim = given(node, 1, "dim", -1)
    rank = len(lifter.shape(source(node)))
    lifter.emit("CumSum", (source(node),), (result(node),), {"dim": Axis(-1 if dim % rank == rank - 1 else dim % rank)})


@rule("clamp", "clamp_", "clip")
def _(lifter: Lifter, node: Node) -> None:
    low, high = given(node, 1, "min"), given(node, 2, "max")
    if tensor(low) is not None or tensor(high) is not None:
        raise Refused("between tensors")
    bounds = {"min": float(-1e30 if low is None else low), "max": float(1e30 if high is None else high)}
    lifter.emit("Clamp", (source(node),), (result(node),), bounds)


@rule("clamp_min", "clamp_min_")
def _(lifter: Lifter, node: Node) -> None:
    bounds = {"min": float(given(node, 1, "min")), "max": 1e30}
    lifter.emit("Clamp", (source(node),), (result(node),), bounds)


def _reduction(layer: str) -> Rule:
    def lift(lifter: Lifter, node: Node) -> None:
        rank = len(lifter.shape(source(node)))
        dim = given(node, 1, "dim")
        keep = bool(given(node, 2, "keepdim", False))
        dims = (
            sorted((one % rank for one in (dim if isinstance(dim, list) else [dim])), reverse=True)
            if (dim is not None)
            else []
        )
        if not dims:
            raise Refused("over all axes")
        if len(dims) > 1:
            raise Refused("over several axes")
        at = Axis(-1 if dims[0] == rank - 1 else dims[0])
        lifter.emit(layer, (source(node),), (result(node),), {"dim": at, **({"keepdim": True} if keep else {})})

    return lift


rule("sum")(_reduction("Sum"))


@rule("mean")
def _(lifter: Lifter, node: Node) -> None:
    value, dim = source(node), given(node, 1, "dim")
    rank = len(lifter.shape(value))
    dims = sorted(one % rank for one in dim) if isinstance(dim, list) else None
    if dims is not None and len(dims) > 1:
        keep = bool(given(node, 2, "keepdim", False))
        lifter.emit("MeanOver", (value,), (result(node),), {"dims": [Axis(one) for one in dims], "keepdim": keep})
        return
    _reduction("Mean")(lifter, {**node, "a": [node["a"][0], dim[0] if isinstance(dim, list) else dim, *node["a"][2:]]})


@rule("max")
def _(lifter: Lifter, node: Node) -> None:
    other = given(node, 1, "dim")
    if other is None:
        other = node["k"].get("other")
    if tensor(other) is not None:
        lifter.emit("Maximum", (source(node), int(tensor(other) or 0)), (result(node),))
        return
    outputs = list(tensors_in(node["o"]))
    _reduction("Max")(lifter, {**node, "o": {"v": outputs[0]}})


rule("amax")(_reduction("Amax"))
rule("amin")(_reduction("Amin"))


@rule("maximum", "minimum")
def _(lifter: Lifter, node: Node) -> None:
    layer = "Maximum" if "max" in node["f"] else "Minimum"
    second = tensor(given(node, 1, "other"))
    if second is None:
        raise Refused("of something else than two tensors")
    lifter.emit(layer, (source(node), second), (result(node),))


@rule("normalize")
def _(lifter: Lifter, node: Node) -> None:
    rank = len(lifter.shape(source(node)))
    if given(node, 1, "p", 2.0) != 2 or given(node, 2, "dim", 1) % rank != rank - 1:
        raise Refused("along another axis than the last")
    lifter.emit("Normalize", (source(node),), (result(node),))


@rule("masked_fill", "masked_fill_")
def _(lifter: Lifter, node: Node) -> None:
    mask = tensor(given(node, 1, "mask"))
    if mask is None:
        raise Refused("without a mask")
    lifter.emit("MaskedFill", (source(node), mask), (result(node),))


@rule("where")
def _(lifter: Lifter, node: Node) -> None:
    mask, one, other = (tensor(given(node, place, name)) for place, name in enumerate(("condition", "input", "other")))
    if mask is None or (one is None and other is None):
        raise Refused("of something else than a mask and tensors")
    if one is not None and other is not None:
        lifter.emit("Where", (mask, one, other), (result(node),))
        return
    # A number where the mask is true or where it is not: what is kept is the same.
    lifter.emit("MaskedFill", (int(one if one is not None else other or 0), mask), (result(node),))
