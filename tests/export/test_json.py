"""The elaborated model as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import archspec
from archspec.export import export
from archspec.library import standard

jsonschema = pytest.importorskip("jsonschema")
SCHEMA = json.loads((Path(__file__).parents[2] / "grammar" / "model.schema.json").read_text())


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", standard().names("model"))
def test_every_model_fits_the_schema(name: str) -> None:
    data = json.loads(export(archspec.load(name), "json"))
    jsonschema.Draft202012Validator(SCHEMA).validate(data)


def test_shapes_loops_and_ties() -> None:
    data = json.loads(export(archspec.load("gpt2"), "json"))
    by_path = {one["path"]: one for one in data["parameters"]}
    weight = by_path["h.attn.c_attn.weight"]
    assert data["tensors"][weight["tensor"]]["shape"] == ["d", "3*d"]
    assert [data["loops"][number]["count"] for number in weight["loops"]] == ["layers"]
    assert by_path["lm_head.weight"]["tied_to"] == "wte.weight"
    assert data["tensors"][data["outputs"]["logits"]]["shape"] == ["B", "S", "vocab"]


def test_another_target_is_an_error() -> None:
    with pytest.raises(ValueError, match="torch, keras, json"):
        export(archspec.load("mlp"), "onnx")
