"""`archspec size`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from archspec.resources import folder
from tests.cli.conftest import Archspec


def test_acceptance_in_json(archspec: Archspec) -> None:
    """The main job: an exact number for a name."""
    result = archspec("size", "gpt2", "--format", "json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["quantities"]["params"]["value"] == 124_439_808
    assert report["file"] == "specs/models/gpt2.arch"
    with open(f"{folder('grammar')}/report.schema.json", encoding="utf-8") as file:
        Draft202012Validator(json.load(file)).validate(report)


def test_file_and_name(archspec: Archspec, spec: Path) -> None:
    """A file with one model, variants not counted; or one of its names."""
    assert "params               494\n" in archspec("size", spec).stdout
    assert json.loads(archspec("size", f"{spec}:tiny_wide", "--format", "json").stdout)["symbols"]["d"]["value"] == 8


def test_settings(archspec: Archspec, spec: Path) -> None:
    """Values for symbols and flags."""
    result = archspec("size", spec, "--set", "B=2", "--set", "layers=10_000", "--set", "bias=false", "--format", "json")
    report = json.loads(result.stdout)
    assert report["symbols"]["layers"] == {"value": 10_000, "default": 3, "meaning": "parameter"}
    assert report["quantities"]["params"]["value"] == 10_000 * (2 * 4 * 16 + 16 + 4) + 40


def test_policy(archspec: Archspec, spec: Path) -> None:
    """The policy's flags; long names of precisions are names too."""
    arguments = ("--precision", "bfloat16", "--backend", "cpu", "--attention", "eager", "--mode", "eval")
    report = json.loads(archspec("size", spec, "--set", "B=2", *arguments, "--format", "json").stdout)
    assert report["policy"] == {"precision": "bf16", "backend": "cpu", "attention": "eager", "mode": "eval"}
    assert report["quantities"]["memory.weights"]["value"] == 2 * 494
    assert report["quantities"]["activations.saved"]["value"] > 0


def test_formats(archspec: Archspec, spec: Path) -> None:
    """Table, Markdown, CSV."""
    assert "├─ h.block ×layers=3" in archspec("size", spec).stdout
    assert archspec("size", spec, "--format", "markdown").stdout.startswith("# Tiny\n")
    assert archspec("size", spec, "--format", "csv").stdout.startswith("path,kind,count,output,params,")
    assert "layers*d*(8*d + 5)" in archspec("size", spec, "--formulas").stdout
    assert (
        "formula" in json.loads(archspec("size", spec, "--formulas", "--format", "json").stdout)["quantities"]["params"]
    )


def test_depth(archspec: Archspec, spec: Path) -> None:
    """A smaller tree, and one with every layer."""
    assert "up" not in archspec("size", spec, "--depth", 1).stdout.split("\n\n")[1]
    assert "relu" in archspec("size", spec, "--depth", 9).stdout


def test_width(archspec: Archspec, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table fills the columns that there are."""
    monkeypatch.setenv("COLUMNS", "80")
    table = archspec("size", "gpt2", "--set", "B=1", "--set", "S=8").stdout.split("\n\n")[1]
    assert max(map(len, table.split("\n"))) <= 80


def test_colours(archspec: Archspec, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None in a pipe, unless they are insisted on."""
    assert "\x1b[" not in archspec("size", spec).stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in archspec("size", spec).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in archspec("size", spec).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["gpt3_nano"], 2, "there is no model `gpt3_nano`"),
        (["gpt2_x"], 2, "did you mean `gpt2_xl`?"),
        (["nowhere.arch"], 2, "there is no file `nowhere.arch`"),
        ([], 2, "Missing argument 'SPEC'"),
        (["gpt2", "--set", "S=32k"], 2, "write 32_000 or 32_768"),
        (["gpt2", "--set", "B=1", "--set", "B=2"], 2, "`B` is set twice"),
        (["gpt2", "--set", "batch=1"], 2, "`GPT2` has no parameter or axis `batch`"),
        (["gpt2", "--set", "B=0"], 2, "`B` must be at least 1, not 0"),
        (["gpt2", "--precision", "fp7"], 2, "'fp7' is not one of"),
        (["gpt2", "--depth", "0"], 2, "0 is not in the range"),
        (["gpt2", "--format", "xml"], 2, "'xml' is not one of"),
        (["gpt2", "--set", "S=2048"], 1, "the sequence is longer than the position table"),
        (["gpt2", "--set", "d=770"], 1, "the width must be a multiple of the number of heads"),
    ],
)
def test_errors(archspec: Archspec, arguments: list[str], code: int, message: str) -> None:
    """2 for the command line, 1 for the spec and what it requires; to stderr, and no traceback."""
    result = archspec("size", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_errors_of_a_file(archspec: Archspec, tmp_path: Path) -> None:
    """All of them at once, with their places."""
    path = tmp_path / "wrong.arch"
    path.write_text("model M(d = 4) {\n  x[B, d] -> y[B, d]\n  z = x -> Linaer(d)\n  y = z -> ReLU(3, 4)\n}\n")
    result = archspec("size", path)
    assert result.exit_code == 1
    assert "error[unknown-layer]: there is no layer `Linaer`" in result.stderr
    assert "wrong.arch:3:12" in result.stderr


def test_several_models(archspec: Archspec, tmp_path: Path) -> None:
    """A file with several models does not say which is meant."""
    path = tmp_path / "two.arch"
    path.write_text("model A { x[B] -> y[B]  y = x -> ReLU }\nmodel C { x[B] -> y[B]  y = x -> ReLU }\n")
    result = archspec("size", path)
    assert result.exit_code == 2
    assert "has several models" in result.stderr
    assert "A, C" in result.stderr
    assert archspec("size", f"{path}:C").exit_code == 0


def test_numbers_that_nobody_reads(archspec: Archspec, tmp_path: Path) -> None:
    """What grows beyond thousands of digits is said, and takes no time."""
    spec = tmp_path / "large.arch"
    spec.write_text("model M(n = 4, d = 8) { x[B, d] -> y[B, 2**n]  y = x -> Linear(2**n) }", encoding="utf-8")
    assert archspec("size", spec, "--set", "n=1000").exit_code == 0
    for exponent in ("20_000", "1_000_000_000"):
        result = archspec("size", spec, "--set", f"n={exponent}")
        assert result.exit_code == 1
        assert "has more than 12000 bits" in result.stderr
