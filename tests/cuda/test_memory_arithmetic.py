"""The checks of a card without a card: the same models and steps on a CPU, with a count of live storages."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("torch")
from tests.cuda.memory import CASES, TOLERANCE, WORKSPACE, Case, Count, complaints, derived, measured, rounded


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.model)
def test_the_measurement_agrees_on_a_cpu(case: Case) -> None:
    found = measured(case, "fp32", "cpu", Count())
    wanted = derived(case, "fp32", "cpu")
    assert (found.weights, found.forward, found.states) == (wanted.weights, wanted.forward, wanted.states)
    assert abs(found.step - wanted.step) <= 0.01 * wanted.step


def test_blocks() -> None:
    assert rounded([1, 512, 513, 0]) == 512 + 512 + 1024


def test_what_is_too_far_off_is_said() -> None:
    text, pictures = CASES[0], CASES[1]
    wanted = derived(text, "bf16", "cuda")
    assert complaints(text, wanted, wanted) == []
    allowed = replace(wanted, forward=int(wanted.forward * (1 + TOLERANCE)))
    assert complaints(text, allowed, wanted) == []
    (line,) = complaints(text, replace(wanted, forward=int(wanted.forward * 1.05)), wanted)
    assert line.startswith("gpt2: forward: derived ")
    assert line.endswith("+5.0%")
    (line,) = complaints(text, replace(wanted, step=int(wanted.step * 0.95)), wanted)
    assert "step" in line
    borrowed = replace(wanted, step=wanted.step + WORKSPACE)
    assert len(complaints(text, borrowed, wanted)) == 1
    assert complaints(pictures, borrowed, wanted) == []
