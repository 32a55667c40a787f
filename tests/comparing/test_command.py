"""`archspec diff`: what it prints, how wide, and its JSON against the schema."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from archspec.resources import folder

ASKED = (
    ("llama2_7b", "llama3_8b", "--set", "B=1", "--set", "S=4096"),
    ("gpt2", "llama3_8b"),
    (
        "gpt2",
        "gpt2",
        "--set-a",
        "layers=6",
        "--set-b",
        "tied=false",
        "--train",
        "adamw",
        "--quantity",
        "memory.optimizer",
    ),
    ("resnet18", "resnet50", "--set", "H=64", "--set", "W=64", "--quantity", "params", "--quantity", "buffers"),
    ("mixtral_8x7b", "resnet50"),
    ("gpt2", "gpt2"),
)


FITTED = (
    ("llama2_7b", "llama3_8b"),
    ("gpt2", "llama3_8b"),
    ("gpt2", "gpt2_xl"),
    ("gpt2", "gpt2"),
    ("resnet50", "resnet101"),
    ("mixtral_8x7b", "deepseek_v3"),
    ("linear_regression", "unet"),
)


@pytest.mark.parametrize("arguments", ASKED, ids=lambda arguments: "-".join(arguments[:2]))
def test_as_json(arguments, archspec):
    with open(f"{folder('grammar')}/diff.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    done = archspec("diff", *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    Draft202012Validator(schema).validate(found)
    assert (found["a"]["model"], found["b"]["model"]) == arguments[:2]
    for entry in found["quantities"].values():
        values = [entry[name]["value"] for name in ("a", "b", "difference")]
        assert None in values or values[2] == values[1] - values[0]
    assert all((layer["aligned"] is None) == (layer["a"] is None or layer["b"] is None) for layer in found["layers"])


@pytest.mark.parametrize("columns", ["60", "80", "100", "160"])
@pytest.mark.parametrize("arguments", FITTED, ids="-".join)
def test_it_fits(columns, arguments, archspec, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    done = archspec("diff", *arguments)
    assert done.exit_code == 0, done.output
    assert max(map(len, done.stdout.splitlines())) <= int(columns)


def test_as_text(archspec, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    done = archspec("diff", *ASKED[0])
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "llama2_7b (a) → llama3_8b (b)  specs/models/llama.arch"
    assert "params                  6.74 B     8.03 B     +1.29 B   +19.2 %" in lines
    assert "kv_cache              4.00 GiB   1.00 GiB   -3.00 GiB   -75.0 %" in lines
    assert "params               - 2*layers*d*head_dim*(heads - kv_heads)   = -805.3 M" in lines
    assert "where                head_dim = d/heads" in lines
    assert "8 other places are equal in these" in lines
    assert lines[-1] == "b alone  heads % kv_heads == 0"


def test_files_of_ones_own(archspec, tmp_path):
    """One has a lone activation in its body, the other an activation and a sum: they stand side by side."""
    signature = "x[B, d] -> y[B, d]"
    chain = "Linear(4*d) as up -> GELU -> Linear(d) as down"
    plain = f"model Plain(d = 64, layers = 3) {{ {signature} repeat layers as h {{ x = x -> {chain} }} y = x }}"
    residual = (
        f"model Residual(d = 64, layers = 3) {{ {signature} repeat layers as h {{ x = x + (x -> {chain}) }} y = x }}"
    )
    paths = []
    for name, text in (("plain", plain), ("residual", residual)):
        path = tmp_path / f"{name}.arch"
        path.write_text(text)
        paths.append(str(path))
    done = archspec("diff", *paths, "--quantity", "params", "--quantity", "activations.outputs")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert "Plain (a) → Residual (b)" in lines[0]
    assert "activations.outputs  + 4*layers*d*B" in lines
    (row,) = [line for line in lines if "h.gelu" in line]
    assert row.split() == ["h.gelu", "→", "h", "+", "GELU,", "Add", "GELU"]
    assert "2 other places are equal in these" in lines


def test_depth(archspec):
    deep = archspec("diff", "vit_b_16", "resnet50", "--quantity", "params").stdout
    flat = archspec("diff", "vit_b_16", "resnet50", "--quantity", "params", "--depth", "1").stdout
    assert "encoder.layers.mlp" in deep
    assert "encoder.layers.mlp" not in flat
    assert len(flat.splitlines()) < len(deep.splitlines())


@pytest.mark.parametrize(
    ("arguments", "text", "status"),
    [
        (("gpt2", "gpt3x"), "there is no model `gpt3x`", 2),
        (("gpt2", "gpt2_xl", "--quantity", "foo"), "there is no quantity `foo`", 2),
        (("gpt2", "gpt2_xl", "--quantity", "memory.training"), "`memory.training`", 2),
        (("gpt2", "gpt2_xl", "--set", "zork=1"), "`zork`", 2),
        (("gpt2", "gpt2_xl", "--set", "S=2000"), "the sequence is longer than the position table", 1),
        (("gpt2", "gpt2_xl", "--set-b", "zork=1"), "`zork`", 2),
        (("nowhere/own.arch", "gpt2"), "there is no file `nowhere/own.arch`", 2),
        (("gpt2",), "OTHER", 2),
    ],
)
def test_mistakes(arguments, text, status, archspec):
    done = archspec("diff", *arguments)
    assert done.exit_code == status
    assert text in done.output
