"""Exported source is clean: ruff with its default rules, mypy, and defaults of the framework left out rightly."""

from __future__ import annotations

import inspect
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import archspec  # noqa: E402  # after torch is known to be there
from archspec.export import export  # noqa: E402
from archspec.library import standard  # noqa: E402
from archspec.syntax import tree  # noqa: E402

ESTIMATORS = [name for name in standard().names("model") if archspec.load(name).source.name.endswith("trees.arch")]
"""Trees are grown, not trained."""
MODELS = [name for name in standard().names("model") if name not in ESTIMATORS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported")
    for name in MODELS:
        (path / f"{name.lower()}.py").write_text(export(archspec.load(name), "torch"), encoding="utf-8")
    return path


def _run(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff(folder: Path) -> None:
    pytest.importorskip("ruff")
    _run("ruff", "check", "--isolated", str(folder))


@pytest.mark.parametrize("name", ["gpt2", "resnet", "mixtral", "t5", "deepensemble"])
def test_mypy(folder: Path, name: str) -> None:
    pytest.importorskip("mypy")
    _run("mypy", "--config-file=", "--follow-imports=silent", str(folder / f"{name}.py"))


def _same(formal: object, default: object) -> bool:
    if isinstance(formal, Fraction):
        formal = float(formal)
    return formal == default


def test_left_out_arguments_have_the_frameworks_defaults() -> None:
    """`stride = stride` is left out where the spec does not give it: the two defaults must be one."""
    library = standard()
    for name in library.names("layer"):
        found = library.find(name)
        assert found is not None
        assert isinstance(found[0], tree.Layer)
        defaults = {formal.name: formal.default for formal in found[0].formals}
        for statement in found[0].body:
            if not isinstance(statement, tree.Binding) or statement.framework != "torch":
                continue
            call = statement.call.value if isinstance(statement.call, tree.Index) else statement.call
            call = call.function if isinstance(call, tree.Call) and isinstance(call.function, tree.Call) else call
            if not isinstance(call, tree.Call) or not isinstance(call.function, tree.Attribute):
                continue
            if not isinstance(call.function.value, tree.Name) or call.function.value.name != "nn":
                continue
            wanted = inspect.signature(getattr(torch.nn, call.function.name)).parameters
            for argument in call.arguments:
                value = argument.value
                if argument.name is None or not isinstance(value, tree.Name):
                    continue
                default = defaults.get(value.name)
                if isinstance(default, tree.Number | tree.Flag | tree.Text) and argument.name in wanted:
                    assert _same(default.value, wanted[argument.name].default), f"{name}.{value.name}"
