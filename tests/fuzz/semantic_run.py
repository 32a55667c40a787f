"""Everything that is done with a spec, done with one that is wrong: nothing but `SpecError` may come out, and soon."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from time import process_time
from typing import TypeVar

from archspec.check import check_scope
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.errors.render import render_json, render_text
from archspec.ledger.quantities import QUANTITIES
from archspec.loading import make_model
from archspec.model import Model
from archspec.policy import Policy
from archspec.scope import load_text
from archspec.spectests import run_tests

T = TypeVar("T")

MODELS = 4
"""So many definitions of a file are sized, and so many tests run."""


class Run:
    """What is done with one text. verdict: the first error's id, or `ok`; seconds: the time of the slowest step."""

    def __init__(self, text: str) -> None:
        self.seconds = 0.0
        self.slowest = ""
        diagnostics = Diagnostics()
        scope = self.timed("load", lambda: load_text(text, diagnostics))
        assert scope is not None
        self.timed("check", lambda: check_scope(scope, diagnostics))
        self.render(diagnostics)
        self.verdict = diagnostics.errors[0].id if diagnostics.errors else "ok"
        for name in list(scope.definitions)[:MODELS]:
            model = self.timed(f"find {name}", lambda name=name: make_model(scope, name, Diagnostics()))
            if model is not None:
                self.size(model)
        for result in islice(run_tests(scope), MODELS):
            for problem in result.problems:
                render_text(problem)

    def timed(self, step: str, action: Callable[[], T]) -> T | None:
        """Do something, and take its time; None where the spec is wrong."""
        begin = process_time()
        try:
            return action()
        except SpecError as error:
            for diagnostic in error.diagnostics[:20]:
                render_text(diagnostic)
            return None
        finally:
            took = process_time() - begin
            if took > self.seconds:
                self.seconds, self.slowest = took, step

    def render(self, diagnostics: Diagnostics) -> None:
        """Render what was found."""
        for diagnostic in diagnostics.found[:20]:
            render_text(diagnostic)
            render_json(diagnostic)

    def size(self, model: Model) -> None:
        """Derive a model, read every quantity, and size it with small numbers."""
        derivation = self.timed(f"derive {model.name}", model.derive)
        if (
            derivation is None
            or self.timed("require", lambda: model.check_requirements(derivation, {}) or True) is None
        ):
            return
        self.timed(f"derive {model.name}, eval", lambda: model.derive(Policy(mode="eval")))
        for quantity in QUANTITIES:
            self.timed(f"{quantity} of {model.name}", lambda quantity=quantity: model.dim(quantity))
        symbols = derivation.program.symbols
        given = {name: 3 for name, info in symbols.items() if info.value is None and "[" not in name}
        self.timed(f"size {model.name}", lambda: model.size(**given))
