"""Each layer of the library against the Keras layer that it stands for: trainable weights and output shapes.

Only shapes are computed (`KerasTensor`). Keras has channels last: images are turned before and after.
"""

from __future__ import annotations

import math
import os
from typing import Any

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")

import layer_bindings as bindings  # noqa: E402
from layer_cases import Case, draw_cases  # noqa: E402
from layer_derive import Input, derive  # noqa: E402

SPACES = {"layers": keras.layers, "ops": keras.ops}
CHANNELS_FIRST = ("Conv", "BatchNorm", "InstanceNorm", "GroupNorm", "Pad", "Pool", "Upsample", "Resize")
CHANNELS_DROPPED = ("Dropout1d", "Dropout2d", "Dropout3d")


def _spelled(case: Case) -> bool:
    layer = bindings.library()[case.layer]
    names = bindings.names_of(layer, case.arguments, case.shapes)
    binding = bindings.chosen(layer, "keras", names)
    return binding is not None and binding.call is not None


CASES = [case for case in draw_cases(range(2)) if _spelled(case) and not case.arguments.get("inplace")]


def turned(case: Case, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape with its channels last, where the layer has channels."""
    moves = any(word in case.layer for word in CHANNELS_FIRST) or case.layer in CHANNELS_DROPPED
    return (shape[0], *shape[2:], shape[1]) if moves and len(shape) > 2 else shape


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_weights_and_shapes(case: Case) -> None:
    layer = bindings.library()[case.layer]
    assert layer.signature is not None
    names = bindings.names_of(layer, case.arguments, case.shapes)
    binding = bindings.chosen(layer, "keras", names)
    assert binding is not None
    inputs = [declared.name for declared in layer.signature.inputs]
    made: Any = bindings.spell(binding, names, inputs, SPACES)
    tensors = [
        keras.KerasTensor(turned(case, shape), dtype="int32" if index in case.integers else "float32")
        for index, shape in enumerate(case.shapes)
    ]
    merges = isinstance(made, keras.layers.Layer) and len(tensors) > 1
    if case.layer == "MultiheadAttention":
        result = made(tensors[0], tensors[0])
    elif case.layer == "MultiheadCrossAttention":
        result = made(*tensors)
    else:
        result = made(tensors) if merges else made(*tensors)
    given = [Input(shape, index in case.integers) for index, shape in enumerate(case.shapes)]
    found = derive(case.layer, case.arguments, given, [len(result.shape)])
    holder = getattr(made, "layer", made)
    weights = sum(math.prod(weight.shape) for weight in getattr(holder, "trainable_weights", ()))
    assert found["params"] == weights
    assert turned(case, found["shapes"][0]) == tuple(result.shape)
