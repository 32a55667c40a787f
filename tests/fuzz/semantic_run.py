"""Everything that is done with a spec, done with one that is wrong: nothing but `SpecError` may come out, and soon."""

from __future__ import annotations

from archspec.check import check_scope
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.errors.render import render_json, render_text
from archspec.ledger.quantities import QUANTITIES
from archspec.loading import make_model
from archspec.scope import FileScope, load_text

MODELS = 4
"""So many definitions of a file are sized."""


def run(text: str) -> str:
    """Load, check and size a text; render what is wrong with it. `ok`, or the first error's id."""
    diagnostics = Diagnostics()
    scope = load_text(text, diagnostics)
    check_scope(scope, diagnostics)
    for diagnostic in diagnostics.found[:20]:
        render_text(diagnostic)
        render_json(diagnostic)
    for name in list(scope.definitions)[:MODELS]:
        try:
            size(scope, name)
        except SpecError as error:
            for diagnostic in error.diagnostics[:20]:
                render_text(diagnostic)
    return diagnostics.errors[0].id if diagnostics.errors else "ok"


def size(scope: FileScope, name: str) -> None:
    """Derive every quantity of a model, and evaluate it with small numbers. Raises `SpecError`."""
    model = make_model(scope, name, Diagnostics())
    derivation = model.derive()
    given = {
        symbol: 3 for symbol, info in derivation.program.symbols.items() if info.value is None and "[" not in symbol
    }
    for quantity in QUANTITIES:
        dim, _ = model.dim(quantity)
        model.evaluate(dim, derivation, {})
    model.size(**given)
