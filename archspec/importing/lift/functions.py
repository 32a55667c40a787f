"""Functions of torch as layers of the library: a table from names to what writes the call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archspec.importing.lift import shapes
from archspec.importing.lift.lifter import Axis, Lifter, tensor, tensors_in

Node = dict[str, Any]
Rule = Callable[[Lifter, Node], None]
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register a rule for functions of these names. A name has one rule."""

    def register(function: Rule) -> Rule:
        for name in names:
            if name in RULES:
                raise ValueError(f"{name} has a rule already")
            RULES[name] = function
        return function

    return register


def given(node: Node, place: int, name: str, default: Any = None) -> Any:
    """An argument by its place or its name."""
    return node["a"][place] if place < len(node["a"]) else node["k"].get(name, default)


def source(node: Node) -> int:
    """The tensor that a function is about: its first argument."""
    found = tensor(node["a"][0]) if node["a"] else tensor(node["k"].get("input"))
    if found is None:
        raise Refused("what it is about is no tensor")
    return found


def result(node: Node) -> int:
    """The tensor that comes out."""
    found = tensor(node["o"])
    if found is None:
        raise Refused("what comes out is not one tensor")
    return found


class Refused(Exception):
    """A call has no spelling; the message says why."""


def flat(node: Node, place: int) -> list[Any]:
    """Whole numbers given one by one or as a list."""
    rest = node["a"][place:]
    return list(rest[0]) if len(rest) == 1 and isinstance(rest[0], list) else list(rest)


# Arithmetic ------------------------------------------------------------------------------------------------------


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


@rule("max", "amax")
def _(lifter: Lifter, node: Node) -> None:
    other = given(node, 1, "dim")
    if other is None:
        other = node["k"].get("other")
    if tensor(other) is not None:
        lifter.emit("Maximum", (source(node), int(tensor(other) or 0)), (result(node),))
        return
    outputs = list(tensors_in(node["o"]))
    _reduction("Max")(lifter, {**node, "o": {"v": outputs[0]}})


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


# Products --------------------------------------------------------------------------------------------------------


@rule("matmul", "bmm", "__matmul__", "mm")
def _(lifter: Lifter, node: Node) -> None:
    left, right = source(node), tensor(given(node, 1, "other", node["k"].get("mat2")))
    if right is None or min(len(lifter.shape(left)), len(lifter.shape(right))) < 2:
        raise Refused("of a vector")
    lifter.emit("MatMul", (left, right), (result(node),))


@rule("linear")
def _(lifter: Lifter, node: Node) -> None:
    weight, bias = tensor(given(node, 1, "weight")), tensor(given(node, 2, "bias"))
    if weight is None:
        raise Refused("without a weight")
    own = lifter.held.get(lifter.find(weight))
    owner = own.name.rpartition(".")[0] if own is not None else ""
    beside = lifter.held.get(lifter.find(bias)) if bias is not None else None
    alone = own is not None and own.name.endswith(".weight") and owner != lifter.path
    if alone and (bias is None or (beside is not None and beside.name == f"{owner}.bias")):
        found: dict[str, Any] = {"out": lifter.shape(weight)[0], "bias": bias is not None}
        name = owner.rpartition(".")[2]
        lifter.emit("Linear", (source(node),), (result(node),), found, path=owner, name=name)
        return
    if bias is None:
        lifter.emit("Project", (source(node), weight), (result(node),))
        return
    product = lifter.new(lifter.shape(result(node)), result(node), fresh=True)
    lifter.emit("Project", (source(node), weight), (product,))
    lifter.emit("AddBias", (product, bias), (result(node),))


@rule("addmm")
def _(lifter: Lifter, node: Node) -> None:
    # GPT-2's Conv1D: x.view(-1, in) times a weight of [in, out], which is Linear in all that counts.
    bias, left, weight = source(node), tensor(given(node, 1, "mat1")), tensor(given(node, 2, "mat2"))
    own = lifter.held.get(lifter.find(weight)) if weight is not None else None
    beside = lifter.held.get(lifter.find(bias))
    if own is None or beside is None or left is None:
        raise Refused("of tensors that are no parameters")
    owner = own.name.rpartition(".")[0]
    if beside.name.rpartition(".")[0] != owner:
        raise Refused("of parameters of two modules")
    lifter.emit("Linear", (left,), (result(node),), {"out": own.shape[1]}, path=owner, name=owner.rpartition(".")[2])


@rule("embedding")
def _(lifter: Lifter, node: Node) -> None:
    index, table = source(node), tensor(given(node, 1, "weight"))
    if table is None:
        raise Refused("without a table")
    lifter.emit("Lookup", (table, index), (result(node),))


@rule("scaled_dot_product_attention")
def _(lifter: Lifter, node: Node) -> None:
    query, key, value = (tensor(given(node, place, name)) for place, name in enumerate(("query", "key", "value")))
    mask = tensor(given(node, 3, "attn_mask"))
    dropout = float(given(node, 4, "dropout_p", 0.0))
    causal = bool(given(node, 5, "is_causal", False))
    if query is None or key is None or value is None:
        raise Refused("of something else than tensors")
    if mask is None:
        found: dict[str, Any] = {"causal": causal, **({"dropout": dropout} if dropout else {})}
        lifter.emit("Attention", (query, key, value), (result(node),), found)
        return
    if dropout or lifter.shape(query)[1] % lifter.shape(key)[1]:
        raise Refused("with a mask and dropout")
    layer = "MaskedAttention" if lifter.value(mask).dtype == "bool" else "BiasedAttention"
    lifter.emit(layer, (query, key, value, mask), (result(node),))


# Norms, pools, pictures ------------------------------------------------------------------------------------------


@rule("dropout", "dropout1d", "dropout2d", "dropout3d", "feature_dropout", "alpha_dropout", "dropout_")
def _(lifter: Lifter, node: Node) -> None:
    name = node["f"].rpartition(".")[2].rstrip("_")
    layers = {
        "dropout1d": "Dropout1d",
        "dropout2d": "Dropout2d",
        "dropout3d": "Dropout3d",
        "feature_dropout": "Dropout2d",
    }
    rate = float(given(node, 1, "p", 0.5))
    training = given(node, 2, "training", given(node, 2, "train", True))
    if rate == 0 or training is False:
        lifter.same(result(node), source(node))
        return
    layer = layers.get(name, "AlphaDropout" if "alpha" in name else "Dropout")
    lifter.emit(layer, (source(node),), (result(node),), {"p": rate})


@rule("layer_norm")
def _(lifter: Lifter, node: Node) -> None:
    _norm(lifter, node, "LayerNorm", 2, {"eps": float(given(node, 4, "eps", 1e-5))}, len(given(node, 1, "s", [0])) == 1)


@rule("rms_norm")
def _(lifter: Lifter, node: Node) -> None:
    eps = given(node, 3, "eps")
    _norm(lifter, node, "RMSNorm", 2, {"eps": float(eps or 1e-6)}, len(given(node, 1, "s", [0])) == 1)


@rule("group_norm")
def _(lifter: Lifter, node: Node) -> None:
    found = {"groups": given(node, 1, "num_groups"), "eps": float(given(node, 4, "eps", 1e-5))}
    _norm(lifter, node, "GroupNorm", 2, found, True)


@rule("batch_norm")
def _(lifter: Lifter, node: Node) -> None:
    rank = len(lifter.shape(source(node)))
    layer = {2: "BatchNorm1d", 3: "BatchNorm1d", 4: "BatchNorm2d", 5: "BatchNorm3d"}.get(rank)
    running = tensor(given(node, 1, "running_mean"))
    if layer is None or given(node, 5, "training", False) is not True:
        raise Refused("in evaluation")
    found: dict[str, Any] = {"eps": float(given(node, 7, "eps", 1e-5))}
    if running is None:
        found["track_running_stats"] = False
    _norm(lifter, node, layer, 3, found, True)


def _norm(lifter: Lifter, node: Node, layer: str, place: int, found: dict[str, Any], simple: bool) -> None:
    weight, bias = tensor(given(node, place, "weight")), tensor(given(node, place + 1, "bias"))
    if layer == "RMSNorm":
        bias = None
    if not simple:
        raise Refused("over several axes")
    if weight is None:
        lifter.emit(layer, (source(node),), (result(node),), {**found, "affine": False})
        return
    own = lifter.held.get(lifter.find(weight))
    if own is None or not own.name.endswith("weight"):
        raise Refused("with a weight that is computed")
    owner = own.name.rpartition(".")[0]
    if layer == "LayerNorm" and bias is None:
        found = {**found, "bias": False}
    lifter.emit(layer, (source(node),), (result(node),), found, path=owner, name=owner.rpartition(".")[2])


def _pool(kind: str) -> Rule:
    def lift(lifter: Lifter, node: Node) -> None:
        rank = len(lifter.shape(source(node))) - 2
        layer = f"{kind}{rank}d"
        kernel = _even(given(node, 1, "kernel_size"))
        stride = given(node, 2, "stride")
        found: dict[str, Any] = {"kernel_size": kernel, "stride": kernel if not stride else _even(stride)}
        found["padding"] = _even(given(node, 3, "padding", 0))
        if kind == "MaxPool":
            found["dilation"] = _even(given(node, 4, "dilation", 1))
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
    lifter.emit(layer, (source(node),), (result(node),), {"output_size": _even(size)})


@rule("interpolate")
def _(lifter: Lifter, node: Node) -> None:
    mode, size = given(node, 3, "mode", "nearest"), list(lifter.shape(result(node))[2:])
    factor = given(node, 2, "scale_factor")
    whole = isinstance(factor, int | float) and float(factor).is_integer()
    if whole:
        lifter.emit("Upsample", (source(node),), (result(node),), {"scale_factor": int(factor), "mode": mode})
    else:
        lifter.emit("Resize", (source(node),), (result(node),), {"size": _even(size), "mode": mode})


@rule("pad")
def _(lifter: Lifter, node: Node) -> None:
    amounts = list(given(node, 1, "pad"))
    mode = given(node, 2, "mode", "constant")
    value = source(node)
    if not any(amounts):
        reshape_same(lifter, value, result(node))
        return
    if any(one < 0 for one in amounts):
        raise Refused("with negative amounts")
    rank = len(lifter.shape(value))
    if mode != "constant":
        layer = {"reflect": "ReflectionPad", "replicate": "ReplicationPad", "circular": "CircularPad"}[mode]
        lifter.emit(f"{layer}{len(amounts) // 2}d", (value,), (result(node),), {"padding": _even(amounts)})
    elif len(amounts) == 2 * (rank - 2) and rank > 2:
        lifter.emit(f"ZeroPad{rank - 2}d", (value,), (result(node),), {"padding": _even(amounts)})
    else:
        pairs = [[amounts[2 * place], amounts[2 * place + 1]] for place in range(len(amounts) // 2)]
        pairs += [[0, 0]] * (rank - len(pairs))
        lifter.emit("PadAxes", (value,), (result(node),), {"amounts": [sum(one) for one in reversed(pairs)]})


@rule("unfold")
def _(lifter: Lifter, node: Node) -> None:
    if "functional" not in node["f"]:
        raise Refused("windows along an axis")
    names = ("kernel_size", "dilation", "padding", "stride")
    defaults = (None, 1, 0, 1)
    found = {name: _even(given(node, place + 1, name, defaults[place])) for place, name in enumerate(names)}
    lifter.emit("Unfold", (source(node),), (result(node),), found)


@rule("pixel_shuffle", "pixel_unshuffle")
def _(lifter: Lifter, node: Node) -> None:
    layer, name = ("PixelUnshuffle", "downscale_factor") if "un" in node["f"] else ("PixelShuffle", "upscale_factor")
    lifter.emit(layer, (source(node),), (result(node),), {name: given(node, 1, name)})


def _even(value: Any) -> Any:
    """A list whose entries are the same as one number."""
    if isinstance(value, list) and value and all(one == value[0] for one in value):
        return value[0]
    return value


# Joining and arranging -------------------------------------------------------------------------------------------


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


def reshape_same(lifter: Lifter, value: int, out: int) -> None:
    """A function that gave its argument back, or a copy of it."""
    if lifter.shares(value, out):
        lifter.same(out, value)
    else:
        lifter.emit("Contiguous", (value,), (out,))


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
    lifter.emit("Cast", (value,), (out,), {"to": _precision(lifter.value(out).dtype)})


class Word(str):
    """A precision: a word of the notation, not a text."""


def _precision(dtype: str) -> Word:
    return Word(dtype)


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
    times = given(node, 1, "repeats")
    if not isinstance(times, int) or given(node, 2, "dim") != 1:
        raise Refused("along another axis than the second")
    lifter.emit("RepeatHeads", (source(node),), (result(node),), {"n": times})


@rule("roll", "flip")
def _(lifter: Lifter, node: Node) -> None:
    lifter.emit("Contiguous", (source(node),), (result(node),))


def outputs_of(node: Node) -> Sequence[int]:
    """The values that a function gives, or writes into."""
    found = list(tensors_in(node["o"]))
    return found or list(node.get("w", ()))
