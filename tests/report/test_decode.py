"""The memory of one more token."""

from __future__ import annotations

from typing import Any

import pytest

import archspec

SIZES: dict[str, Any] = {"layers": 3, "d": 64, "heads": 4, "vocab": 100, "B": 2, "precision": "bf16"}


def test_a_step_is_a_pass_over_one_token_beside_the_whole_cache() -> None:
    model = archspec.load("gpt2")
    whole, one = model.size(**SIZES, S=500), model.size(**SIZES, S=1)
    parts = (whole["memory.weights"], whole["kv_cache"], one["activations.peak"])
    assert whole["memory.decode"] == sum(part or 0 for part in parts)
    assert (whole["memory.decode"] or 0) < (whole["memory.inference"] or 0)


def test_the_formula_has_the_length_in_the_cache_alone() -> None:
    formula = archspec.load("gpt2").formula("memory.decode", precision="bf16")
    length = next(one for one in formula.free_symbols if str(one) == "S")
    assert str(formula.diff(length).expand()) == "4*B*d*layers"


def test_a_constant_state() -> None:
    model = archspec.load("mamba_130m")
    short, long = (model.size(B=1, S=length)["memory.decode"] for length in (16, 4096))
    assert short == long


@pytest.mark.parametrize("name", ["resnet50", "bert_base"])
def test_models_that_do_not_decode(name: str) -> None:
    model = archspec.load(name)
    assert model.dim("memory.decode") == (0, True)
    assert "memory.decode" not in model.size().known
