"""archspec's side of the comparison with other tools, and the page that shows both."""

from __future__ import annotations

import json
from typing import Any

import pytest

import archspec
from tests.comparison.measure import CASES, FILE, MIXTURE
from tests.docs.snippets import ROOT

DATA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
PAGE = ROOT / "docs" / "comparison.md"

TIED = """
model Tied(vocab = 1000, d = 64) {
  tokens[B, S]: int64 -> logits[B, S, vocab]
  table = Embedding(vocab, d)
  logits = tokens -> table -> Linear(vocab, bias = false) as head
  tie head.weight = table.weight
}
"""


def picture(name: str, quantity: str, **choices: Any) -> int:
    """A quantity of a model for pictures of 224 × 224."""
    return int(archspec.load(name).size(H=224, W=224, **choices)[quantity])


def answer(case: str) -> int:
    """What archspec says."""
    match case:
        case "vit_b_16 multiply-adds":
            return archspec.load("vit_b_16").size(B=1)["flops.forward"] // 2
        case "LSTM multiply-adds":
            sizes = {"hidden_size": 512, "num_layers": 2, "m": 100, "n": 1, "in": 300}
            return archspec.load("LSTM").size(**sizes)["flops.forward"] // 2
        case "TransformerEncoderLayer in evaluation, FLOPs":
            sizes = {"nhead": 8, "dim_feedforward": 2048, "m": 128, "n": 1, "d": 512}
            return archspec.load("TransformerEncoderLayer").size(mode="eval", **sizes)["flops.forward"]
        case "ResNet-50 bytes kept":
            return picture("resnet50", "activations.saved", B=2, backend="cpu")
        case "DenseNet-121 bytes kept":
            return picture("densenet121", "activations.saved", B=2, backend="cpu")
        case "tied embedding parameters":
            return archspec.load_text(TIED).size()["params"]
        case "MobileNetV2 backward FLOPs":
            return picture("mobilenet_v2", "flops.backward", B=2)
        case "Llama-3-8B cache":
            return archspec.load("llama3_8b").size(B=1, S=8192, precision="bf16")["kv_cache"]
        case "DeepSeek-V3 cache of a token":
            return archspec.load("deepseek_v3").size(B=1, S=1, precision="bf16")["kv_cache"]
        case "Mixtral FLOPs by kernel":
            sizes = {**MIXTURE, "head_dim": MIXTURE["d"] // MIXTURE["heads"], "B": 2, "S": 16}
            return archspec.load("mixtral_8x7b").size(**sizes)["flops.forward"]
    raise AssertionError(case)


@pytest.mark.parametrize("case", DATA["cases"])
def test_archspec_says_what_is_true(case: str) -> None:
    assert answer(case) == DATA["cases"][case]["truth"]


def test_every_case_was_measured() -> None:
    assert set(DATA["cases"]) == set(CASES)


@pytest.mark.parametrize("case", DATA["cases"])
def test_the_page_shows_what_was_measured(case: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for tool, number in DATA["cases"][case].items():
        assert f"{number:,}" in page, f"{case}: {tool} said {number:,}"


def test_the_page_names_the_versions_that_ran() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for tool, version in DATA["versions"].items():
        assert f"{tool} {version.partition('+')[0]}" in page
