"""Wrong layers are caught: the recorded run of all of them, and some tried again. See `mutate`."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
sys.path.append(str(Path(__file__).parents[1] / "frameworks"))

from layer_digests import digests
from mutants import Mutant, mutants
from mutate import DATA, WANTED, outcome, rate
from trying import sides

FOUND: dict[str, dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))
QUICK = {"params", "buffers", "outputs", "flops.forward", "flops.backward", "activations.saved[fp32]"}


def some() -> list[tuple[Mutant, str]]:
    """Mutants of layers that are as they were, in which an everyday quantity caught them: twenty, always the same."""
    candidates = []
    for name in sorted(FOUND):
        if digests().get(name) != FOUND[name]["digest"]:
            continue
        caught = {one["what"]: one["caught"] for one in FOUND[name]["mutants"] if one.get("caught") in QUICK}
        candidates += [(mutant, caught[mutant.what]) for mutant in mutants(name) if mutant.what in caught]
    return random.Random(3).sample(candidates, min(20, len(candidates)))


def test_enough_are_caught() -> None:
    caught, wrong, share = rate(FOUND)
    assert wrong > 500
    assert share >= WANTED, f"{caught} of {wrong}"


def test_what_is_missed_has_a_reason() -> None:
    missed = [one for layer in FOUND.values() for one in layer["mutants"] if "missed" in one]
    unexplained = [one["what"] for one in missed if one["missed"] == "not explained"]
    assert not unexplained


def test_every_layer_that_torch_has_was_tried() -> None:
    from conformance import spelled

    with_cases = {name for name in spelled() if mutants(name)} & set(FOUND)
    assert len(with_cases) > 100


@pytest.mark.parametrize(("mutant", "quantity"), some(), ids=lambda one: getattr(one, "layer", one))
def test_some_again(mutant: Mutant, quantity: str) -> None:
    assert sides(mutant.layer), "the layer itself must agree with torch"
    assert "caught" in outcome(mutant), f"{mutant.what}, which was caught by {quantity}"
