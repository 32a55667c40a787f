"""Laws of models that are spread over devices: one device has all; what divides is said; parts add up."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from archspec.algebra import compare, substitute
from archspec.choices import split_choices

MODELS = ("gpt2", "llama3_8b", "mixtral_8x7b", "megatron_22b")
QUANTITIES = ("memory.weights", "memory.gradients", "memory.optimizer", "activations.saved", "kv_cache")
MESHES = {
    "tensor = 2": "tp",
    "tensor = 2 sequence": "tp",
    "context = 2": "cp",
    "data = 2 zero = 3": "dp",
    "pipeline = 2": "pp",
}
TRAINED: dict[str, Any] = {"train": "adamw", "precision": "bf16"}


@pytest.mark.parametrize("shard", MESHES)
@pytest.mark.parametrize("name", MODELS)
def test_on_one_device_is_everything(name: str, shard: str) -> None:
    """The formula of any number of devices, at one device, is that of a model that is not spread."""
    model = archspec.load(name)
    alone, _ = split_choices(TRAINED)
    spread, _ = split_choices({**TRAINED, "shard": shard})
    for quantity in QUANTITIES:
        facts = model.derive(alone).program.facts
        whole = substitute(model.dim(quantity, spread)[0], {MESHES[shard]: 1}, facts)
        wanted = model.dim(quantity, alone)[0]
        # The first stage of a pipeline has neither the last norm nor the head, but where the table is shared with it.
        op = "<=" if shard.startswith("pipeline") else "=="
        assert compare(whole, op, wanted, facts) is True, quantity


@pytest.mark.parametrize("name", MODELS)
def test_more_devices_hold_no_more(name: str) -> None:
    model = archspec.load(name)
    given: dict[str, Any] = {**TRAINED, "B": 2, "S": 1024, "vocab": 51200}
    sizes = [model.size(**given, **plan) for plan in ({}, {"shard": "tensor = 2"}, {"shard": "tensor = 4 sequence"})]
    for quantity in (*QUANTITIES, "memory.training", "memory.inference"):
        values = [report[quantity] or 0 for report in sizes]
        assert values == sorted(values, reverse=True), quantity


def test_experts_are_shared_out() -> None:
    model = archspec.load("mixtral_8x7b")
    whole, part = (model.size(**TRAINED, **plan)["memory.weights"] or 0 for plan in ({}, {"shard": "expert = 8"}))
    experts = 2 * 32 * 8 * 3 * 4096 * 14336
    assert whole - part == experts * 7 // 8


def test_what_does_not_divide_is_named() -> None:
    with pytest.raises(archspec.SpecError) as raised:
        archspec.load("gpt2").size(**TRAINED, shard="tensor = 8")
    text = str(raised.value)
    assert "vocab % tp == 0" in text
    assert "heads % tp == 0" in text


def test_a_copy_gathers_what_it_shares_when_it_uses_it() -> None:
    """With shared parameters the peak holds one turn of the main loop besides the share."""
    model = archspec.load("llama3_8b")
    given: dict[str, Any] = {**TRAINED, "B": 1, "S": 128, "checkpoint": "DecoderLayer"}
    two, three = (model.size(**given, shard=f"data = 64 zero = {stage}") for stage in (2, 3))
    saved = (two["memory.weights"] or 0) - (three["memory.weights"] or 0)
    assert (three["memory.training"] or 0) > (two["memory.training"] or 0) - saved
    assert (three["memory.training"] or 0) < (two["memory.training"] or 0)
