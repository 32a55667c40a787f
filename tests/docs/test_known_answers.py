"""The table "Known wrong answers" of docs/quantities.md: the right ones."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from tests.docs.snippets import ROOT

TIED = """
model Tied(vocab = 1000, d = 64) {
  tokens[B, S]: int64 -> logits[B, S, vocab]
  table = Embedding(vocab, d)
  logits = tokens -> table -> Linear(vocab, bias = false) as head
  tie head.weight = table.weight
}
"""

CASES: list[tuple[str, str, dict[str, Any], int]] = [
    ("vit_b_16", "flops.forward", {"B": 1}, 2 * 17_563_828_224),
    ("LSTM", "flops.forward", {"hidden_size": 512, "num_layers": 2, "m": 100, "n": 1, "in": 300}, 2 * 376_012_800),
    (
        "TransformerEncoderLayer",
        "flops.forward",
        {"nhead": 8, "dim_feedforward": 2048, "mode": "eval", "m": 128, "n": 1, "d": 512},
        838_860_800,
    ),
    ("resnet50", "activations.saved", {"B": 2, "H": 224, "W": 224, "backend": "cpu"}, 170_827_264),
    ("mobilenet_v2", "flops.backward", {"B": 2, "H": 224, "W": 224}, 2_362_842_112),
    ("llama3_8b", "kv_cache", {"B": 1, "S": 8192, "precision": "bf16"}, 2**30),
]


@pytest.mark.parametrize(("name", "quantity", "choices", "truth"), CASES, ids=[case[0] for case in CASES])
def test_archspec_gives_the_right_one(name: str, quantity: str, choices: dict[str, Any], truth: int) -> None:
    assert archspec.load(name).size(**choices)[quantity] == truth


def test_a_tied_embedding_counts_once() -> None:
    assert archspec.load_text(TIED).size()["params"] == 64_000


def test_the_page_shows_these_numbers() -> None:
    page = (ROOT / "docs" / "quantities.md").read_text(encoding="utf-8")
    for shown in ("17,563,828,224", "376,012,800", "838,860,800", "170,827,264", "2,362,842,112", "64,000", "1 GiB"):
        assert shown in page
