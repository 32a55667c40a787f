"""`archspec discover` on models of torch: formulas, mistakes, JSON, and a formula of the zoo found without its spec."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from archspec.resources import folder

pytest.importorskip("torch")

from archspec.discovering.discovery import discover, parse_axes
from archspec.verify.errors import CannotVerify

MODELS = "torch:tests.discovering.models:"


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
    found = discover(f"{MODELS}perceptron", over, quantity, inputs=inputs)
    assert found.formula == formula


def test_a_step_where_sizes_are_divided():
    with pytest.raises(CannotVerify, match="a step helps: --over NAME:8"):
        discover(f"{MODELS}bottleneck", "d")
    assert discover(f"{MODELS}bottleneck", "d:8").formula == "d*(2*d + 9)/8"


def test_a_model_that_prints_and_has_its_own_input():
    assert discover(f"{MODELS}noisy", "d", "flops.forward").formula == "12*d"


@pytest.mark.parametrize(
    ("name", "over", "message"),
    [
        ("slow", "d", "it takes longer than 3 s"),
        ("dies", "d", "the process that ran the model ended: out of luck"),
        ("wrong", "d", r"ValueError: too wide .*\(at d = 3\)"),
        ("perceptron", "d,layers,B", "the callable takes no `B`"),
        ("nothing", "d", "has no `nothing`"),
        ("perceptron", "d:0", "is not NAME,NAME:STEP"),
    ],
)
def test_mistakes(name, over, message):
    with pytest.raises(CannotVerify, match=message):
        discover(MODELS + name, over, seconds=3 if name == "slow" else 60)


def test_axes():
    axes = parse_axes("d:8, layers,n:2:7")
    assert [(axis.name, axis.start, axis.step) for axis in axes] == [("d", 8, 8), ("layers", 1, 1), ("n", 7, 2)]


def test_as_json_and_as_text(archspec):
    asked = ("discover", f"{MODELS}perceptron", "--over", "d,layers", "--kwargs", "classes=3, bias=false")
    done = archspec(*asked, "--format", "json")
    assert done.exit_code == 0, done.output
    with open(f"{folder('grammar')}/discover.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    found = json.loads(done.stdout)
    Draft202012Validator(schema).validate(found)
    assert found["terms"] == [
        {"coefficient": "1", "exponents": {"d": 2, "layers": 1}},
        {"coefficient": "3", "exponents": {"d": 1}},
    ]
    lines = archspec(*asked).stdout.splitlines()
    assert lines[0] == "params = d*(d*layers + 3)"
    assert [line.split()[0] for line in lines if line[0] != " "] == ["params", "of", "over", "found", "holds", "chance"]
    assert archspec("discover", f"{MODELS}nothing", "--over", "d").exit_code == 1


def test_llama_is_found_again():
    pytest.importorskip("transformers")
    from tests.discovering.zoo import difference

    assert difference("llama") == 0
