"""Each layer of the library against the PyTorch module that it stands for: random constructors and shapes.

Parameters, buffers, output shapes, FLOPs, and kept bytes in float32, bfloat16 and under autocast, in training and in
evaluation: the comparison that `archspec verify` makes, on a model of one layer. `tests.frameworks.conformance` does
the same with more constructions, and writes docs/conformance.md.
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


def test_a_difference_is_told() -> None:
    side = traced(Case("Sigmoid", {}, [(2, 3, 8)]))
    side.record.kept["fp32"].clear()
    side.record.refused["bf16"] = "no kernel"
    del side.record.kept["bf16"]
    found = {one.quantity: str(one) for one in compared(side).differences}
    assert set(found) == {"activations.saved[fp32]", "activations.saved[bf16]"}
    assert "the layer does not say so: no kernel" in found["activations.saved[bf16]"]


def test_what_a_layer_declares_is_left_out_and_said() -> None:
    case = next(one for one in draw_cases(range(1)) if one.layer == "LSTM")
    comparison = compared(traced(case))
    assert comparison.passed
    (fp32, *_) = comparison.left_out
    assert (fp32.quantity, fp32.kind, fp32.unit) == ("activations.saved[fp32]", "LSTM", "bytes")
    assert fp32.amount is not None
    assert fp32.amount > 0
    assert "oneDNN keeps a workspace" in text(comparison, 120, Style(False))
    assert comparison.to_dict()["unverified"][0]["reason"] == fp32.reason


def test_a_layer_that_torch_cannot_run_says_so() -> None:
    comparison = compared(traced(Case("AvgPool3d", {"kernel_size": 2}, [(2, 3, 4, 5, 6)])))
    assert comparison.passed
    (row,) = [row for row in comparison.rows if row.quantity == "activations.saved[bf16]"]
    assert row.traced is None
    assert "not measured in layer (AvgPool3d)" in text(comparison, 120, Style(False))
