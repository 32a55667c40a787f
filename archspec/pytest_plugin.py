"""A plugin for pytest: `pytest --archspec specs/` runs the `test` blocks of `.arch` files as tests.

With `--archspec-verify`, every model and variant in them is also exported, traced and compared with its formulas.
Without `--archspec` nothing happens, and nothing of archspec but this file is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from archspec.scope import FileScope
    from archspec.spectests import TestResult
    from archspec.syntax import tree

SUFFIX = ".arch"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("archspec", "archspec: sizes of neural networks")
    group.addoption("--archspec", action="store_true", help="run the `test` blocks of .arch files")
    group.addoption(
        "--archspec-verify", action="store_true", help="with --archspec: verify each model and variant in PyTorch"
    )
    group.addoption(
        "--archspec-trials", type=int, default=3, metavar="N", help="draws for each model (3); a variant has one"
    )
    group.addoption("--archspec-seed", type=int, default=0, metavar="N", help="seed of the draws (0)")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """An `.arch` file, if it is asked for."""
    if file_path.suffix != SUFFIX or not parent.config.getoption("--archspec"):
        return None
    file: pytest.Collector = ArchFile.from_parent(parent, path=file_path)
    return file


class SpecFailure(Exception):
    """What a failing item says: text for people, no traceback."""


class ArchFile(pytest.File):
    """One `.arch` file."""

    def collect(self) -> Iterable[pytest.Item]:
        """Its `test` blocks, and its models to verify."""
        from archspec.errors.diagnostic import Diagnostics
        from archspec.errors.render import render_text
        from archspec.scope import load_file

        diagnostics = Diagnostics()
        scope = load_file(str(self.path), diagnostics)
        if scope is None or diagnostics.errors:
            raise self.CollectError("\n\n".join(render_text(one) for one in diagnostics.errors))
        results = _Results(scope)
        for place, test in enumerate(scope.tests):
            line = scope.source.position(test.start)[0] - 1
            yield TestBlock.from_parent(self, name=test.title, results=results, place=place, line=line)
        if self.config.getoption("--archspec-verify"):
            trials = self.config.getoption("--archspec-trials")
            for item, variant in _models(scope):
                line = scope.source.position(item.start)[0] - 1
                yield Verification.from_parent(
                    self, name=f"verify {item.name}", scope=scope, model=item.name, line=line,
                    trials=1 if variant else trials, proofs=not variant,
                )  # fmt: skip


def _models(scope: FileScope) -> Iterator[tuple[tree.Layer | tree.Variant, bool]]:
    """The models, and the variants (which is said): these are models with other defaults, for which one trial does."""
    from archspec.syntax import tree

    for item in scope.file.items:
        if isinstance(item, tree.Variant):
            yield item, True
        elif isinstance(item, tree.Layer) and item.keyword == "model":
            yield item, False


class _Results:
    """The tests of a file, run in order when they are asked for: they share what is derived."""

    def __init__(self, scope: FileScope) -> None:
        from archspec.spectests import run_tests

        self._coming: Iterator[TestResult] = run_tests(scope)
        self._done: list[TestResult] = []

    def __getitem__(self, place: int) -> TestResult:
        while len(self._done) <= place:
            self._done.append(next(self._coming))
        return self._done[place]


class _SpecItem(pytest.Item):
    """An item whose failures are texts."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What went wrong, without a traceback through archspec."""
        from archspec.errors.diagnostic import SpecError
        from archspec.errors.render import render_text

        if isinstance(excinfo.value, SpecFailure):
            return str(excinfo.value)
        if isinstance(excinfo.value, SpecError):
            return "\n\n".join(render_text(one) for one in excinfo.value.diagnostics)
        return super().repr_failure(excinfo, style)


class TestBlock(_SpecItem):
    """A `test` block."""

    __test__ = False

    def __init__(self, *, results: _Results, place: int, line: int, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._results = results
        self._place = place
        self._line = line

    def runtest(self) -> None:
        """Run it."""
        from archspec.errors.render import render_text

        result = self._results[self._place]
        if not result.passed:
            raise SpecFailure("\n\n".join(render_text(problem) for problem in result.problems))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands."""
        return self.path, self._line, f"test {self.name}"


class Verification(_SpecItem):
    """A model against its export, traced."""

    def __init__(self, *, scope: FileScope, model: str, line: int, trials: int, proofs: bool, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._scope = scope
        self._model = model
        self._line = line
        self._trials = trials
        self._proofs = proofs

    def runtest(self) -> None:
        """Verify it."""
        from archspec.errors.diagnostic import Diagnostics
        from archspec.loading import make_model
        from archspec.policy import Policy
        from archspec.verify.errors import CannotVerify
        from archspec.verify.show import shown
        from archspec.verify.trials import verify

        model = make_model(self._scope, self._model, Diagnostics())
        seed = self.config.getoption("--archspec-seed")
        try:
            outcome = verify(model, Policy(), {}, trials=self._trials, seed=seed, proofs=self._proofs)
        except CannotVerify as error:
            raise SpecFailure(str(error)) from None
        if not outcome.passed:
            raise SpecFailure(shown(outcome, 100))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands."""
        return self.path, self._line, self.name
