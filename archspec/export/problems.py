"""What cannot be exported, said in the user's terms."""

from __future__ import annotations

from typing import NoReturn

from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.syntax.source import Place


def refuse(kind: str, place: Place | None, /, fix: str | None = None, **fields: object) -> NoReturn:
    """Raise `SpecError` with one error of the catalogue. fix: what to write instead."""
    diagnostics = Diagnostics()
    diagnostics.error(kind, place, notes=(), fix=fix, **fields)
    raise SpecError(list(diagnostics))


def refuse_template(place: Place, layer: str) -> NoReturn:
    """Refuse a layer that is a value: an entry of a list, one side of a choice, one made before and handed on."""
    refuse("export-template", place, fix="name the layer where it is used: one call for each", layer=layer)
