"""The zoo there and back: written as PyTorch, imported from there, and equal to itself, as polynomials."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

pytest.importorskip("torch")

MODELS = (
    "AlexNet", "Bert", "ConvFeatures", "ConvNet", "DenseNet", "Gemma2", "GPT2", "LinearRegression", "Llama",
    "LogisticRegression", "LSTMLanguageModel", "Mamba", "Megatron", "MLP", "MobileNetV2", "ResNet", "T5", "UNet",
    "VGG", "ViT", "SelectedLinearRegression", "SelectedLogisticRegression",
)  # fmt: skip
ROUTED = ("DeepSeekV3", "GptOss", "Mixtral")
"""Which rows go where hangs on the values in them: the notation has layers for such routes, but a trace shows only the
sorting and gathering that they are made of."""


@cache
def differences() -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.importing.round_trip", "--json", *MODELS, *ROUTED],
        capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", MODELS)
def test_it_comes_back_as_it_was(name: str) -> None:
    assert differences()[name] == []


@pytest.mark.parametrize("name", ROUTED)
def test_routes_are_named_as_what_has_no_spelling(name: str) -> None:
    (said,) = differences()[name]
    assert "no spelling in the library" in said
    assert "torch.topk in" in said
