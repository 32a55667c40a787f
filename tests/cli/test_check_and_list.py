"""`archspec check`, `test` and `list`."""

from __future__ import annotations

from pathlib import Path

from archspec.library import standard
from tests.cli.conftest import Archspec


def test_check(archspec: Archspec, spec: Path, tmp_path: Path) -> None:
    """0 and a count for good files; 1 and every error for a bad one."""
    assert archspec("check", spec).stdout == "1 file, 0 errors\n"
    wrong = tmp_path / "wrong.arch"
    wrong.write_text("layer A { x[B, d] -> y[B, d]  y = x -> Nope }\nlayer C { x[B, d] -> y[B, d]  y = x -> Nada }\n")
    result = archspec("check", spec, wrong)
    assert result.exit_code == 1
    assert result.stdout == "2 files, 2 errors\n"
    assert result.stderr.count("error[unknown-layer]") == 2
    assert archspec("check", tmp_path / "nowhere.arch").exit_code == 1
    assert archspec("check").exit_code == 2


def test_test(archspec: Archspec, spec: Path, tmp_path: Path) -> None:
    """Passing tests are counted; failing ones are shown with both sides."""
    assert archspec("test", spec).stdout == "1 test, 1 passed, 0 failed\n"
    wrong = tmp_path / "below" / "wrong.arch"
    wrong.parent.mkdir()
    wrong.write_text(
        "model M(d = 4) { x[B, d] -> y[B, d]  y = x -> Linear(d) as f }\n"
        'test "two" { M.params == 21  M.params == 20 }\n'
    )
    result = archspec("test", tmp_path)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"FAILED {wrong}:2:1  two\n")
    assert "error[test-failed]: `M.params` == 21 does not hold: it is 20" in result.stdout
    assert result.stdout.endswith("2 tests, 1 passed, 1 failed\n")


def test_test_of_broken_files(archspec: Archspec, spec: Path, tmp_path: Path) -> None:
    """A file that cannot be read fails the run, and stops no other."""
    (tmp_path / "broken.arch").write_text("model {")
    result = archspec("test", tmp_path)
    assert result.exit_code == 1
    assert result.stdout == "1 test, 1 passed, 0 failed, 1 file with errors\n"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert archspec("test", empty).exit_code == 2


def test_list(archspec: Archspec) -> None:
    """Every model, variant and layer is there, variants below their model."""
    lines = archspec("list").stdout.splitlines()
    words = {line.split()[0] for line in lines if line.strip()}
    assert words >= set(standard().names())
    assert "    gpt2_medium              GPT2(d = 1024, heads = 16, layers = 24)" in lines
    gpt2 = next(place for place, line in enumerate(lines) if line.startswith("  GPT2 "))
    assert lines[gpt2 + 1].split()[0] == "gpt2"
