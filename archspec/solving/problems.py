"""Questions that have no answer, in words."""

from __future__ import annotations

from typing import Any, NoReturn

from archspec.errors.diagnostic import Diagnostics, SpecError


def fail(kind: str, *, fix: str | None = None, **fields: Any) -> NoReturn:
    """Raise `SpecError` with one error of the catalogue."""
    diagnostics = Diagnostics()
    diagnostics.error(kind, None, fix=fix, **fields)
    raise SpecError(list(diagnostics))
