"""Each layer of the library against the PyTorch module that it stands for: random constructors and shapes.

Parameters, buffers, output shapes, FLOPs, and kept bytes in float32, bfloat16 and under autocast, in training and in
evaluation: the comparison that `archspec verify` makes, on a model of one layer. `python -m tests.frameworks.conformance`
does the same with more constructions, and writes docs/conformance.md.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")

import layer_bindings as bindings
from layer_cases import FAMILIES, IN_PLACE, Case, Draw, draw_cases
from one_layer import SETTINGS, Setting, compared, traced

from archspec.report.style import Style
from archspec.verify.show import text

CASES = draw_cases(range(1))


@pytest.mark.parametrize("setting", SETTINGS[:2], ids=lambda one: one.name)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_sides_agree(case: Case, setting: Setting) -> None:
    comparison = compared(traced(case, setting))
    assert comparison.passed, text(comparison, 120, Style(False))


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(family=st.sampled_from(FAMILIES), seed=st.integers(1000, 10**6))
def test_other_constructions_agree(family, seed: int) -> None:
    for case in list(family(Draw(f"{family.__name__} {seed}")))[:8]:
        comparison = compared(traced(case))
        assert comparison.passed, text(comparison, 120, Style(False))


def test_every_layer_with_a_spelling_is_compared() -> None:
    spelled = {name for name, layer in bindings.library().items() if bindings.spellings(layer, "torch")}
    assert spelled <= {case.layer for case in CASES}
    assert set(IN_PLACE) <= spelled


def test_a_wrong_layer_is_told_apart() -> None:
    (case,) = [one for one in CASES if one.layer == "GLU"]
    wrong = Case("GLU", case.arguments, [(2, 3, 8)])
    side = traced(wrong)
    side.record.kept["fp32"].clear()
    side.record.outputs = [(2, 3, 5)]
    assert {one.quantity for one in compared(side).differences} == {"outputs"}
