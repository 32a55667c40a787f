"""A wrong spec is found, and the message names the layer, the operation and what differs."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import archspec
from archspec.policy import Policy
from archspec.report.style import Style
from archspec.verify.against import ALL, against
from archspec.verify.outcome import Comparison
from archspec.verify.show import text
from archspec.verify.targets import parse_target

pytest.importorskip("torch")
import plain  # it needs torch


@dataclass(frozen=True)
class Mistake:
    """One change of the spec: in which quantity and layer it shows first, and words of the message."""

    name: str
    old: str
    new: str
    quantity: str
    layer: str
    words: tuple[str, ...]


MISTAKES = [
    Mistake(
        "swapped heads",
        "Attn(heads, kv_heads) as attn",
        "Attn(heads, heads) as attn",
        "params",
        "blocks.attn.k_proj",
        ("`weight` is [d, d] = [24, 24] by the spec, [8, 24] in the model", "blocks.0.attn.k_proj.weight", "1 more"),
    ),
    Mistake(
        "missing bias",
        "Linear(d) as o_proj",
        "Linear(d, bias = false) as o_proj",
        "params",
        "blocks.attn.o_proj",
        ("`bias` [24] is in the model only", "blocks.0.attn.o_proj.bias"),
    ),
    Mistake(
        "a bias too much",
        "Linear(vocab, bias = false) as head",
        "Linear(vocab) as head",
        "params",
        "head",
        ("`bias` [vocab] = [50] is in the spec only",),
    ),
    Mistake(
        "another width",
        "Linear(hidden) as up",
        "Linear(hidden + 1) as up",
        "params",
        "blocks.up",
        ("`weight` is [hidden + 1, d] = [41, 24] by the spec, [40, 24]",),
    ),
    Mistake(
        "another activation",
        "GELU",
        "ReLU",
        "activations.saved[fp32]",
        "blocks.relu",
        ("ReLU", "2 × [2, 5, 40] is kept for `gelu` in the model"),
    ),
    Mistake(
        "no residual copy",
        "x + (x -> LayerNorm as norm1",
        "(x -> LayerNorm as norm1 -> Dropout(0.1) as drop",
        "activations.saved[fp32]",
        "blocks.drop",
        ("Dropout", "kept by the spec only"),
    ),
]


def compared(spec: str, quantities: tuple[str, ...] = ALL) -> Comparison:
    model = archspec.load_text(spec)
    target = parse_target("torch:plain:decoder")
    return against(model, target, Policy(backend="cpu"), {"B": 2, "S": 5}, quantities=quantities)


def test_the_right_spec_agrees() -> None:
    comparison = compared(plain.SPEC)
    assert comparison.passed, text(comparison, 120, Style(False))
    assert comparison.aligned == comparison.aligned_by_name == 36


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.name)
def test_a_wrong_spec_is_located(mistake: Mistake) -> None:
    assert mistake.old in plain.SPEC
    comparison = compared(plain.SPEC.replace(mistake.old, mistake.new))
    assert not comparison.passed
    found = [one for one in comparison.differences if one.quantity == mistake.quantity]
    shown = text(comparison, 120, Style(False))
    assert any(
        one.layer.startswith(mistake.layer) and all(word in str(one) for word in mistake.words) for one in found
    ), shown


def test_flops_name_the_operation() -> None:
    spec = plain.SPEC.replace("-> Linear(d) as down", "-> Linear(d) as down -> Linear(d) as extra")
    comparison = compared(spec, ("flops.forward",))
    (one,) = comparison.differences
    assert (one.quantity, one.layer, one.operation) == ("flops.forward", "blocks.extra", "Linear"), str(one)
    assert one.derived == 2 * 2 * 2 * 5 * 24 * 24


def test_a_shape_of_an_output() -> None:
    spec = plain.SPEC.replace("LayerNorm as norm ->", "LayerNorm as norm -> Select(dim = 1) -> Unsqueeze(1) ->")
    comparison = compared(spec.replace("logits[B, S, vocab]", "logits[B, 1, vocab]"))
    outputs = [str(one) for one in comparison.differences if one.quantity == "outputs"]
    assert outputs == ["outputs: the model: [2, 1, 50] by the spec, [2, 5, 50] in the model"]
