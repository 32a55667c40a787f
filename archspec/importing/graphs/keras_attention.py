"""Attention, products over several axes, recurrent layers."""

from __future__ import annotations

from math import prod
from typing import Any

from archspec.importing.graphs.keras_lift import KerasLift
from archspec.importing.graphs.keras_rules import activate, layer
from archspec.importing.lift.lifter import Axis, tensor
from archspec.importing.lift.rules.registry import Refused
from archspec.importing.lift.shapes import reshape

Node = dict[str, Any]


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
        made = k.apply("Select", (made,), (batch, own["units"]), {"dim": Axis(1), "index": Axis(-1)})
    k.finish(node, made)
