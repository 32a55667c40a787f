"""The plugin for pytest, in a folder of somebody else."""

from __future__ import annotations

import os
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import archspec

pytest_plugins = ["pytester"]

SPEC = """
model Small(d = 4, width = 16) {
  x[B, d] -> y[B, 3]
  y = x -> Linear(width) as first -> ReLU -> Linear(3) as last
}

model small_wide = Small(width = 32)

test "right" {
  Small.params == 131
}

test "wrong" {
  Small.params == 130
}
"""


ODD = """
layer Half(odd: flag) {
  x[*] -> y[*]
  save x when odd
  torch torch.neg(x)
}
"""


@pytest.fixture
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    home = str(Path(str(archspec.__file__)).parent.parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([home, os.environ.get("PYTHONPATH", "")]))
    (pytester.mkdir("specs") / "small.arch").write_text(SPEC)
    pytester.makepyfile(test_nothing="def test_nothing(): pass")
    return pytester


def run(folder: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest there. An installed archspec brings the plugin by itself."""
    installed = any(entry.name == "archspec" for entry in entry_points(group="pytest11"))
    return folder.runpytest_subprocess(*(() if installed else ("-p", "archspec.pytest_plugin")), *arguments)


def test_nothing_happens_unless_asked(folder: pytest.Pytester) -> None:
    run(folder).assert_outcomes(passed=1)


def test_blocks_are_items(folder: pytest.Pytester) -> None:
    result = run(folder, "--archspec", "specs")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*`Small.params` == 130 does not hold: it is 131"])
    assert "Traceback" not in result.stdout.str()


def test_items_are_chosen_by_name(folder: pytest.Pytester) -> None:
    run(folder, "--archspec", "specs", "-k", "right").assert_outcomes(passed=1, deselected=1)
    result = run(folder, "--archspec", "specs", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["specs/small.arch::right", "specs/small.arch::wrong"])


def test_a_wrong_file_is_an_error(folder: pytest.Pytester) -> None:
    (folder.path / "specs" / "broken.arch").write_text("model A {\n  x[B -> y[B]\n}\n")
    result = run(folder, "--archspec", "specs")
    result.stdout.fnmatch_lines(["*broken.arch:2:*"])
    assert result.ret != 0


def test_models_are_verified(folder: pytest.Pytester) -> None:
    pytest.importorskip("torch")
    result = run(folder, "--archspec", "--archspec-verify", "--archspec-trials", "1", "specs", "-k", "verify")
    result.assert_outcomes(passed=2, deselected=2)


def test_a_variant_is_verified_with_its_arguments(folder: pytest.Pytester) -> None:
    pytest.importorskip("torch")
    text = SPEC.replace("-> ReLU -> Linear(3)", "-> Half(odd) -> ReLU -> Linear(3)").replace(
        "width = 16", "width = 16, odd = false"
    )
    text = text.replace("Small(width = 32)", "Small(odd = true)") + ODD
    (folder.path / "specs" / "small.arch").write_text(text)
    result = run(folder, "--archspec", "--archspec-verify", "--archspec-trials", "1", "specs", "-k", "verify")
    result.assert_outcomes(passed=1, failed=1, deselected=2)
    result.stdout.fnmatch_lines(["differs activations.saved*half (Half): *kept by the spec only*", "NOT VERIFIED*"])
    result.stdout.fnmatch_lines(["FAILED specs/small.arch::verify small_wide*"])
