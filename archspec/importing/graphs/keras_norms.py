"""Norms, and the statistics of data."""

from __future__ import annotations

from typing import Any

from archspec.importing.graphs.keras_lift import KerasLift
from archspec.importing.graphs.keras_rules import layer
from archspec.importing.lift.rules.registry import Refused
from archspec.importing.program import Block

Node = dict[str, Any]


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
    lifter, path = k.lifter, k.path
    held = k.hold("weight" if operator == "*" else "bias", (shape[1],), "param")
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


@layer("Normalization")
def _(k: KerasLift, node: Node) -> None:
    """Less the mean, over the deviation: of data that it saw, which it holds, or of numbers that it was given."""
    value, own = k.source(node), node["set"]
    rank = len(k.shape(value))
    axes = own.get("axis", -1)
    axes = axes if isinstance(axes, list) else [axes]
    if [one % rank for one in axes] != [rank - 1] or own.get("invert"):
        raise Refused("over another axis than the last, or turned round")
    moved = k.is_moved(value)
    shape = k.shape(value)
    width = shape[1] if moved else shape[-1]
    wide = (width, *[1] * (rank - 2)) if moved else (width,)
    outer, k.lifter.items = k.lifter.items, []
    if own.get("mean") is None:
        mean, variance = (k.hold(leaf, (width,), "buffer") for leaf in ("mean", "variance"))
        k.hold("count", (), "buffer", dtype="int64", used=False)
    else:
        mean, variance = (k.nowhere((width,)) for _ in range(2))
    deviation = k.apply("Sqrt", (variance,), (width,))
    if len(wide) > 1:
        mean, deviation = (k.apply("Reshape", (one,), wide, {"shape": list(wide)}) for one in (mean, deviation))
    made = k.apply("/", (k.apply("-", (value, mean), shape), deviation), shape)
    block = Block("Normalization", k.lifter.items, path=k.path, name=k.name)
    k.lifter.items = outer
    k.lifter.items.append(block)
    if moved:
        k.moved.add(made)
    k.finish(node, made, moved)
