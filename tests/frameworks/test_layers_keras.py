"""Each layer of the library against the Keras layer that it stands for: trainable weights and output shapes.

Only shapes are computed (`KerasTensor`). Keras has channels last: images are turned before and after; sequences are
turned by the spellings.
"""

from __future__ import annotations

import math
import os
from types import SimpleNamespace
from typing import Any

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")

import layer_bindings as bindings  # noqa: E402
from layer_cases import Case, draw_cases  # noqa: E402
from layer_derive import Input, derive  # noqa: E402

POLICY = SimpleNamespace(attention="sdpa", mode="train", backend="cpu", regime="float32")


class Recording:
    """`keras.layers`, which notes every layer that is made."""

    def __init__(self) -> None:
        self.made: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        def make(*arguments: Any, **keywords: Any) -> Any:
            self.made.append(getattr(keras.layers, name)(*arguments, **keywords))
            return self.made[-1]

        return make


CHANNELS_FIRST = ("Conv", "BatchNorm", "InstanceNorm", "GroupNorm", "Pad", "Pool", "Upsample", "Resize")
ALL_AXES = ("PadAxes",)
"""Layers that treat channels as any axis."""
MADE = ("Plane",)
"""Layers that make an image of something else: only what they give is turned."""
CHANNELS_DROPPED = ("Dropout1d", "Dropout2d", "Dropout3d")


def names_of(case: Case) -> dict[str, Any]:
    """What the names in a spelling stand for."""
    return {"policy": POLICY, **bindings.names_of(bindings.library()[case.layer], case.arguments, case.shapes)}


def _spelled(case: Case) -> bool:
    layer = bindings.library()[case.layer]
    names = names_of(case)
    binding = bindings.chosen(layer, "keras", names)
    return binding is not None and binding.call is not None


CASES = [case for case in draw_cases(range(2)) if _spelled(case) and not case.arguments.get("inplace")]


def turned(case: Case, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape with its channels last, where the layer has channels."""
    moves = any(word in case.layer for word in CHANNELS_FIRST) and case.layer not in ALL_AXES
    moves = moves or case.layer in CHANNELS_DROPPED
    return (shape[0], *shape[2:], shape[1]) if moves and len(shape) > 3 else shape


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_weights_and_shapes(case: Case) -> None:
    layer = bindings.library()[case.layer]
    assert layer.signature is not None
    names = names_of(case)
    binding = bindings.chosen(layer, "keras", names)
    assert binding is not None
    inputs = [declared.name for declared in layer.signature.inputs]
    recording = Recording()
    made: Any = bindings.spell(binding, names, inputs, {"layers": recording, "ops": keras.ops})
    tensors = [
        keras.KerasTensor(turned(case, shape), dtype="int32" if index in case.integers else "float32")
        for index, shape in enumerate(case.shapes)
    ]
    merges = isinstance(made, keras.layers.Layer) and len(tensors) > 1
    # A layer without inputs is what its spelling gives.
    result = made if not inputs else made(tensors) if merges else made(*tensors)
    result = result[0] if isinstance(result, list | tuple) else result
    given = [Input(shape, index in case.integers) for index, shape in enumerate(case.shapes)]
    found = derive(case.layer, case.arguments, given, [len(result.shape)])
    weights = sum(math.prod(weight.shape) for one in recording.made for weight in one.trainable_weights)
    assert found["params"] == weights
    shape = found["shapes"][0]
    turns = case.layer in MADE
    assert ((shape[0], *shape[2:], shape[1]) if turns else turned(case, shape)) == tuple(result.shape)
