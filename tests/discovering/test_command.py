"""`archspec discover`: what it prints, and JSON."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from archspec.resources import folder

pytest.importorskip("torch")

MODELS = "torch:tests.discovering.models:"
PERCEPTRON = (f"{MODELS}perceptron", "--over", "d,layers", "--kwargs", "classes=3, bias=false")


def _valid(text):
    with open(f"{folder('grammar')}/discover.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    found = json.loads(text)
    Draft202012Validator(schema).validate(found)
    return found


def test_as_json(archspec):
    found = _valid(archspec("discover", *PERCEPTRON, "--format", "json").stdout)
    assert found["formula"] == "d*(d*layers + 3)"
    assert found["given"] == ["classes=3, bias=false"]
    assert found["terms"] == [
        {"coefficient": "1", "exponents": {"d": 2, "layers": 1}},
        {"coefficient": "3", "exponents": {"d": 1}},
    ]
    assert (found["chance"]["degree"], found["chance"]["choices"]) == (3, 36)
    assert float(found["chance"]["bound"]) == pytest.approx((1 - 34 / 36 * 35 / 36) ** len(found["holdouts"]), rel=0.01)
    for one in found["holdouts"]:
        d, layers = one["at"]["d"], one["at"]["layers"]
        assert one["value"] == d * (d * layers + 3)
        assert min(d, layers) > 7
    assert found["ranges"]["d"][0] == 1
    assert found["ranges"]["d"][1] > 65


def test_remainders_and_floors_as_json(archspec):
    found = _valid(archspec("discover", f"{MODELS}bottleneck", "--over", "d", "--format", "json").stdout)
    assert found["periods"] == {"d": 8}
    assert found["missing"] == {"count": 0, "why": ""}
    assert [one["variables"]["d"]["start"] for one in found["others"]] == [1, 2, 3, 4, 5, 6, 7]
    found = _valid(archspec("discover", f"{MODELS}table", "--over", "n,d", "--format", "json").stdout)
    assert found["variables"]["n"]["floors"] == [{"plus": 1, "divisor": 2}, {"plus": 0, "divisor": 3}]


def test_several_quantities(archspec):
    asked = ("discover", *PERCEPTRON[:2], "d,layers,B", "--inputs", "x=float32[B,d]", "--quantity", "flops.forward",
             "--quantity", "params")  # fmt: skip
    found = _valid(archspec(*asked, "--format", "json").stdout)
    assert [one["quantity"] for one in found] == ["flops.forward", "params"]
    assert [one.split(" = ")[0] for one in archspec(*asked).stdout.split("\n\n")] == ["flops.forward", "params"]


def test_as_text(archspec, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for asked in (PERCEPTRON, (f"{MODELS}bottleneck", "--over", "d"), (f"{MODELS}table", "--over", "n,d")):
        lines = archspec("discover", *asked).stdout.splitlines()
        assert lines[0].startswith("params = d*(")
        assert max(map(len, lines)) <= 80
        labels = [line.split()[0] for line in lines if line[0] != " "]
        assert labels == ["params", "of", "for", "found", "holds", "chance"]


def test_remainders_that_are_left_out_are_asked_for_one_by_one(archspec):
    said = " ".join(archspec("discover", f"{MODELS}long", "--over", "d").stdout.split())
    assert "of which 31 are not looked at (at most 16 are looked at)" in said
    assert "--over NAME:STEP:START asks for one, such as d:32:33" in said
    assert archspec("discover", f"{MODELS}long", "--over", "d:32:1").stdout.startswith("params = d**2/32 + d + 31/32")
