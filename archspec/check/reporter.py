"""Reporting what is wrong in one file, and finding what names of layers mean in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from archspec.errors.diagnostic import Diagnostics, Note
from archspec.errors.suggest import did_you_mean
from archspec.scope import Definition, FileScope
from archspec.syntax import tree
from archspec.syntax.source import Place

_SUGGESTIONS = 100
"""So many suggestions are looked for in one file: each compares a name with every other, which takes time."""


class Reporter:
    """The diagnostics of one file.

    `incomplete`: a `use` failed, so that names which seem unknown may be in the file that is missing.
    """

    def __init__(self, scope: FileScope, diagnostics: Diagnostics, *, incomplete: bool = False) -> None:
        self.scope = scope
        self.diagnostics = diagnostics
        self.incomplete = incomplete
        self.errors = 0
        self.asked: set[str] = set()
        """The names at the top of the file that were asked for since this was last emptied."""
        self._suggested = 0

    def place(self, start: int, end: int) -> Place:
        """A range of this file."""
        return Place(self.scope.source, start, end)

    def error(
        self, node: tree.Node, kind: str, /, *, fix: str | None = None, notes: tuple[Note, ...] = (), **fields: Any
    ) -> None:
        """Report an error at a node."""
        self.error_at(self.place(node.start, node.end), kind, fix=fix, notes=notes, **fields)

    def error_at(
        self, place: Place, kind: str, /, *, fix: str | None = None, notes: tuple[Note, ...] = (), **fields: Any
    ) -> None:
        """Report an error at a place."""
        self.errors += 1
        self.diagnostics.error(kind, place, fix=fix, notes=notes, **fields)

    def warning_at(self, place: Place, kind: str, /, *, fix: str | None = None, **fields: Any) -> None:
        """Report a warning at a place."""
        self.diagnostics.warning(kind, place, fix=fix, **fields)

    def note(self, message: str, node: tree.Node) -> Note:
        """A second place in this file."""
        return Note(message, self.place(node.start, node.end))

    def word_place(self, word: str, after: int, before: int) -> Place:
        """Where a word stands between two offsets of this file; the whole range where it cannot be found."""
        at = self.scope.source.text.find(word, after, before)
        return self.place(after, before) if at < 0 else self.place(at, at + len(word))

    def suggest(self, word: str, *candidates: Iterable[str] | Callable[[], Iterable[str]]) -> str | None:
        """The fix `did you mean …?`, or None. The first hundred wrong words of a file get one."""
        if self._suggested >= _SUGGESTIONS:
            return None
        self._suggested += 1
        return did_you_mean(word, [name for group in candidates for name in (group() if callable(group) else group)])

    def definition(self, node: tree.Expression) -> Definition | None:
        """What a name, or `alias.name`, means at the top of this file."""
        self.asked.add(node.name if isinstance(node, tree.Name | tree.Attribute) else "")
        if isinstance(node, tree.Attribute) and isinstance(node.value, tree.Name):
            used = self.scope.aliases.get(node.value.name)
            return None if used is None else used.lookup(node.name)
        return self.scope.lookup(node.name) if isinstance(node, tree.Name) else None
