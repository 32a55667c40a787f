"""`at_most(n)`: what hangs on it is a bound and says so, everywhere; what does not stays exact."""

from __future__ import annotations

import json
import re

import pytest

from archspec.errors.diagnostic import SpecError
from archspec.export import export
from archspec.loading import load_text
from archspec.model import Model

SPEC = """
layer Held(n) {
  x[B, d] -> y[B, d]
  param weight[n, d]
  buffer places[2*n - 1]: int64
  save x for weight
}

model M(d = 8, k = 5) {
  x[B, d] -> y[B, d]
  y = x -> Held(at_most(k)) as some -> Linear(d) as all
}
"""


def model(text: str) -> Model:
    return load_text(text, "M")


def test_what_counts_it_is_a_bound() -> None:
    report = model(SPEC).size(B=2)
    bounds = {name for name in json.loads(json.dumps(report.to_dict()))["quantities"] if not report.is_exact(name)}
    assert {"params", "params.trainable", "params.active", "buffers", "memory.weights", "memory.inference"} <= bounds
    assert report["params"] == 5 * 8 + 8 * 8 + 8
    assert report["buffers"] == 9


@pytest.mark.parametrize("quantity", ["activations.outputs", "activations.saved", "flops.forward", "params.frozen"])
def test_what_does_not_is_exact(quantity: str) -> None:
    assert model(SPEC).size(B=2).is_exact(quantity)


def test_by_path() -> None:
    assert model(SPEC).dim("params", path="all")[1] is True
    assert model(SPEC).dim("params", path="some")[1] is False


def test_the_formula_is_that_of_the_bound() -> None:
    assert str(model(SPEC).formula("params")) == "d*(d + k + 1)"
    assert model(SPEC).size().formula("buffers") == "2*k - 1"


def test_layers_show_the_bound() -> None:
    rows = {row["path"]: row for row in model(SPEC).size(B=2).to_dict()["layers"]}
    assert rows["some"]["quantities"]["params"]["value"] == 40


def test_the_default_of_a_parameter_may_be_a_bound() -> None:
    text = "model M(k = 4, n = at_most(2**k)) { x[B, 3] -> y[B, 3]\n y = x -> TreeClassifier(3, n) }"
    assert not model(text).size().is_exact("buffers")
    assert model(text).size(n=9).is_exact("buffers")
    assert model(text).size(n=9)["buffers"] == 17 * 11


def test_conditions_see_the_bound() -> None:
    text = """
    model M(k = 4) {
      x[B, 3] -> y[B, 3]
      require at_most(k) >= 2, "too few"
      where n = at_most(6)
      if n == 6 { y = x -> Linear(3) } else { y = x }
    }
    """
    assert model(text).size()["params"] == 12
    with pytest.raises(SpecError, match="too few"):
        model(text).size(k=1)


def test_of_bounds() -> None:
    text = "model M(k = 4) { x[B, 3] -> y[B, 3]\n y = x -> TreeClassifier(3, at_most(min(at_most(k), 3))) }"
    report = model(text).size()
    assert (report["buffers"], report.is_exact("buffers")) == (5 * 11, False)


def test_a_count_of_turns_may_be_a_bound() -> None:
    text = "model M(k = 4) { x[B, 3] -> y[B, 3]\n y = x\n repeat at_most(k) { y = y -> Linear(3) } }"
    report = model(text).size(B=1)
    assert report["params"] == 4 * 12
    assert not report.is_exact("flops.forward")
    assert "~" not in json.dumps(report.to_dict())


def test_nothing_that_is_exported_shows_the_slack() -> None:
    assert "~" not in export(model(SPEC), "json")
    turns = "model M(k = 4) { x[B, 3] -> y[B, 3]\n y = x\n repeat at_most(2*k) as h { y = y -> Linear(3) } }"
    assert "for _ in range(2 * k)" in export(model(turns), "torch")


def test_the_closed_form_is_that_of_the_full_model() -> None:
    """What is run turn by turn, as for `archspec verify`, is as large as may be."""
    from archspec.policy import Policy
    from archspec.verify.derived import unrolled

    program = unrolled(model(SPEC), Policy(), {"k": 7, "B": 2})
    sizes = {one.path: one.tensor.storage.elements for one in program.parameters}
    assert sizes == {"some.weight": 56, "some.places": 13, "all.weight": 64, "all.bias": 8}


@pytest.mark.parametrize("size", ["100 - n", "100 // n", "100 - 2*n", "max(0, 9 - n)"])
def test_less_of_a_bound_is_no_bound(size: str) -> None:
    layer = f"layer L(n) {{ x[B, d] -> y[B, d]\n buffer a[{size}] }}"
    with pytest.raises(SpecError, match="not known to have at most the size") as caught:
        model(f"{layer} model M(k = 5) {{ x[B, 3] -> y[B, 3]\n y = x -> L(at_most(k)) }}").size()
    assert "~" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("TreeClassifier(3, at_most(0))", "`leaves` of `TreeClassifier` must be a positive integer, not `0`"),
        ("TreeClassifier(0, 2)", "`classes` of `TreeClassifier` must be a positive integer, not `0`"),
        ("TreeClassifier(3, 0.5)", "must be a positive integer, not `0.5`"),
        ("Ensemble(0, Linear(3))", "`n` of `Ensemble` must be a positive integer, not `0`"),
        ("Ensemble(2, 5)", "`member` of `Ensemble` must be a layer, not `5`"),
        ("Ensemble(2, Add)", "`Add` takes 2 tensors"),
        ("Linear(at_most())", "`at_most` is called as"),
        ("Linear(at_most(0.5))", "an integer is needed here"),
    ],
)
def test_odd_arguments_are_errors_in_words(call: str, error: str) -> None:
    with pytest.raises(SpecError, match=re.escape(error)):
        model(f"model M {{ x[B, 4] -> y[*]\n y = x -> {call} }}").size()


def test_tensors_have_one_size() -> None:
    with pytest.raises(SpecError, match="only known to be at most something"):
        model("model M(k = 5) { x[B, 3] -> y[B, e]\n y = x -> Linear(at_most(k)) }").size()
