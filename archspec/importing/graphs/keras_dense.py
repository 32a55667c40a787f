"""Layers over the last axis, tables, activations, dropout, and layers that do nothing."""

from __future__ import annotations

from typing import Any

from archspec.importing.graphs.keras_lift import KerasLift
from archspec.importing.graphs.keras_names import spellings
from archspec.importing.graphs.keras_rules import activate, layer
from archspec.importing.graphs.settings import named_axis
from archspec.importing.lift.rules.registry import Refused
from archspec.importing.lift.shapes import reshape
from archspec.importing.lift.spellings import arguments

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


@layer("StochasticDepth", "DropPath")
def _(k: KerasLift, node: Node) -> None:
    value = k.source(node)
    rate = node["set"].get("drop_path_rate", node["set"].get("rate", 0.1))
    made = k.apply("StochasticDepth", (value,), k.shape(value), {"p": float(rate)}, own=True)
    k.finish(node, made, k.is_moved(value))
