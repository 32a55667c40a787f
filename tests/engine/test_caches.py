"""What decoders cache: keys and values, windows of them, latent vectors and states, under each policy."""

from __future__ import annotations

import json

import pytest
import sympy
from click.testing import CliRunner

import archspec
from archspec.cli import cli
from archspec.loading import load_text

SPEC = """
layer Sliding(heads, window) {
  x[B, S, d] -> y[B, S, d]
  require d % heads == 0, "heads must divide"
  q, k, v = x -> Linear(3*d) as qkv -> Split(3) -> Heads(heads)
  cache k, v last window
  cache state[B, d, 4]: float32, other[B, d]
  y = (q, k, v) -> Attention(causal = true) -> MergeHeads -> Linear(d) as out
}

model M(d = 64, heads = 4, window = 8, layers = 3) {
  x[B, S, d] -> y[B, S, d]
  y = x
  repeat layers as h { y = y -> Sliding(heads, window) }
}
"""

FIXED = "layers*d*B"  # of which `state` is 4 · 4 bytes and `other` what the precision says


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({}, f"{FIXED}*(2*4*S + 16 + 4)"),
        ({"precision": "bf16"}, f"{FIXED}*(2*2*S + 16 + 2)"),
        ({"cache": "window"}, f"{FIXED}*(2*4*Min(S, window) + 16 + 4)"),
        ({"cache_precision": "fp8", "precision": "bf16"}, f"{FIXED}*(2*S + 16 + 1)"),
        ({"cache": "window", "cache_precision": "int4"}, f"{FIXED}*(Min(S, window) + 16 + 1/2)"),
    ],
)
def test_formulas(choices: dict[str, str], expected: str) -> None:
    """A precision that is written stays; what is computed in one precision can be cached in another."""
    derived = load_text(SPEC).formula("kv_cache", **choices)
    symbols = {symbol.name: symbol for symbol in derived.free_symbols}
    assert sympy.expand(derived - sympy.sympify(expected, locals=symbols)) == 0


def test_a_short_text_does_not_fill_the_window() -> None:
    model = load_text(SPEC)
    short = {"B": 2, "S": 5}
    assert model.size(**short, cache="window")["kv_cache"] == model.size(**short)["kv_cache"]
    assert model.size(B=2, S=9, cache="window")["kv_cache"] == model.size(B=2, S=8)["kv_cache"]


def test_a_state_does_not_grow() -> None:
    assert "S" not in {symbol.name for symbol in archspec.load("mamba_130m").formula("kv_cache").free_symbols}


def test_memory_for_inference_takes_the_cache_as_it_is_held() -> None:
    model = load_text(SPEC)
    sizes = {"B": 1, "S": 100}
    full, window = model.size(**sizes), model.size(**sizes, cache="window")
    saved = full["memory.inference"] - window["memory.inference"]
    assert saved == full["kv_cache"] - window["kv_cache"] == 3 * 64 * 2 * 4 * (100 - 8)


@pytest.mark.parametrize(
    ("model", "options", "expected"),
    [
        ("gpt_oss_120b", [], 73_728),
        ("deepseek_v3", [], 70_272),
        ("llama3_8b", [], 131_072),
        ("llama3_8b", ["--cache-precision", "fp8"], 65_536),
    ],
)
def test_bytes_of_a_token_on_the_command_line(model: str, options: list[str], expected: int) -> None:
    asked = ["size", model, "--precision", "bf16", "--set", "B=1", "--set", "S=1", "--format", "json", *options]
    result = CliRunner().invoke(cli, asked)
    report = json.loads(result.stdout)
    assert report["quantities"]["kv_cache"]["value"] == expected
    assert ("cache_precision" in report["policy"]) == bool(options)
    assert "cache" not in report["policy"]
