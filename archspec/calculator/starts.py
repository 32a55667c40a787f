"""The numbers with which the calculator begins: defaults, and for what has none, usual sizes that the model allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.errors.diagnostic import SpecError

if TYPE_CHECKING:
    from archspec.derivation import Derivation
    from archspec.elaborate.entry import GivenValue
    from archspec.model import Model

_BATCH = 8
_TRIED = (1024, 512, 256, 224, 128, 64, 32, 16, 8, 4, 2, 1)
_PICTURE = 224
_AXES = {"B": _BATCH, "H": _PICTURE, "W": _PICTURE}
"""Usual sizes of axes that go by these names."""


def starting_values(model: Model, derivation: Derivation) -> dict[str, int]:
    """A number for each symbol: its value, or the first of the usual sizes with which the requirements hold."""
    symbols = derivation.program.symbols
    known = {name: info.value for name, info in symbols.items() if info.value is not None}
    free = [name for name in symbols if name not in known]
    chosen: dict[str, int] = {}
    for size in _TRIED:
        chosen = {name: max(_AXES.get(name, size), symbols[name].lower or 1) for name in free}
        if _holds(model, derivation, chosen):
            break
    return {name: known[name] if name in known else chosen[name] for name in symbols}


def _holds(model: Model, derivation: Derivation, chosen: dict[str, int]) -> bool:
    given: dict[str, GivenValue] = dict(chosen)
    try:
        model.check_requirements(derivation, given)
    except SpecError:
        return False
    return True
