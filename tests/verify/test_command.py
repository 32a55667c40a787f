"""`archspec verify`, as a person calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archspec.cli import cli

pytest.importorskip("torch")
import plain  # it needs torch

Verify = Callable[..., Result]


@pytest.fixture
def verify(monkeypatch: pytest.MonkeyPatch) -> Verify:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return lambda *arguments: CliRunner().invoke(cli, ["verify", *map(str, arguments)], prog_name="archspec")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "decoder.arch"
    path.write_text(plain.SPEC)
    return path


AXES = ("--set", "B=2", "--set", "S=5")
AGAINST = ("--against", "torch:plain:decoder")


def test_against_a_model(verify: Verify, spec: Path) -> None:
    result = verify(spec, *AXES, "--set", "layers=3", *AGAINST, "--kwargs", "layers=3")
    assert result.exit_code == 0, result.output
    assert result.output.rstrip().endswith("(1 comparison)")
    assert "verified: delta 0 in activations.saved[bf16], activations.saved[fp32], buffers" in result.output


def test_a_difference_is_status_1(verify: Verify, spec: Path) -> None:
    result = verify(spec, *AXES, "--set", "layers=3", *AGAINST)
    assert result.exit_code == 1
    assert "NOT VERIFIED: 1 of 1 comparisons differ" in result.output
    assert "differs params: blocks.norm1" in result.output


def test_json(verify: Verify, spec: Path) -> None:
    result = verify(spec, *AXES, *AGAINST, "--format", "json", "--quantity", "params", "--quantity", "flops.forward")
    found = json.loads(result.output)
    assert found["schema"] == "archspec/verify/1"
    assert found["passed"] is True
    (one,) = found["comparisons"]
    assert [row["quantity"] for row in one["rows"]] == ["params", "flops.forward"]
    assert all(row["delta"] == 0 and row["derived"] == row["traced"] > 0 for row in one["rows"])
    assert one["symbols"]["S"] == 5


def test_inputs_that_the_callable_gives(verify: Verify, spec: Path) -> None:
    target = ("--against", "torch:plain:decoder_with_inputs")
    assert verify(spec, "--set", "B=3", "--set", "S=7", *target).exit_code == 0
    assert verify(spec, "--set", "B=3", "--set", "S=8", *target).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*AXES, "--against", "torch:plain:no_model"), "returned a int, not a torch.nn.Module"),
        ((*AXES, "--against", "torch:plain:broken"), "weights are missing"),
        ((*AXES, "--against", "torch:plain:missing"), "has no `missing`"),
        ((*AXES, *AGAINST, "--kwargs", "colour=3"), "unexpected keyword argument"),
        ((*AXES, *AGAINST, "--inputs", "tokens=float32[2,5]"), "the model does not run"),
        (AGAINST, "needs a number for B, S"),
        ((*AXES, "--against", "safetensors:nothing.safetensors"), "No such file"),
    ],
)
def test_what_cannot_be_compared(verify: Verify, spec: Path, arguments: tuple[str, ...], words: str) -> None:
    result = verify(spec, *arguments)
    assert result.exit_code == 1
    assert words in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments", [("--quantity", "memory"), ("--kwargs", "a=1"), ("--trials", "0"), ("--with", "jax")]
)
def test_usage(verify: Verify, spec: Path, arguments: tuple[str, ...]) -> None:
    assert verify(spec, *arguments).exit_code == 2


def test_its_export(verify: Verify, spec: Path) -> None:
    result = verify(spec, "--trials", "2", "--seed", "3")
    assert result.exit_code == 0, result.output
    assert result.output.count("against its export to torch") == 2
    assert "Schwartz" in result.output
    again = verify(spec, "--trials", "2", "--seed", "3")
    assert again.output == result.output
    assert verify(spec, "--trials", "2", "--seed", "4").output != result.output


def test_without_torch_the_message_says_what_to_install(spec: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from archspec.cli import cli\n"
        f"cli(['verify', {str(spec)!r}], prog_name='archspec')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "error: this needs PyTorch, which is not installed: pip install torch"


def test_help_imports_no_framework() -> None:
    code = (
        "import sys\nfrom archspec.cli import cli\n"
        "try: cli(['verify', '--help'], prog_name='archspec')\n"
        "except SystemExit: pass\n"
        "assert not {'torch', 'keras', 'sympy', 'rich'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
