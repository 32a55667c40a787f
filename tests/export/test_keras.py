"""Exported Keras against the spec: weights and output shapes, and what cannot be said in Keras is refused."""

from __future__ import annotations

import math
import os
from typing import Any

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")
pytest.importorskip("torch")

import exported as ex  # noqa: E402  # imports torch

from archspec.errors.diagnostic import SpecError  # noqa: E402
from archspec.export import export  # noqa: E402

CASES: list[tuple[str, dict[str, Any], dict[str, int]]] = [
    ("linear_regression", {"features": 5, "targets": 3}, {"B": 2}),
    ("mlp", {"inputs": 7, "widths": [5, 4], "outputs": 3}, {"B": 2}),
    ("alexnet", {"hidden": 16, "classes": 5}, {"B": 2, "H": 70, "W": 91}),
    ("convnet_3_16", {"channels": [3, 4], "hidden": [6], "classes": 5, "image": 20}, {"B": 2}),
    ("convnet_3_16_32", {"channels": [3, 4], "image": 20}, {"B": 2}),
    ("keras_convnet", {}, {"B": 2}),
    ("vgg16_bn", {"width": 3, "hidden": 8, "classes": 5}, {"B": 2, "H": 40, "W": 33}),
    ("resnet50", {"depths": [1, 2, 1, 1], "width": 4, "classes": 5}, {"B": 2, "H": 40, "W": 33}),
    ("resnet18", {"width": 4, "classes": 5}, {"B": 2, "H": 40, "W": 33}),
    ("densenet121", {"growth": 8, "depths": [2, 2], "stem": 8, "classes": 3}, {"B": 2, "H": 40, "W": 44}),
    ("mobilenet_v2", {"stem": 4, "first": 3, "expand": 2, "last": 6, "classes": 5}, {"B": 2, "H": 40, "W": 33}),
    ("unet", {"widths": [4, 6, 8], "classes": 3}, {"B": 2, "H": 8, "W": 12}),
]


def turned(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape with the channels of images last."""
    return (shape[0], *shape[2:], shape[1]) if len(shape) == 4 else shape


@pytest.mark.parametrize(("name", "settings", "axes"), CASES, ids=[case[0] for case in CASES])
def test_weights_and_shapes(name: str, settings: dict[str, Any], axes: dict[str, int]) -> None:
    model = ex.load(name)
    module = ex.load_source(export(model, "keras"))[name](**settings)
    given = [keras.KerasTensor(turned(tuple(one.shape))) for one in ex.inputs(model, settings, axes)]
    result = module(*given)
    assert turned(ex.output_shapes(model, settings, axes)[0]) == tuple(result.shape)
    derived = ex.derived_tensors(model, settings, axes)
    counted = {path: sum(math.prod(shape) for shape in shapes) for path, shapes in derived.items()}
    statistics = sum(size for path, size in counted.items() if path.endswith(("running_mean", "running_var")))
    weights = sum(size for path, size in counted.items() if not path.endswith(("_mean", "_var", "_tracked")))
    assert sum(math.prod(one.shape) for one in module.trainable_weights) == weights
    assert sum(math.prod(one.shape) for one in module.non_trainable_weights) == statistics


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gpt2", "Conv1D"),
        ("llama3_8b", "RotaryEmbedding"),
        ("bert_base", "Slice"),
        ("vit_b_16", "Tokens"),
        ("lstm_lm", "bias vector"),
        ("t5_small", "Buckets"),
    ],
)
def test_what_keras_has_no_equal_of_is_refused(name: str, reason: str) -> None:
    with pytest.raises(SpecError, match=reason):
        export(ex.load(name), "keras")
