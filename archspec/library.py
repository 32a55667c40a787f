"""The library of layers and models: finds a definition by its name, and reads only what is asked for.

All definitions lie, pickled one by one, in a single entry of the cache, behind an index of their names. What
`layers/*.arch` defines is known everywhere, and so are the models and variants of `models/*.arch`; a layer of a model's
file belongs to that file, and `use "models/gpt2.arch"` brings it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import cache as once

from archspec import cache
from archspec.errors.diagnostic import Diagnostics
from archspec.resources import grammar_text, spec_texts
from archspec.scope import Definition, FileScope, is_primitive
from archspec.syntax.source import Source
from archspec.syntax.tree import File, Layer, Use, Variant

_Entry = tuple[str, bool, int, int]
"""A definition in the index: `layer`, `model` or `variant`; is it a primitive; where its pickle begins and ends."""

_Part = tuple[dict[str, _Entry], list[Use]]
"""What the index knows of a file: its definitions and its uses."""


class Library:
    """The definitions of a set of spec files, given as texts by path (`layers/linear.arch`)."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = dict(texts)
        self.diagnostics = Diagnostics()
        self._key = "\0".join((grammar_text(), *(f"{path}\0{text}" for path, text in self.texts.items())))
        self._parts: dict[str, _Part] = {}
        self._data = b""
        self._files: dict[str, File] = {}
        self._scopes: dict[str, FileScope] = {}
        if not self._load():
            self._build()
        self._homes = self._find_homes()

    def find(self, name: str) -> Definition | None:
        """The definition that the whole library knows by a name."""
        path = self._homes.get(name)
        return None if path is None else self.scope(path).definitions[name]

    def names(self, kind: str | None = None) -> list[str]:
        """The names known everywhere, in the order of the files: all, or those of a `layer`, `model` or `variant`."""
        parts = self._parts
        return [name for name, path in self._homes.items() if kind is None or parts[path][0][name][0] == kind]

    def is_primitive(self, name: str) -> bool:
        """Does the library know this name, and as a layer that assigns none of its outputs?"""
        path = self._homes.get(name)
        return path is not None and self._parts[path][0][name][1]

    def holds(self, source: Source, name: str) -> bool:
        """Is this source the very file that the library has a name from?"""
        return name in self._homes and self.texts[self._homes[name]] == source.text

    def has_layers(self, text: str) -> bool:
        """Is this the text of one of its files of layers?"""
        return any(text == own for path, own in self.texts.items() if path.startswith("layers/"))

    def scope(self, path: str) -> FileScope:
        """The scope of one of its files: what the names written there mean. Raises `KeyError` for no such file."""
        found = self._scopes.get(path)
        if found is None:
            found = self._scopes[path] = FileScope(Source(path, self.texts[path]), library=self)
            found.is_layer_library = path.startswith("layers/")
            entries, uses = self._parts[path]
            found.definitions = _Lazy(self, path, found, entries)
            for use in uses:
                target = self.path_of(use.path, beside=path)
                if target is not None:
                    found.add_use(use, self.scope(target))
        return found

    def path_of(self, path: str, beside: str = "") -> str | None:
        """Which of its files a `use` means: relative to the file that says it, or to the library."""
        for start in (posixpath.dirname(beside), ""):
            found = posixpath.normpath(posixpath.join(start, path))
            if found in self.texts:
                return found
        return None

    def file(self, path: str) -> File:
        """The whole tree of one of its files."""
        found = self._files.get(path)
        if found is None:
            from archspec.syntax.parser import parse  # here: rarely needed, for the index answers most questions

            found = self._files[path] = parse(Source(path, self.texts[path]), self.diagnostics)
        return found

    def node(self, path: str, entry: _Entry, name: str) -> Layer | Variant:
        """A definition of one of its files."""
        _, _, start, end = entry
        kept = cache.unpickle(self._data[start:end]) if end else None
        if isinstance(kept, Layer | Variant):
            return kept
        return next(item for item in self.file(path).items if isinstance(item, Layer | Variant) and item.name == name)

    def _find_homes(self) -> dict[str, str]:
        """The file of each name known everywhere."""
        homes: dict[str, str] = {}
        for path, (entries, _) in self._parts.items():
            for name, entry in entries.items():
                if entry[0] != "layer" or not path.startswith("models/"):
                    homes.setdefault(name, path)
        return homes

    def _load(self) -> bool:
        """Take the index from the cache: its length in four bytes, the index, the pickled definitions."""
        data = cache.load_bytes("library", self._key)
        if data is None:
            return False
        start = 4 + int.from_bytes(data[:4], "big")
        index = cache.unpickle(data[4:start])
        if not isinstance(index, dict):
            return False
        self._parts, self._data = index, data[start:]
        return True

    def _build(self) -> None:
        """Parse all files, and keep what they define, unless there are errors."""
        import pickle

        pieces: list[bytes] = []
        size = 0
        for path in self.texts:
            entries: dict[str, _Entry] = {}
            for item in self.file(path).items:
                if not isinstance(item, Layer | Variant) or item.name in entries:
                    continue
                pieces.append(pickle.dumps(item, protocol=5))
                kind = "variant" if isinstance(item, Variant) else item.keyword
                primitive = isinstance(item, Layer) and is_primitive(item)
                entries[item.name] = (kind, primitive, size, size + len(pieces[-1]))
                size += len(pieces[-1])
            self._parts[path] = entries, [item for item in self.file(path).items if isinstance(item, Use)]
        self._data = b"".join(pieces)
        if not self.diagnostics:
            index = pickle.dumps(self._parts, protocol=5)
            cache.save_bytes("library", self._key, len(index).to_bytes(4, "big") + index + self._data)


class _Lazy(Mapping[str, Definition]):
    """The definitions of a library's file, each read when it is asked for."""

    def __init__(self, library: Library, path: str, scope: FileScope, entries: dict[str, _Entry]) -> None:
        self._library = library
        self._path = path
        self._scope = scope
        self._entries = entries
        self._found: dict[str, Definition] = {}

    def __getitem__(self, name: str) -> Definition:
        found = self._found.get(name)
        if found is None:
            node = self._library.node(self._path, self._entries[name], name)
            found = self._found[name] = Definition(node, self._scope.source, self._scope)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


@once
def standard() -> Library:
    """The library that comes with archspec."""
    return Library(spec_texts())
