"""The header of a GGUF file: its metadata and the list of its tensors. The tensors themselves are not read.

A file begins with `GGUF`, its version, and how many tensors and keys there are; keys with their values; the tensors
with shape, type and place; then, from the next multiple of the alignment on, the data. All numbers have their little
end first. Source: docs/gguf.md of ggml, versions 2 and 3. Everything is checked before it is used, for a file may come
from anywhere.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import BinaryIO

from archspec.importing.checkpoint.gguf_types import TYPES, TensorType
from archspec.importing.checkpoint.stored import printable
from archspec.importing.errors import CannotImport

MOST_TENSORS = 100_000
MOST_KEYS = 100_000
LONGEST_NAME = 1024
LONGEST_TEXT = 2**16
"""Bytes of a text that is kept; longer ones, such as templates of a chat, are skipped."""
LONGEST_LIST = 1024
"""Entries of a list that is kept; vocabularies are skipped."""
MOST_AXES = 8
LARGEST = 2**62
LARGEST_ALIGNMENT = 2**20
_STEP = 1 << 16

Value = int | float | bool | str | list[int]

_NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 11: "<q", 12: "<d"}
_FLOAT, _FLAG, _TEXT, _LIST = 6, 7, 8, 9


@dataclass(frozen=True)
class Entry:
    """A tensor. shape: with the row last, as frameworks have it. size: its bytes, without what fills up to the next."""

    name: str
    shape: tuple[int, ...]
    type: TensorType
    size: int


@dataclass(frozen=True)
class Header:
    """keys: the metadata, but for long lists and texts. data: bytes from the first tensor to the end of the file."""

    version: int
    keys: dict[str, Value]
    tensors: list[Entry]
    alignment: int
    data: int

    def aligned(self, size: int) -> int:
        """The bytes of a tensor with those up to the next."""
        return -(-size // self.alignment) * self.alignment


def read_header(path: str) -> Header:
    """Read it. Raises `CannotImport` with the file's name."""
    try:
        if not os.path.isfile(path):
            raise CannotImport(f"{path}: not a file" if os.path.exists(path) else f"{path}: there is no such file")
        with open(path, "rb") as file:
            return _Reader(path, file, os.fstat(file.fileno()).st_size).header()
    except OSError as error:
        raise CannotImport(f"{path}: {(error.strerror or str(error)).lower()}") from None


class _Reader:
    def __init__(self, path: str, file: BinaryIO, size: int) -> None:
        self._path = path
        self._file = file
        self._size = size
        self._at = 0

    def header(self) -> Header:
        if self._size < 24 or self._take(4) != b"GGUF":
            raise self._wrong("no GGUF file: it does not begin with `GGUF` and a header")
        version = self._number("<I")
        if version >= 2**16 and version % 2**16 == 0:
            raise self._wrong("its numbers have their big end first, which is not read")
        if version not in (2, 3):
            raise self._wrong(f"version {version:_}; versions 2 and 3 are read")
        tensors, keys = self._number("<Q"), self._number("<Q")
        self._believe("tensors", tensors, MOST_TENSORS, 24)
        self._believe("keys", keys, MOST_KEYS, 13)
        metadata = self._metadata(keys)
        alignment = metadata.get("general.alignment", 32)
        if type(alignment) is not int or not 1 <= alignment <= LARGEST_ALIGNMENT or alignment & (alignment - 1):
            raise self._wrong("its `general.alignment` is no power of two, or too large")
        entries = [self._tensor(alignment) for _ in range(tensors)]
        start = -(-self._at // alignment) * alignment
        data = max(0, self._size - start)
        self._check(entries, data)
        return Header(version, metadata, [entry for entry, _ in entries], alignment, data)

    def _metadata(self, count: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        seen: set[str] = set()
        for _ in range(count):
            key = self._text(LONGEST_TEXT, "a key")
            if key in seen:
                raise self._wrong(f"the key `{printable(key)}` stands twice in it")
            seen.add(key)
            value = self._value(self._number("<I"), key)
            if value is not None:
                found[key] = value
        return found

    def _value(self, kind: int, key: str) -> Value | None:
        """A value; None where it is too long to be kept."""
        if kind in _NUMBERS:
            number = self._scalar(kind)
            return bool(number) if kind == _FLAG else number
        if kind == _TEXT:
            length = self._number("<Q")
            if length > LONGEST_TEXT:
                self._skip(length)
                return None
            return self._decoded(self._take(length))
        if kind != _LIST:
            raise self._wrong(f"the value of `{printable(key)}` is of the unknown kind {kind}")
        return self._list(key)

    def _list(self, key: str) -> list[int] | None:
        kind, count = self._number("<I"), self._number("<Q")
        if kind == _TEXT:
            self._believe(f"texts in `{printable(key)}`", count, LARGEST, 8)
            for _ in range(count):
                self._skip(self._number("<Q"))
            return None
        if kind not in _NUMBERS:
            raise self._wrong(f"`{printable(key)}` is a list of the unknown kind {kind}")
        width = struct.calcsize(_NUMBERS[kind])
        self._believe(f"numbers in `{printable(key)}`", count, LARGEST, width)
        if count > LONGEST_LIST or kind in (6, 12):
            self._skip(count * width)
            return None
        return [int(self._scalar(kind)) for _ in range(count)]

    def _tensor(self, alignment: int) -> tuple[Entry, int]:
        name = self._text(LONGEST_NAME, "a tensor")
        rank = self._number("<I")
        if rank > MOST_AXES:
            raise self._wrong(f"`{printable(name)}` would have {rank:_} axes")
        sizes = [self._number("<Q") for _ in range(rank)]
        kind, offset = self._number("<I"), self._number("<Q")
        if kind not in TYPES:
            raise self._wrong(f"`{printable(name)}` is of the unknown type {kind:_}")
        one = TYPES[kind]
        elements = prod(sizes)
        if elements >= LARGEST or max(sizes, default=0) >= LARGEST:
            raise self._wrong(f"`{printable(name)}` would have more elements than there are bytes")
        row = sizes[0] if sizes else 1
        if row % one.weights:
            raise self._wrong(f"`{printable(name)}` has rows of {row:_}, which are no whole blocks of {one.name}")
        if offset % alignment:
            raise self._wrong(f"`{printable(name)}` does not begin at a multiple of {alignment}")
        return Entry(name, tuple(reversed(sizes)), one, elements // one.weights * one.size), offset

    def _check(self, entries: list[tuple[Entry, int]], data: int) -> None:
        names: set[str] = set()
        for entry, offset in entries:
            if entry.name in names:
                raise self._wrong(f"the tensor `{printable(entry.name)}` stands twice in it")
            names.add(entry.name)
            if offset + entry.size > data:
                raise self._wrong(f"the file ends before its tensor `{printable(entry.name)}`")
        spans = sorted((offset, offset + entry.size, entry.name) for entry, offset in entries if entry.size)
        for (_, stop, one), (start, _, other) in pairwise(spans):
            if start < stop:
                raise self._wrong(f"its tensors `{printable(one)}` and `{printable(other)}` overlap")

    # --- bytes --------------------------------------------------------------------------------------

    def _take(self, count: int) -> bytes:
        if count > self._size - self._at:
            raise self._wrong("the file ends within its header")
        taken = self._file.read(count)
        if len(taken) != count:
            raise self._wrong("the file ends within its header")
        self._at += count
        return taken

    def _skip(self, count: int) -> None:
        if count > self._size - self._at:
            raise self._wrong("the file ends within its header")
        self._at += count
        if count <= _STEP:
            self._file.read(count)
        else:
            self._file.seek(self._at)

    def _number(self, form: str) -> int:
        number: int = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return number

    def _scalar(self, kind: int) -> int | float:
        number: int | float = struct.unpack(_NUMBERS[kind], self._take(struct.calcsize(_NUMBERS[kind])))[0]
        return float(f"{number:.7g}") if kind == _FLOAT else number

    def _text(self, longest: int, what: str) -> str:
        length = self._number("<Q")
        if length > longest:
            raise self._wrong(f"the name of {what} would have {length:_} bytes")
        return self._decoded(self._take(length))

    def _decoded(self, data: bytes) -> str:
        return data.decode("utf-8", errors="replace")

    def _believe(self, what: str, count: int, most: int, least: int) -> None:
        """Refuse a number of things that cannot be in the rest of the file."""
        if count > most or count * least > self._size - self._at:
            raise self._wrong(f"it would have {count:_} {what}")

    def _wrong(self, text: str) -> CannotImport:
        return CannotImport(f"{self._path}: {text}")
