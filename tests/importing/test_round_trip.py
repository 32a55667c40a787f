"""The zoo there and back: written as PyTorch, imported from there, and equal to itself, as polynomials."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

pytest.importorskip("torch")

MODELS = (
    "AlexNet", "Bert", "ConvFeatures", "ConvNet", "DeepEnsemble", "DeepSeekV3", "DenseNet", "Gemma2", "GptOss", "GPT2",
    "LinearRegression", "Llama", "LogisticRegression", "LSTMLanguageModel", "Mamba", "Megatron", "Mixtral", "MLP",
    "MobileNetV2", "ResNet", "T5", "UNet", "VGG", "ViT", "SelectedLinearRegression", "SelectedLogisticRegression",
)  # fmt: skip


@cache
def differences() -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.importing.round_trip", "--json", *MODELS],
        capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", MODELS)
def test_it_comes_back_as_it_was(name: str) -> None:
    assert differences()[name] == []
