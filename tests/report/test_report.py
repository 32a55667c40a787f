"""The report as data: what it says of small models, and that its layers add up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import archspec
from archspec.library import standard
from archspec.model import Model
from archspec.report.layers import PER_LAYER
from archspec.resources import folder

with open(f"{folder('grammar')}/report.schema.json", encoding="utf-8") as file:
    SCHEMA: dict[str, Any] = json.load(file)
Draft202012Validator.check_schema(SCHEMA)
VALIDATOR = Draft202012Validator(SCHEMA)

ZOO = [*standard().names("model"), *standard().names("variant")]
REGIMES = [{}, {"precision": "mixed-bf16", "backend": "cpu"}, {"mode": "eval", "attention": "eager"}]
SIZES = {"B": 2, "S": 16, "T": 8, "H": 96, "W": 64, "N": 3}


def added_up(report: dict[str, Any]) -> dict[str, int]:
    """The sums of the layers' numbers."""
    return {
        name: sum(layer["quantities"].get(name, {"value": 0})["value"] for layer in report["layers"])
        for name in PER_LAYER
    }


@pytest.mark.parametrize("name", ZOO)
def test_zoo_validates_and_adds_up(name: str) -> None:
    """With numbers for all axes: every report fits the schema, and its layers' numbers add up to the model's."""
    model = archspec.load(name)
    sizes = {axis: size for axis, size in SIZES.items() if axis in model.symbols}
    report = model.size(**sizes).to_dict()
    VALIDATOR.validate(report)
    assert added_up(report) == {one: report["quantities"][one]["value"] for one in PER_LAYER}


@pytest.mark.parametrize("regime", REGIMES, ids=lambda regime: "-".join(regime.values()) or "default")
@pytest.mark.parametrize("name", ["gpt2", "resnet18", "mixtral_8x7b", "lstm_lm", "t5_small", "densenet121"])
def test_other_policies(name: str, regime: dict[str, str]) -> None:
    """Under other policies too, with free axes and without."""
    model = archspec.load(name)
    free = model.size(**regime).to_dict(formulas=True)
    VALIDATOR.validate(free)
    sizes = {axis: size for axis, size in SIZES.items() if axis in model.symbols}
    report = model.size(**sizes, **regime).to_dict()
    VALIDATOR.validate(report)
    assert added_up(report) == {one: report["quantities"][one]["value"] for one in PER_LAYER}


def test_first_turn_is_merged(tiny: Model) -> None:
    """The first block has no input gradient and is derived by itself; in the report it is one of `layers` copies."""
    report = tiny.size(B=2).to_dict()
    layers = {layer["path"]: layer for layer in report["layers"]}
    assert list(layers) == ["h.block.up", "h.block.relu", "h.block.dropout", "h.block.down", "h.block.add", "head"]
    assert layers["h.block.up"]["count"] == "layers"
    assert layers["head"]["count"] == "1"
    assert layers["h.block.up"]["output"] == ["B", "4*d"]
    assert layers["h.block.up"]["quantities"]["params"] == {"value": 3 * (4 * 16 + 16)}
    # The first of three gives its input no gradient: one product less.
    assert layers["h.block.up"]["quantities"]["flops.forward"]["value"] == 3 * 2 * 2 * 4 * 16
    assert layers["h.block.up"]["quantities"]["flops.backward"]["value"] == 5 * 2 * 2 * 4 * 16


def test_numbers(tiny: Model) -> None:
    """The whole, worked out by hand: kept are the inputs of the maps, what ReLU gives, and masks of a byte."""
    report = tiny.size(B=2)
    assert report["params"] == 3 * (2 * 4 * 16 + 16 + 4) + 4 * 10 + 10
    relu, mask, down = 2 * 16 * 4, 2 * 16, 2 * 16 * 4
    inputs = 2 * 4 * 4  # the model's own input is not counted, the two streams between blocks and the last one are
    assert report["activations.saved"] == 3 * (relu + mask + down) + 3 * inputs
    assert report.value("memory.weights") == 4 * report["params"]
    assert report.unit("activations.saved") == "bytes"
    assert report.is_exact("params")
    assert report.formula("params") == "layers*d*(8*d + 5) + classes*(d + 1)"


def test_free_axis(tiny: Model) -> None:
    """Without a batch size, numbers that hang on it are null, and formulas are there."""
    report = tiny.size().to_dict()
    saved = report["quantities"]["activations.saved"]
    assert saved["value"] is None
    assert saved["formula"] == "40*layers*d*B"
    assert set(report["quantities"]["params"]) == {"value", "unit", "exact"}
    assert report["symbols"]["B"] == {"value": None, "meaning": "axis of x"}
    assert report["symbols"]["d"] == {"value": 4, "default": 4, "meaning": "parameter"}
    assert report["outputs"] == {"logits": ["B", "classes"]}
    assert all(
        "formula" in one for layer in report["layers"] for one in layer["quantities"].values() if one["value"] is None
    )


def test_formulas_on_request(tiny: Model) -> None:
    """Every quantity has a formula then, at least in text and LaTeX."""
    report = tiny.size(B=2).to_dict(formulas=True)
    assert all({"formula", "latex"} <= set(one) for one in report["quantities"].values())
    assert all("formula" in one for layer in report["layers"] for one in layer["quantities"].values())


def test_any_size(tiny: Model) -> None:
    """Integers of any size stay exact, through JSON too."""
    batch = 10**40 + 1
    report = json.loads(json.dumps(tiny.size(B=batch).to_dict()))
    assert report["quantities"]["activations.saved"]["value"] == 480 * batch


def test_shared_layer_is_counted_once() -> None:
    """A layer that is used twice is one layer, without parameters too."""
    model = archspec.load_text(
        "model M(d = 4) { x[B, d] -> y[B, d]  act = ReLU()  f = Linear(d)  y = x -> f -> act -> f -> act }"
    )
    report = model.size(B=1).to_dict()
    assert [(layer["path"], layer["count"]) for layer in report["layers"]] == [("f", "1"), ("act", "1")]
    assert report["layers"][0]["quantities"]["flops.forward"]["value"] == 2 * 2 * 4 * 4


def test_parameters_of_a_composite() -> None:
    """Tensors that a composite declares itself have a layer of their own, before what is inside it."""
    model = archspec.load_text(
        """layer Scaled { x[*, d] -> y[*, d]  param scale[d]  y = (x -> Linear(d) as f) * scale }
        model M(d = 4, n = 2) { x[B, d] -> y[B, d]  repeat n as h { x = x -> Scaled as s }  y = x -> ReLU }"""
    )
    report = model.size(B=1).to_dict()
    VALIDATOR.validate(report)
    first = report["layers"][0]
    assert (first["path"], first["kind"], first["count"], first["output"]) == ("h.s", "Scaled", "n", [])
    assert first["quantities"]["params"]["value"] == 2 * 4
    assert added_up(report)["params"] == report["quantities"]["params"]["value"]


def test_fixed_symbols_are_reported() -> None:
    """A condition on a symbol's value fixes it; the report says so, and where."""
    model = archspec.load_text(
        """model M(n = 3, d = 4) { x[B, d] -> y[B, d]
             if n == 3 { y = x -> Linear(d) } else { y = x -> ReLU } }"""
    )
    report = model.size(B=1).to_dict()
    VALIDATOR.validate(report)
    assert report["fixed"] == [{"symbol": "n", "value": 3, "decided_at": "main.arch:2:17"}]


def test_frozen_and_input_gradients(tiny: Model) -> None:
    """What the policy says besides the defaults is in the report."""
    report = tiny.size(B=1, frozen=["h.*"], inputs_grad=True).to_dict()
    VALIDATOR.validate(report)
    assert report["policy"]["frozen"] == ["h.*"]
    assert report["policy"]["inputs_grad"] is True
    assert report["quantities"]["params.trainable"]["value"] == 50


def test_requirements_are_checked() -> None:
    """Numbers that violate a `require`, or are too small, are errors."""
    with pytest.raises(archspec.SpecError, match="longer than the position table"):
        archspec.load("gpt2").size(S=2048)
    with pytest.raises(archspec.SpecError, match="`B` must be at least 1, not 0"):
        archspec.load("gpt2").size(B=0)
    with pytest.raises(archspec.SpecError, match="no quantity `parms`"):
        archspec.load("gpt2").size().value("parms")


def test_notebook(tiny: Model) -> None:
    """Models and reports show themselves, with what is not a name made harmless."""
    report = tiny.size(B=2)
    bundle = report._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/markdown", "text/html"}
    assert "480" in tiny.size(B=1)._repr_html_()
    assert "<math" in tiny.size()._repr_html_()
    assert tiny._repr_latex_().startswith("$")
    evil = archspec.load_text('model M(d = 4) { """<script>x</script>""" x[B, d] -> y[B, d]  y = x -> ReLU }')
    assert "<script>" not in evil._repr_html_() + evil.size()._repr_html_()
    assert repr(report) == "<archspec report of Tiny(B=2)>"
