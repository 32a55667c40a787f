"""`archspec.diff`: what two models differ in, against what is known by hand and against each model alone."""

from __future__ import annotations

import pytest

import archspec
from archspec.algebra import evaluate
from archspec.comparing.amounts import change_text
from archspec.comparing.show import bracketed

SIZES = {"B": 2, "S": 64}


@pytest.fixture(scope="module")
def grouped():
    return archspec.diff("llama2_7b", "llama3_8b", B=1, S=4096)


def test_what_grouped_keys_save(grouped):
    """Two projections of d by heads - kv_heads heads of head_dim; the rest of the difference is sizes."""
    formula = grouped.written(-grouped.changes["params"].symbolic)
    assert formula == "2*layers*d*head_dim*(heads - kv_heads), where head_dim = d/heads"
    assert grouped.at_right(grouped.changes["params"].symbolic) == -2 * 32 * 4096 * 128 * (32 - 8)
    cache = grouped.changes["kv_cache"]
    assert (cache.left, cache.right, cache.amount) == (4 * 2**30, 2**30, -3 * 2**30)
    assert grouped["params"] == 8_030_261_248 - 6_738_415_616


def test_settings(grouped):
    assert grouped.differing == {
        "vocab": ("32000", "128256"),
        "hidden": ("11008", "14336"),
        "kv_heads": ("heads", "8"),
        "theta": ("10000", "500000"),
    }
    assert grouped.alone == ({}, {})
    assert grouped.same["layers"] == "32"


@pytest.mark.parametrize(
    ("a", "b"), [("gpt2", "llama3_8b"), ("resnet18", "resnet50"), ("gpt2", "gpt2_xl"), ("mixtral_8x7b", "llama3_8b")]
)
def test_differences_are_those_of_the_numbers(a, b):
    sizes = {"H": 64, "W": 64, "B": 2} if "resnet" in a else SIZES
    found = archspec.diff(a, b, **sizes)
    reports = [archspec.load(name).size(**sizes) for name in (a, b)]
    for name, change in found.changes.items():
        assert (change.left, change.right) == (reports[0][name], reports[1][name]), name
        values = {**reports[0].values, **reports[1].values}
        left, right = (evaluate(report.dim(name), values) for report in reports)
        assert evaluate(change.symbolic, values) == right - left, name
    for name in ("params", "activations.saved", "flops.forward"):
        if name != "activations.saved" or found[name] is not None:
            parts = [found.amounts(pair, name) for pair in found.pairs]
            assert sum(left for left, _ in parts) == reports[0][name]
            assert sum(right for _, right in parts) == reports[1][name]


def test_one_side_set_apart():
    found = archspec.diff("gpt2", "gpt2", "params", only_b={"layers": 24})
    change = found.changes["params"]
    assert list(found.changes) == ["params"]
    assert change.symbolic == 0
    assert found.shown(found.partly(change)).text == "12*d*(12*d + 13)"
    assert found["params"] == 12 * 768 * (12 * 768 + 13)
    assert change_text(change.left, change.right) == "+68.3 %"


def test_the_same_model_differs_in_nothing():
    found = archspec.diff("gpt2", archspec.load("gpt2"))
    assert found.differing == {}
    assert all(found.equal(pair) and pair.by == "path" for pair in found.pairs)
    assert all(change.amount == 0 for change in found.changes.values())
    assert "all 16 are equal" in str(found)


def test_another_precision_on_one_side():
    found = archspec.diff("gpt2", "gpt2", only_b={"precision": "bf16"})
    weights = found.changes["memory.weights"]
    assert (weights.left, weights.right) == (4 * 124_439_808, 2 * 124_439_808)
    assert found["params"] == 0
    assert "policy   fp32 · cuda · sdpa attention · train → bf16 · cuda" in str(found)


def test_layers_of_other_names_are_aligned():
    found = archspec.diff("gpt2", "llama3_8b")
    partners = {pair.left.path: (pair.right.path, pair.by) for pair in found.pairs if pair.left and pair.right}
    assert partners["lm_head"] == ("lm_head", "path")
    assert partners["h.ln_1"] == ("layers.input_layernorm", "shape")
    assert partners["h.attn.c_proj"] == ("layers.self_attn.o_proj", "shape")
    assert partners["wte"] == ("embed_tokens", "shape")
    alone = {pair.left.path for pair in found.pairs if pair.left and not pair.right}
    assert {"wpe", "h.attn.c_attn"} <= alone
    assert {pair.right.path for pair in found.pairs if not pair.left} >= {"layers.mlp.gate_proj"}
    order = [pair.left.path for pair in found.pairs if pair.left and pair.left.kind]
    assert order == sorted(order, key=[layer.path for layer in found.left.layers].index)


def test_aligned_layers_do_not_cross():
    found = archspec.diff("vit_b_16", "resnet50")
    for report, side in ((found.left, "left"), (found.right, "right")):
        paths = [layer.path for layer in report.layers]
        places = [place for pair in found.pairs if (place := getattr(pair, side))]
        order = [paths.index(place.path) for place in places if place.kind]
        assert order == sorted(order)
        assert sum(len(place.layers) for place in places) == len(paths)


def test_a_name_that_neither_has():
    with pytest.raises(archspec.SpecError, match="zork"):
        archspec.diff("gpt2", "resnet50", zork=3)
    assert archspec.diff("gpt2", "resnet50", "params", S=3, H=32).left.given == {"S": 3}


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        (100, 119, "+19.0 %"),
        (100, 25, "-75.0 %"),
        (100, 1250, "×12.5"),
        (100_000, 100_001, "+<0.1 %"),
        (100_000, 99_999, "-<0.1 %"),
        (0, 5, "new"),
        (5, 0, "gone"),
        (7, 7, "="),
    ],
)
def test_changes_as_people_read_them(left, right, text):
    assert change_text(left, right) == text


def test_brackets_only_around_sums():
    assert bracketed("2*d*(heads - kv_heads)") == "2*d*(heads - kv_heads)"
    assert bracketed("a*b - c") == "(a*b - c)"
    assert bracketed("⌈(S + 31)/32⌉*x[i + 1]") == "⌈(S + 31)/32⌉*x[i + 1]"
