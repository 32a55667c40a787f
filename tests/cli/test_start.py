"""The command as a process: what it imports, what it does when its reader leaves, and its own faults."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import archspec as package
from tests.cli.conftest import Archspec

ROOT = Path(package.__file__).parent.parent
HEAVY = ("sympy", "numpy", "jsonschema", "lark", "rich", "torch", "hypothesis")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m archspec` in a process of its own."""
    known = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **environment}
    command = [sys.executable, "-m", "archspec", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=known, check=False)


def imported(*arguments: str) -> set[str]:
    """The heavy packages that a command imports."""
    code = (
        "import sys; from archspec.cli import cli\n"
        f"try: cli.main({list(arguments)!r}, prog_name='archspec')\nexcept SystemExit: pass\n"
        f"print('IMPORTED', *[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    known = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=known, check=True)
    return set(done.stderr.split("IMPORTED")[1].split())


def test_imports_little() -> None:
    """Numbers, formulas, checks and help: none of them needs sympy, or anything else that is slow to import."""
    run("size", "gpt2")  # fills the cache: parsing the library needs no lark, but making its tables does
    assert imported("size", "gpt2", "--set", "B=1", "--set", "S=8") == set()
    assert imported("size", "gpt2", "--formulas", "--format", "json") == set()
    assert imported("formula", "gpt2", "params") == set()
    assert imported("--help") == set()


def test_module(spec: Path) -> None:
    """`python -m archspec` is the command, with its exit status."""
    assert run("--version").stdout == f"archspec {package.__version__}\n"
    done = run("size", "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert "params               494" in run("size", str(spec)).stdout


def test_reader_leaves() -> None:
    """`archspec … | head -1` ends without a complaint."""
    command = f"{sys.executable} -m archspec list | head -1"
    known = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=known, check=False)
    assert (done.stdout, done.stderr) == ("models\n", "")


def test_without_box_characters(spec: Path) -> None:
    """Where the output is ASCII, the tree is."""
    done = run("size", str(spec), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "|- h.block xlayers=3" in done.stdout


def test_own_faults(archspec: Archspec, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of archspec's is said to be one, in a sentence; the traceback only where it is asked for."""
    import archspec.loading as loading

    def broken(*_: object) -> None:
        raise KeyError("something")

    monkeypatch.setattr(loading, "load", broken)
    monkeypatch.delenv("ARCHSPEC_DEBUG", raising=False)
    result = archspec("size", spec)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("internal error: KeyError: 'something'\n")
    assert "Traceback" not in result.stderr
    monkeypatch.setenv("ARCHSPEC_DEBUG", "1")
    assert "Traceback" in archspec("size", spec).stderr


def test_occupied_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """When another distribution has overwritten the package's first file, the command says so."""
    from archspec.cli import run as run_here

    monkeypatch.setattr(package, "__all__", ["cpu"])
    assert run_here() == 1
    assert "occupied by the CPU-detection library" in capsys.readouterr().err


def test_unknown_command(archspec: Archspec) -> None:
    """The nearest command is suggested."""
    result = archspec("siez", "gpt2")
    assert result.exit_code == 2
    assert "there is no command `siez`: did you mean `size`?" in result.stderr


@pytest.mark.parametrize("command", ["size", "formula", "check", "test", "list"])
def test_help(archspec: Archspec, command: str) -> None:
    """Every command explains itself."""
    result = archspec(command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: archspec {command}")


def test_every_line_of_a_plan_is_an_option() -> None:
    from archspec.cli.options import _PLAN
    from archspec.plan import GIVEN

    assert {*_PLAN, "optimizer"} == GIVEN  # which is --train
