"""Norms and dropout called as functions."""

from __future__ import annotations

from typing import Any

from archspec.importing.lift.lifter import Lifter, tensor
from archspec.importing.lift.rules.registry import Refused, given, result, rule, source

Node = dict[str, Any]


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
