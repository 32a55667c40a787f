"""What cannot be exported, said in the user's terms."""

from __future__ import annotations

from typing import NoReturn

from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.syntax.source import Place


def refuse(kind: str, place: Place | None, /, **fields: object) -> NoReturn:
    """Raise `SpecError` with one error of the catalogue."""
    diagnostics = Diagnostics()
    diagnostics.error(kind, place, notes=(), fix=None, **fields)
    raise SpecError(list(diagnostics))
