"""Layers over the last axis, norms, tables, attention; activations; layers that do nothing."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

from archspec.importing.graphs.keras_lift import KerasLift, axis_of, even, named_axis
from archspec.importing.graphs.keras_names import spellings
from archspec.importing.graphs.keras_rules import activate, layer
from archspec.importing.lift.lifter import tensor
from archspec.importing.lift.rules.registry import Refused
from archspec.importing.lift.shapes import reshape
from archspec.importing.lift.spellings import arguments
from archspec.importing.program import Block, Held, Value

Node = dict[str, Any]


def spelled(k: KerasLift, node: Node, value: int) -> int:
    """The layer that the library spells so, on a value; what it gives is as wide as Keras says, in its place."""
    moved = k.is_moved(value)
    for one in spellings().get(node["op"], ()):
        found = arguments(one, node["set"])
        if found is not None:
            dtype = k.lifter.values[node["o"][0]].dtype
            made = k.apply(one.layer.name, (value,), k.expected(node, moved), found, own=True, dtype=dtype)
            if moved:
                k.moved.add(made)
            return made
    raise Refused("made with settings that the library's layer does not have")


@layer("Dense", "Embedding", "UnitNormalization")
def _(k: KerasLift, node: Node) -> None:
    made = spelled(k, node, k.want(k.source(node), False))
    k.finish(node, activate(k, made, node["set"].get("activation")))


@layer("Dropout", "AlphaDropout")
def _(k: KerasLift, node: Node) -> None:
    value = k.source(node)
    if node["set"].get("rate"):
        value = spelled(k, node, value)
    k.finish(node, value, k.is_moved(value))


@layer("ELU", "LeakyReLU")
def _(k: KerasLift, node: Node) -> None:
    value = k.source(node)
    k.finish(node, spelled(k, node, value), k.is_moved(value))


@layer(
    "Identity", "ActivityRegularization", "GaussianNoise", "GaussianDropout", "RandomFlip", "RandomRotation",
    "RandomZoom", "RandomContrast", "RandomBrightness", "RandomTranslation", "Masking",
)  # fmt: skip
def _(k: KerasLift, node: Node) -> None:
    value = k.source(node)
    k.finish(node, value, k.is_moved(value))


@layer("Activation")
def _(k: KerasLift, node: Node) -> None:
    value = k.source(node)
    k.finish(node, activate(k, value, node["set"]["activation"], own=True), k.is_moved(value))


@layer("ReLU")
def _(k: KerasLift, node: Node) -> None:
    value, own = k.source(node), node["set"]
    top, slope, threshold = own.get("max_value"), own.get("negative_slope") or 0.0, own.get("threshold") or 0.0
    found: dict[str, Any] = {}
    if threshold or (top is not None and slope):
        raise Refused("with a threshold, or a slope and a largest value")
    if slope:
        name, found = "LeakyReLU", {"negative_slope": float(slope)}
    elif top is None:
        name = "ReLU"
    elif top == 6:
        name = "ReLU6"
    else:
        name, found = "Clamp", {"min": 0.0, "max": float(top)}
    k.finish(node, k.apply(name, (value,), k.shape(value), found, own=True), k.is_moved(value))


@layer("Softmax")
def _(k: KerasLift, node: Node) -> None:
    value, axis = k.source(node), node["set"].get("axis", -1)
    if not isinstance(axis, int) or len(k.tensors(node)) > 1:
        raise Refused("over several axes, or with a mask")
    made = k.apply("Softmax", (value,), k.shape(value), {"dim": named_axis(k, value, axis)}, own=True)
    k.finish(node, made, k.is_moved(value))


@layer("PReLU")
def _(k: KerasLift, node: Node) -> None:
    value = k.source(node)
    rank = len(k.shape(value))
    shared = node["set"].get("shared_axes") or []
    if sorted(shared) != list(range(1, rank - 1)):
        raise Refused("with a slope for every element")
    value = k.want(value, rank > 2)
    made = k.apply("PReLU", (value,), k.shape(value), {"num_parameters": k.shape(value)[1]}, own=True)
    k.finish(node, made, rank > 2)


@layer("BatchNormalization")
def _(k: KerasLift, node: Node) -> None:
    value, own = k.source(node), node["set"]
    rank = len(k.shape(value))
    axis = own.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    if not isinstance(axis, int) or rank > 5 or axis % rank not in (1, rank - 1):
        raise Refused(f"over axis {axis!r}")
    moved = rank > 2 and axis % rank == rank - 1
    value = k.want(value, moved)
    layer_name = f"BatchNorm{max(rank - 2, 1)}d"
    affine = bool(own["scale"] and own["center"])
    arguments_ = {"eps": float(own["epsilon"]), "momentum": 1.0 - float(own["momentum"]), "affine": affine}
    if affine or not (own["scale"] or own["center"]):
        k.finish(node, k.apply(layer_name, (value,), k.shape(value), arguments_, own=True), moved)
        return
    k.finish(node, _partly_affine(k, value, layer_name, arguments_, "*" if own["scale"] else "+"), moved)


def _partly_affine(k: KerasLift, value: int, layer_name: str, found: dict[str, Any], operator: str) -> int:
    """A norm with a scale or a shift alone, as a layer of its own."""
    shape = k.shape(value)
    leaf = "weight" if operator == "*" else "bias"
    lifter, path = k.lifter, k.path
    lifter.values.append(Value((shape[1],), "float32", True, -len(lifter.values), ()))
    held = len(lifter.values) - 1
    lifter.held[held] = Held(held, f"{path}.{leaf}", "param", (shape[1],), "float32", False)
    outer, lifter.items = lifter.items, []
    normal = k.apply(layer_name, (value,), shape, found, suffix="norm")
    wide = lifter.new([shape[1], *[1] * (len(shape) - 2)], held)
    if len(shape) > 2:
        lifter.emit("Reshape", (held,), (wide,), {"shape": list(lifter.shape(wide))})
    else:
        wide = held
    made = k.apply(operator, (normal, wide), shape)
    kind = "ScaledBatchNorm" if operator == "*" else "ShiftedBatchNorm"
    block = Block(kind, lifter.items, path=path, name=k.name)
    lifter.items = outer
    lifter.items.append(block)
    return made


@layer("LayerNormalization")
def _(k: KerasLift, node: Node) -> None:
    value, own = k.source(node), node["set"]
    axis = own.get("axis", -1)
    axes = axis if isinstance(axis, list) else [axis]
    rank = len(k.shape(value))
    if [one % rank for one in axes] != [rank - 1] or own.get("rms_scaling"):
        raise Refused("over another axis than the last")
    if own["center"] and not own["scale"]:
        raise Refused("with a shift alone")
    value = k.want(value, False)
    found = {
        "affine": bool(own["scale"]),
        "bias": bool(own["center"]) or not own["scale"],
        "eps": float(own["epsilon"]),
    }
    k.finish(node, k.apply("LayerNorm", (value,), k.shape(value), found, own=True))


@layer("RMSNormalization")
def _(k: KerasLift, node: Node) -> None:
    value, own = k.want(k.source(node), False), node["set"]
    axis = own.get("axis", -1)
    if axis not in (-1, [-1], len(k.shape(value)) - 1):
        raise Refused("over another axis than the last")
    k.finish(node, k.apply("RMSNorm", (value,), k.shape(value), {"eps": float(own["epsilon"])}, own=True))


@layer("GroupNormalization")
def _(k: KerasLift, node: Node) -> None:
    value, own = k.source(node), node["set"]
    rank = len(k.shape(value))
    if own.get("axis", -1) not in (-1, rank - 1) or own["scale"] != own["center"]:
        raise Refused("over another axis than the last, or with a scale alone")
    moved = rank > 2
    value = k.want(value, moved)
    groups = own["groups"] if own["groups"] != -1 else k.shape(value)[1]
    found = {"groups": groups, "affine": bool(own["scale"]), "eps": float(own["epsilon"])}
    k.finish(node, k.apply("GroupNorm", (value,), k.shape(value), found, own=True), moved)


@layer("Rescaling")
def _(k: KerasLift, node: Node) -> None:
    value, own = k.source(node), node["set"]
    moved = k.is_moved(value)
    if not isinstance(own["scale"], int | float) or not isinstance(own["offset"], int | float):
        raise Refused("with a number for each channel")
    made = k.apply("Scale", (value,), k.shape(value), {"by": float(own["scale"])})
    if own["offset"]:
        made = k.apply("Shift", (made,), k.shape(value), {"by": float(own["offset"])})
    k.finish(node, made, moved)


@layer("Flatten")
def _(k: KerasLift, node: Node) -> None:
    value = k.source(node)  # in whatever order: as many elements, one after the other
    output = k.lifter.new(k.expected(node, False), value)
    reshape(k.lifter, value, output)
    k.finish(node, k.lifter.find(output))


@layer("MultiHeadAttention")
def _(k: KerasLift, node: Node) -> None:
    own = node["set"]
    named = {name: tensor(one) for name, one in node["k"].items()}
    given = [tensor(one) for one in node["a"]] + [None] * 3
    query = given[0] if given[0] is not None else named.get("query")
    value = given[1] if given[1] is not None else named.get("value")
    key = given[2] if given[2] is not None else named.get("key")
    if query is None or value is None or named.get("attention_mask") is not None:
        raise Refused("with a mask")
    scores = node["k"].get("return_attention_scores") is True or len(node["o"]) > 1
    if scores or own.get("attention_axes") not in (None, [], [1]):
        raise Refused("over several axes, or giving its scores")
    x, m = k.want(query, False), k.want(value, False)
    memory = m if key is None else k.want(key, False)
    if len(k.shape(x)) != 3:
        raise Refused("of tensors that have not three axes")
    d, heads, width = k.shape(x)[-1], own["num_heads"], own["key_dim"]
    deep = own.get("value_dim") or width
    wide = own.get("output_shape") or d
    wide = wide[0] if isinstance(wide, list) and len(wide) == 1 else wide
    causal = node["k"].get("use_causal_mask") is True
    bias = bool(own["use_bias"])
    plain = heads * width == d == wide and deep == width and memory == m and k.shape(m)[-1] == d
    if plain and not causal:
        kind = "MultiheadAttention" if m == x else "MultiheadCrossAttention"
        found = {"num_heads": heads, "dropout": float(own["dropout"]), "bias": bias, "batch_first": True}
        inputs = (x,) if m == x else (x, m)
        k.finish(node, k.apply(kind, inputs, k.shape(x), found, own=True))
        return
    pieces = []
    for name, source, size in (("query", x, width), ("key", memory, width), ("value", m, deep)):
        batch, length, _ = k.shape(source)
        flat = k.apply(
            "Linear", (source,), (batch, length, heads * size), {"out": heads * size, "bias": bias}, suffix=name
        )
        pieces.append(k.apply("Heads", (flat,), (batch, heads, length, size), {"heads": heads}))
    batch, length, _ = k.shape(x)
    found = {"causal": causal, "dropout": float(own["dropout"])}
    mixed = k.apply("Attention", pieces, (batch, heads, length, deep), found)
    merged = k.apply("MergeHeads", (mixed,), (batch, length, heads * deep))
    k.finish(node, k.apply("Linear", (merged,), (batch, length, wide), {"out": wide, "bias": bias}, suffix="output"))


@layer("EinsumDense")
def _(k: KerasLift, node: Node) -> None:
    """As `Linear` where the input's last axes are summed over, in their order; heads are cut and joined around it."""
    own = node["set"]
    left, _, rest = str(own["equation"]).replace(" ", "").partition(",")
    kernel, _, right = rest.partition("->")
    left, right = left.replace("...", ""), right.replace("...", "")
    value = k.want(k.source(node), False)
    summed = "".join(one for one in left if one not in right)
    made = right.removeprefix(left.removesuffix(summed))
    if not summed or not left.endswith(summed) or kernel != summed + made or set(left) & set(made):
        raise Refused(f"of the equation {own['equation']!r}")
    bias = own.get("bias_axes")
    if bias is not None and sorted(bias) != sorted(made):
        raise Refused("with a bias over other axes")
    shape = k.shape(value)
    if len(summed) > 1:
        merged = k.lifter.new((*shape[: -len(summed)], prod(shape[-len(summed) :])), value)
        reshape(k.lifter, value, merged)
        value = k.lifter.find(merged)
    wanted = k.expected(node, False)
    out = prod(wanted[len(wanted) - len(made) :])
    found = {"out": out, "bias": bias is not None}
    result = k.apply("Linear", (value,), (*k.shape(value)[:-1], out), found, own=True)
    if len(made) > 1:
        cut = k.lifter.new(wanted, result)
        reshape(k.lifter, result, cut)
        result = k.lifter.find(cut)
    k.finish(node, activate(k, result, own.get("activation")))


@layer("GRU")
def _(k: KerasLift, node: Node) -> None:
    own = node["set"]
    if not own.get("reset_after") or len(k.tensors(node)) > 1 or own.get("dropout") or own.get("recurrent_dropout"):
        raise Refused("with a state from elsewhere, dropout, or its reset before the product")
    _recurrent(k, node, "GRU", bool(own["use_bias"]))


@layer("LSTM")
def _(k: KerasLift, node: Node) -> None:
    own = node["set"]
    if own["use_bias"]:
        raise Refused("with one bias vector, where the library's layer has two as PyTorch")
    if len(k.tensors(node)) > 1 or own.get("dropout") or own.get("recurrent_dropout"):
        raise Refused("with a state from elsewhere, or dropout")
    _recurrent(k, node, "LSTM", False)


def _recurrent(k: KerasLift, node: Node, kind: str, bias: bool) -> None:
    own = node["set"]
    if own.get("return_state") or own.get("activation") != "tanh" or own.get("recurrent_activation") != "sigmoid":
        raise Refused("giving its state, or with other activations")
    value = k.want(k.source(node), False)
    batch, length, _ = k.shape(value)
    found = {"hidden_size": own["units"], "bias": bias, "batch_first": True}
    made = k.apply(kind, (value,), (batch, length, own["units"]), found, own=True)
    if not own.get("return_sequences"):
        from archspec.importing.lift.lifter import Axis

        made = k.apply("Select", (made,), (batch, own["units"]), {"dim": Axis(1), "index": Axis(-1)})
    k.finish(node, made)


@layer("StochasticDepth", "DropPath")
def _(k: KerasLift, node: Node) -> None:
    value = k.source(node)
    rate = node["set"].get("drop_path_rate", node["set"].get("rate", 0.1))
    made = k.apply("StochasticDepth", (value,), k.shape(value), {"p": float(rate)}, own=True)
    k.finish(node, made, k.is_moved(value))


@layer("Normalization")
def _(k: KerasLift, node: Node) -> None:
    raise Refused("with statistics of the data")


__all__ = ["axis_of", "even", "replace", "spelled"]
