"""The dense text families of transformers: imported exactly, briefly, and with names for all that may be chosen."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

import archspec
from archspec.printing import format_text
from tests.importing.families import TEXT

pytest.importorskip("torch")
pytest.importorskip("transformers")

FIRST = ("gpt2", "llama", "bert")
FAMILIES = tuple(TEXT) if "ARCHSPEC_ALL_FAMILIES" in os.environ else FIRST
"""All of them take minutes: only where they are asked for."""
REST = tuple(name for name in TEXT if name not in FIRST)
LONGEST = {"gpt2": 50, "llama": 60, "bert": 60, "t5": 160}
QUANTITIES = "params, buffers, activations.saved, flops.forward, flops.backward at 3 settings"


@cache
def imported(names: tuple[str, ...]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.importing.text_families", *names], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def one(name: str) -> dict[str, Any]:
    found: dict[str, Any] = imported(FIRST if name in FIRST else REST)[name]
    return found


@pytest.mark.parametrize("name", FAMILIES)
def test_it_is_the_model(name: str) -> None:
    found = one(name)
    assert (found["gaps"], found["unknown"], found["error"]) == ([], [], "")
    assert found["compared"] == QUANTITIES


@pytest.mark.parametrize("name", FAMILIES)
def test_it_reads_as_if_written_by_hand(name: str) -> None:
    text = one(name)["text"]
    assert len(text.splitlines()) <= LONGEST.get(name, 80)
    assert format_text(text) == text
    assert not re.search(r"\bp\d\b", text), "a number has no name"
    assert max(len(line) for line in text.splitlines() if '"""' not in line and not line.startswith("Traced")) <= 120


@pytest.mark.parametrize("name", FAMILIES)
def test_at_its_published_size_it_has_its_published_parameters(name: str) -> None:
    text = one(name)["text"]
    said = re.search(r"\.params == ([\d_]+)", text)
    assert said is not None
    assert archspec.load_text(text).size()["params"] == int(said[1])


XL = {"vocab_size": 50257, "n_positions": 1024, "n_embd": 1600, "n_layer": 48, "n_head": 25}
LLAMA = {"vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
         "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "values", "count"), [("gpt2", XL, 1_557_611_200), ("llama", LLAMA, 8_030_261_248)], ids=["xl", "8b"]
)
def test_resized_it_is_another_published_model(name: str, values: dict[str, int], count: int) -> None:
    assert archspec.load_text(one(name)["text"]).size(**values)["params"] == count


@pytest.mark.parametrize(
    ("name", "zoo", "values", "same"),
    [
        (
            "gpt2",
            "gpt2",
            {**XL, "B": 2, "S": 64},
            {"vocab": 50257, "context": 1024, "d": 1600, "layers": 48, "heads": 25},
        ),
        ("llama", "llama3_8b", {**LLAMA, "B": 2, "S": 64}, {}),
    ],
    ids=["gpt2", "llama"],
)
def test_it_is_what_the_zoo_has(name: str, zoo: str, values: dict[str, int], same: dict[str, int]) -> None:
    """Written by hand and imported, at a size at which neither was measured."""
    found = archspec.load_text(one(name)["text"]).size(backend="cpu", **values)
    known = archspec.load(zoo).size(backend="cpu", B=2, S=64, **same)
    for quantity in ("params", "flops.forward", "flops.backward", "activations.saved"):
        assert found[quantity] == known[quantity], quantity


def test_idioms_are_named() -> None:
    assert "q, k, v = x -> Linear(3*d) as c_attn -> Split(3) -> Heads(" in one("gpt2")["text"]
    for word in ("cos, sin) -> RoPE", "LlamaRMSNorm as input_layernorm", "SwiGLU(intermediate_size) as mlp",
                 "(q, k, v) -> Attention(causal = true) -> MergeHeads ->", "buffer inv_freq["):  # fmt: skip
        assert word in re.sub(r"\s+", " ", one("llama")["text"])
    assert "(q, k, v) -> Attention(dropout = 0.1) -> MergeHeads(copied = true)" in one("bert")["text"]


def test_it_takes_little_memory() -> None:
    assert imported(FIRST)["kilobytes"]["most"] < 2 * 2**20
