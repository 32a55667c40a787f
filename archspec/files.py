"""Reading spec files, from a disk or from memory, and nothing outside the folder they may come from.

Both kinds answer the same two questions: `find`, which file a `use` means, and `read`, what a file says.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from archspec.errors.diagnostic import Diagnostics
from archspec.syntax.limits import FILE_BYTES
from archspec.syntax.source import Place


class FileProblem(Exception):
    """A file cannot be read: a kind of the catalogue, and the fields of its message."""

    def __init__(self, kind: str, **fields: object) -> None:
        self.kind = kind
        self.fields: dict[str, Any] = fields
        super().__init__(kind)

    def report(self, diagnostics: Diagnostics, place: Place | None) -> None:
        """Make it an error at the place that asked for the file."""
        diagnostics.error(self.kind, place, **self.fields)


@dataclass(frozen=True)
class Located:
    """A file: the key that identifies it (two ways to write a path have one key), and its name for people."""

    key: str
    shown: str


class Files(Protocol):
    """Where files come from."""

    def find(self, path: str, beside: Located) -> Located | None:
        """The file that `use "path"` means, said in the file `beside`; None when there is none.

        Raises `FileProblem` when the path leads out of the folder that files may come from.
        """
        ...

    def read(self, file: Located) -> str:
        """The text of a file. Raises `FileProblem`."""
        ...

    def names(self) -> Iterable[str]:
        """Paths that a `use` could name, to suggest one."""
        ...


class Memory:
    """Files given as a mapping of paths, with `/`, to texts."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = {posixpath.normpath(path): text for path, text in texts.items()}

    def find(self, path: str, beside: Located) -> Located | None:
        """See `Files`."""
        key = posixpath.normpath(posixpath.join(posixpath.dirname(beside.key), path))
        if key.startswith(("/", "../")) or key == "..":
            raise FileProblem("use-outside", path=path)
        return Located(key, key) if key in self.texts else None

    def read(self, file: Located) -> str:
        """See `Files`."""
        try:
            return self.texts[file.key]
        except KeyError:
            raise FileProblem("file-not-found", path=file.shown) from None

    def names(self) -> Iterable[str]:
        """See `Files`."""
        return self.texts


class Disk:
    """Files in the folder of one main file, and below it. Links are followed before they are judged."""

    def __init__(self, main: str) -> None:
        self.root = os.path.dirname(os.path.realpath(main))

    def find(self, path: str, beside: Located) -> Located | None:
        """See `Files`."""
        if "\0" in path:
            return None
        written = os.path.join(os.path.dirname(beside.key), path)
        key = os.path.realpath(written)
        if not self._inside(key):
            raise FileProblem("use-outside", path=path)
        shown = os.path.normpath(os.path.join(os.path.dirname(beside.shown), path))
        return Located(key, shown) if os.path.exists(key) else None

    def _inside(self, key: str) -> bool:
        try:
            return os.path.commonpath((self.root, key)) == self.root
        except ValueError:  # another drive
            return False

    def read(self, file: Located) -> str:
        """See `Files`."""
        try:
            status = os.stat(file.key)
            if stat.S_ISDIR(status.st_mode):
                raise FileProblem("file-unreadable", path=file.shown, reason="it is a folder")
            if not stat.S_ISREG(status.st_mode):  # opening a pipe or a device could wait for ever
                raise FileProblem("file-unreadable", path=file.shown, reason="it is no plain file")
            if status.st_size > FILE_BYTES:
                raise FileProblem("file-too-large", path=file.shown, size=status.st_size, limit=FILE_BYTES)
            with open(file.key, "rb") as stream:
                data = stream.read(FILE_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            raise FileProblem("file-not-found", path=file.shown) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise FileProblem("file-unreadable", path=file.shown, reason=reason.lower()) from None
        return decode(data, file.shown)

    def names(self) -> Iterable[str]:
        """See `Files`."""
        try:
            return sorted(name for name in os.listdir(self.root) if name.endswith(".arch"))
        except OSError:
            return ()


def decode(data: bytes, shown: str) -> str:
    """The text of the bytes of a file, without its byte-order mark. Raises `FileProblem`."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileProblem("not-utf8", path=shown, offset=error.start) from None
