"""What went wrong, as values: made from the catalogue, gathered on the way, rendered in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archspec.errors.catalogue import CATALOGUE
from archspec.syntax.source import Place


@dataclass(frozen=True)
class Note:
    """A second place that explains the first."""

    message: str
    place: Place | None = None


@dataclass(frozen=True)
class Diagnostic:
    """One error or warning. `id` is stable and stands in the catalogue."""

    id: str
    severity: str
    message: str
    place: Place | None
    notes: tuple[Note, ...] = ()
    fix: str | None = None


class Diagnostics:
    """The errors and warnings met so far. The same one (id, place, message) is kept once."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self._seen: set[tuple[str, str | None, int, str]] = set()

    def error(
        self, kind: str, place: Place | None, /, *, notes: tuple[Note, ...] = (), fix: str | None = None, **fields: Any
    ) -> Diagnostic:
        """Add an error of a kind of the catalogue; `fields` fill its message."""
        return self._add(kind, "error", place, notes, fix, fields)

    def warning(
        self, kind: str, place: Place | None, /, *, notes: tuple[Note, ...] = (), fix: str | None = None, **fields: Any
    ) -> Diagnostic:
        """Add a warning of a kind of the catalogue."""
        return self._add(kind, "warning", place, notes, fix, fields)

    def _add(
        self,
        kind: str,
        severity: str,
        place: Place | None,
        notes: tuple[Note, ...],
        fix: str | None,
        fields: dict[str, object],
    ) -> Diagnostic:
        diagnostic = Diagnostic(kind, severity, CATALOGUE[kind].message.format(**fields), place, notes, fix)
        key = (kind, place.source.name if place else None, place.start if place else -1, diagnostic.message)
        if key not in self._seen:
            self._seen.add(key)
            self.found.append(diagnostic)
        return diagnostic

    def add(self, diagnostic: Diagnostic) -> None:
        """Add one made elsewhere."""
        key = (
            diagnostic.id,
            diagnostic.place.source.name if diagnostic.place else None,
            diagnostic.place.start if diagnostic.place else -1,
            diagnostic.message,
        )
        if key not in self._seen:
            self._seen.add(key)
            self.found.append(diagnostic)

    @property
    def errors(self) -> list[Diagnostic]:
        """The errors among them."""
        return [d for d in self.found if d.severity == "error"]

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.found)

    def __bool__(self) -> bool:
        return bool(self.found)


class SpecError(Exception):
    """A spec is wrong: raised at the edge of the library, with everything that was found."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        super().__init__("\n".join(f"error[{d.id}]: {d.message}" for d in diagnostics if d.severity == "error"))
