"""Every kind of error and warning there is, by its id: the table of what the modules in `kinds` say by topic."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.errors.kinds import (
    checks,
    export,
    files,
    formats,
    names,
    plans,
    questions,
    shapes,
    syntax,
    wiring,
)
from archspec.errors.kinds.kind import Kind

__all__ = ["CATALOGUE", "Kind"]


def _table(topics: Iterable[tuple[Kind, ...]]) -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    for kinds in topics:
        for kind in kinds:
            if kind.id in found:
                raise ValueError(f"the catalogue holds {kind.id!r} already")
            found[kind.id] = kind
    return found


CATALOGUE: dict[str, Kind] = _table(
    (
        syntax.KINDS,
        names.KINDS,
        shapes.KINDS,
        wiring.KINDS,
        plans.KINDS,
        files.KINDS,
        checks.KINDS,
        questions.KINDS,
        export.KINDS,
        formats.KINDS,
    )
)
"""In the order of `docs/errors.md`."""
