"""`archspec discover` on models of torch: formulas, floors, remainders, lists."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from archspec.discovering.discovery import explore
from archspec.discovering.evaluate import Evaluator

MODELS = "torch:tests.discovering.models:"


def found(name, over, quantity="params", keywords="", inputs=()):
    """A discovery in this process."""
    return explore(Evaluator(MODELS + name, keywords, inputs).value, quantity, over)


@pytest.mark.parametrize(
    ("quantity", "over", "formula"),
    [
        ("params", "d,layers,classes", "(d*layers + classes)*(d + 1)"),
        ("activations.saved", "d,layers,B", "4*d*layers*B"),
        ("flops.forward", "d,layers,B", "2*d*B*(d*layers + 10)"),
    ],
)
def test_a_perceptron(quantity, over, formula):
    inputs = ["x=float32[B,d]"] if "B" in over else []
    assert found("perceptron", over, quantity, inputs=inputs).formula == formula


def test_entries_of_lists_are_variables():
    one = found("widths", "widths[0],widths[2]", keywords="widths=[2, 3, 4, 5]")
    assert one.formula == "3*widths[0] + 9*widths[2] + 8"
    inner = found("widths", "stages[1][0]", keywords="widths=[], stages=((2, true), (3, false))")
    assert inner.formula == "stages[1][0]**2 + 6"


def test_a_formula_for_each_remainder():
    one = found("bottleneck", "d")
    assert one.pieces.periods == {"d": 8}
    assert [piece.axes[0].start for piece in one.pieces.found] == [8, 1, 2, 3, 4, 5, 6, 7]
    assert one.formula == "d*(2*d + 9)/8" == found("bottleneck", "d:8").formula
    assert found("bottleneck", "d:8:3").formula == "(d*(2*d + 3) - 3)/8"


def test_floors_are_told_apart():
    one = found("table", "n,d")
    assert one.formula == "d*(⌊n/3⌋ + ⌈n/2⌉)"
    assert not one.pieces.periods
    assert one.to_dict()["terms"] == [
        {"coefficient": "1", "exponents": {"n//3": 1, "d": 1}},
        {"coefficient": "1", "exponents": {"(n + 1)//2": 1, "d": 1}},
    ]


def test_floors_of_two_sizes_that_are_multiplied():
    one = found("strided", "c,H,W", "activations.saved", inputs=["x=float32[2,3,H,W]"])
    # The output of ReLU, which the second convolution keeps too.
    assert one.formula == "8*c*⌈H/2⌉*⌈W/2⌉"
    flops = found("strided", "c,B,H,W", "flops.forward", inputs=["x=float32[B,3,H,W]"])
    assert flops.formula == "2*c*B*(4*c*⌊(H + 1)/4⌋*⌊(W + 1)/4⌋ + 27*⌈H/2⌉*⌈W/2⌉)"


def test_first_sizes_that_are_refused_are_left_out():
    one = found("normed", "d,B", "activations.saved", inputs=["x=float32[B,d]"])
    assert one.formula == "4*d*(B + 2)"
    assert found("normed", "d,B", "flops.forward", inputs=["x=float32[B,d]"]).ranges()["B"][0] == 2


def test_a_size_that_ends_is_not_left():
    one = found("limited", "d,S", "activations.saved", inputs=["x=int64[2,S]:19"])
    assert one.formula == "8*d*S"


def test_a_model_that_prints_and_has_its_own_input(monkeypatch, capfd):
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115  # ends with the test
    assert found("noisy", "d", "flops.forward").formula == "12*d"
