"""Every model of the zoo against its export to Keras: weights, buffers, outputs, outputs of layers. One small trial.

`archspec verify MODEL --with keras` does more of them, and the large models that are not here.
"""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("keras")

import archspec
from archspec.policy import Policy
from archspec.verify.outcome import Comparison
from archspec.verify.trials import verify

SMALL: dict[str, dict[str, Any]] = {
    "alexnet": {"hidden": 9, "classes": 5},
    "bert_base": {"layers": 2, "d": 12, "heads": 3, "vocab": 30},
    "convnet_3_16_32": {"channels": [3, 4], "image": 20},
    "keras_convnet": {},
    "deep_ensemble": {"members": 3, "inputs": 7, "widths": [5, 4], "classes": 6},
    "densenet121": {"growth": 8, "depths": [2, 2], "stem": 8},
    "gpt2": {"layers": 2, "d": 12, "heads": 3, "vocab": 30},
    "linear_regression": {},
    "logistic_regression": {},
    "llama2_7b": {"layers": 2, "d": 16, "heads": 4, "vocab": 30, "hidden": 20},
    "mistral_7b": {"layers": 1, "d": 16, "heads": 4, "kv_heads": 1, "vocab": 30, "hidden": 20},
    "mamba_130m": {"layers": 1, "d": 8, "vocab": 30},
    "megatron_22b": {"layers": 1, "d": 12, "heads": 3, "vocab": 30},
    "mixtral_8x7b": {
        "layers": 1, "d": 12, "heads": 4, "kv_heads": 2, "head_dim": 4, "vocab": 30, "hidden": 9, "experts": 3,
        "active": 2,
    },
    "qwen3_30b_a3b": {
        "layers": 1, "d": 12, "heads": 4, "kv_heads": 2, "head_dim": 4, "vocab": 30, "hidden": 9, "experts": 3,
        "active": 2,
    },
    "mlp": {"widths": [5, 4]},
    "mobilenet_v2": {"stem": 4, "first": 3, "expand": 2, "stages": [[5, 2, True], [6, 1, False]], "last": 7},
    "qwen2_5_0_5b": {"layers": 1, "d": 16, "heads": 4, "kv_heads": 2, "vocab": 30, "hidden": 20},
    "resnet18": {"width": 4, "depths": [1, 1, 1, 1]},
    "resnext50_32x4d": {"width": 4, "depths": [1, 2, 1, 1], "groups": 2, "group_width": 3},
    "t5_small": {"layers": 1, "d": 12, "heads": 3, "head_dim": 4, "vocab": 30},
    "unet": {"widths": [4, 6, 8], "H": 8, "W": 12},
    "vgg16_bn": {"width": 3, "hidden": 8, "convs": [1, 2, 1, 1, 1]},
    "vit_b_16": {"layers": 2, "d": 12, "heads": 3, "image": 32, "patch": 8},
}  # fmt: skip
REFUSED = {"lstm_lm": "`LSTM` has no equal in keras: Keras has one bias vector for PyTorch's two"}


def compared(name: str, given: dict[str, Any]) -> Comparison:
    """One trial of a model in Keras."""
    outcome = verify(archspec.load(name), Policy(backend="cpu"), given, frameworks=("keras",), trials=1)
    return outcome.comparisons[0]


@pytest.mark.parametrize("name", SMALL)
def test_delta_is_0(name: str) -> None:
    found = compared(name, SMALL[name])
    assert [row.quantity for row in found.rows] == ["params", "buffers", "outputs", "layer outputs"]
    assert not found.differences
    assert {row.quantity: row.delta for row in found.rows} == dict.fromkeys((row.quantity for row in found.rows), 0)


@pytest.mark.parametrize("name", REFUSED)
def test_what_keras_cannot_express_says_why(name: str) -> None:
    found = compared(name, {})
    assert not found.rows
    assert any(REFUSED[name] in note for note in found.notes), found.notes
