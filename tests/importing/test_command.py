"""`archspec import torch:…` as a user meets it: what is printed, what is refused, how it ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import archspec as package
from archspec.printing import format_text
from tests.cli.conftest import Archspec

pytest.importorskip("torch")

MODELS = '''
import time

import torch
from torch import nn


class Odd(nn.Module):
    """One operation that the library has no layer for."""

    def __init__(self, d: int = 32) -> None:
        super().__init__()
        self.up, self.down = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.down(torch.special.i0(self.up(x)))


class Rooted(nn.Module):
    """A width that is no expression of the notation in the number that it follows from."""

    def __init__(self, d: int = 36, out: int = 7) -> None:
        super().__init__()
        self.up = nn.Linear(d, int(d**0.5) * 3 + d % 7)
        self.down = nn.Linear(self.up.out_features, out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.down(torch.relu(self.up(x)))


class Grouped(nn.Module):
    """Refuses what does not divide, and has a list one entry of which follows no rule."""

    def __init__(self, widths: tuple[int, int] = (24, 20), groups: int = 4) -> None:
        super().__init__()
        if widths[0] % groups or widths[1] != 20:
            raise ValueError("groups must divide")
        self.one = nn.Conv2d(3, widths[0], 3, padding=1)
        self.two = nn.Conv2d(widths[0], widths[1] * groups, 3, padding=1, groups=groups)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.two(torch.relu(self.one(x)))


class Slow(nn.Module):
    def __init__(self, d: int = 8) -> None:
        super().__init__()
        time.sleep(60)


def no_model() -> int:
    return 3


def broken(d: int = 8) -> nn.Module:
    raise RuntimeError("no such weights: '{d}' \\x1b[31m")
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the module `my_models`, from which the command is called."""
    (tmp_path / "my_models.py").write_text(MODELS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_operation_without_a_layer_is_named_and_kept_if_asked(archspec: Archspec) -> None:
    refused = archspec("import", "torch:my_models:Odd")
    assert refused.exit_code == 1
    assert "one operation has no spelling in the library" in refused.stderr
    assert "torch.special.i0 in the model" in refused.stderr
    assert refused.stdout == ""

    kept = archspec("import", "torch:my_models:Odd", "--partial")
    assert kept.exit_code == 1, "the whole is not exact"
    assert "opaque: torch.special.i0 in the model" in kept.stderr
    assert "# opaque: torch.special.i0 in the model\n" in kept.stdout
    assert "# differs: activations.saved: " in kept.stdout, "its bytes are those that were measured, at any size"
    said = package.load_text(kept.stdout).size(B=2, backend="cpu")
    assert said["params"] == 32 * 128 + 128 + 128 * 32 + 32
    assert said["flops.forward"] == 2 * 2 * 2 * 32 * 128


def test_the_same_model_gives_the_same_text(archspec: Archspec) -> None:
    one, two = (archspec("import", "torch:my_models:Grouped") for _ in range(2))
    assert one.exit_code == two.exit_code == 0
    assert one.stdout == two.stdout
    assert format_text(one.stdout) == one.stdout


def test_what_must_divide_is_required_and_lists_are_whole(archspec: Archspec) -> None:
    found = archspec("import", "torch:my_models:Grouped")
    text = found.stdout
    assert "model Grouped(widths: list = [24, 20], groups = 4)" in text
    assert "require widths[0] % groups == 0" in text
    assert "require widths[1] == 20" in text
    assert "note: `widths[1]` stays as it is" in found.stderr
    model = package.load_text(text)
    groups, width = 5, 30
    wanted = 3 * 9 * width + width + width * 9 * 20 + 20 * groups
    assert model.size(widths=[width, 20], groups=groups)["params"] == wanted
    with pytest.raises(package.SpecError, match="require-failed"):
        model.size(widths=[width, 20], groups=7)
    with pytest.raises(package.SpecError, match="require-failed"):
        model.size(widths=[width, 21], groups=groups)


def test_a_number_without_an_expression_stays_and_is_named(archspec: Archspec) -> None:
    found = archspec("import", "torch:my_models:Rooted")
    assert found.exit_code == 0, found.stderr
    assert re.search(r"note: `d` stays as it is: sizes follow from it that have no expression", found.stderr)
    assert "model Rooted(out = 7)" in found.stdout
    assert package.load_text(found.stdout).size(out=9)["params"] == 36 * 19 + 19 + 19 * 9 + 9


def test_arguments_are_set(archspec: Archspec) -> None:
    found = archspec("import", "torch:my_models:Grouped", "--set", "groups=2", "--inputs", "x=float32[B,3,H,W]")
    assert found.exit_code == 0
    assert "groups = 2" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("torch:my_models:Missing",), "Missing"),
        (("torch:no_such_module_anywhere:f",), "no_such_module_anywhere"),
        (("torch:my_models",), "torch:my_models"),
        (("my_models.py",), "my_models.py"),
        (("torch:my_models:no_model",), "not a torch.nn.Module"),
        (("torch:my_models:broken",), "no such weights"),
        (("torch:my_models:Odd", "--set", "d="), "d="),
        (("torch:my_models:Odd", "--set", "width=3"), "width"),
        (("torch:my_models:Grouped", "--inputs", "x=float32["), "x=float32["),
        (("torch:my_models:Slow", "--seconds", "4"), "4"),
        (("hf:missing.json",), "missing.json"),
        (("onnx:missing.onnx",), "missing.onnx"),
        (("keras:missing.keras",), "missing.keras"),
    ],
)  # fmt: skip
def test_mistakes_are_said_in_a_line_or_two(archspec: Archspec, arguments: tuple[str, ...], said: str) -> None:
    found = archspec("import", *arguments)
    assert found.exit_code in (1, 2)
    assert isinstance(found.exception, SystemExit)
    assert said in found.stderr
    assert "Traceback" not in found.output
    assert "\x1b" not in found.output
    assert len(found.stderr.splitlines()) <= 6


def test_a_file_that_cannot_be_written_is_an_error(archspec: Archspec) -> None:
    found = archspec("import", "torch:my_models:Grouped", "-o", "no/such/folder/x.arch")
    assert found.exit_code in (1, 2)
    assert isinstance(found.exception, SystemExit)
    assert "no/such/folder" in found.stderr


def test_where_an_import_fails_and_the_zoo_has_the_model_that_is_said(archspec: Archspec, tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    known.write_text(
        '{"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "num_local_experts": 4,'
        ' "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,'
        ' "num_key_value_heads": 2, "vocab_size": 64, "max_position_embeddings": 64, "num_experts_per_tok": 2}',
        encoding="utf-8",
    )
    found = archspec("import", f"hf:{known}")
    assert found.exit_code == 1
    assert found.stderr.splitlines()[-1] == f"help: the zoo has this model: archspec size --config {known}"
    assert archspec("size", "--config", str(known)).exit_code == 0
    unknown = tmp_path / "unknown.json"
    unknown.write_text('{"model_type": "no such model"}', encoding="utf-8")
    assert "help" not in archspec("import", f"hf:{unknown}").stderr
