"""Fixtures of the syntax tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archspec import cache
from archspec.errors.diagnostic import Diagnostics
from archspec.syntax.parser import parse
from archspec.syntax.source import Source
from archspec.syntax.tree import File

DATA = Path(__file__).parent / "data"

Parse = Callable[[str], File]


@pytest.fixture
def read() -> Parse:
    """Parse a text that has no errors."""

    def read(text: str) -> File:
        diagnostics = Diagnostics()
        file = parse(Source("spec.arch", text), diagnostics)
        assert [(d.id, d.message, str(d.place)) for d in diagnostics] == []
        return file

    return read


@pytest.fixture
def errors() -> Callable[[str], list[str]]:
    """The ids of the errors of a text."""

    def errors(text: str) -> list[str]:
        diagnostics = Diagnostics()
        parse(Source("spec.arch", text), diagnostics)
        return [d.id for d in diagnostics]

    return errors


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache of its own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("ARCHSPEC_CACHE_DIR", str(folder))
    cache.directory.cache_clear()
    yield folder / "archspec"
    cache.directory.cache_clear()
