"""Things worth keeping between runs, on disk, keyed by what they were made from.

An entry holds all that it was made from, and is taken only if that is the very same now: no hash has to be trusted, and
`hashlib`, which takes longer to import than an entry takes to read, is not needed.

The cache is a folder only its owner can enter. It may vanish, be unreadable or hold rubbish at any time: then the thing
is made anew, and nothing is said. `ARCHSPEC_CACHE_DIR` names the folder to make it in; empty switches it off.
"""

from __future__ import annotations

import os
import sys
from functools import cache as once
from zlib import crc32

_ENTRIES = 500
"""How many entries the folder keeps."""


@once
def directory() -> str | None:
    """The folder, made when it is missing; None when there is none that is private to this user."""
    base = _base()
    if not base:
        return None
    path = os.path.join(base, "archspec")
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        return path if _private(path) else None
    except OSError:
        return None


def _base() -> str:
    """The folder for caches: given, or as the platform has it. "" when there is none."""
    given = os.environ.get("ARCHSPEC_CACHE_DIR")
    if given is not None:
        return os.path.abspath(given) if given else ""
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA", "")
    home = os.path.expanduser("~")
    if not os.path.isabs(home):
        return ""
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches")
    base = os.environ.get("XDG_CACHE_HOME", "")  # by its standard, a relative path is to be ignored
    return base if os.path.isabs(base) else os.path.join(home, ".cache")


def _private(path: str) -> bool:
    """May what lies there be unpickled? Unpickling runs what the writer chose, so nobody else may be able to write."""
    status = os.stat(path)
    if sys.platform == "win32":
        return True  # the folder of local application data is private to its user
    if status.st_uid != os.getuid():
        return False
    if status.st_mode & 0o077:
        os.chmod(path, 0o700)
        status = os.stat(path)
    return not status.st_mode & 0o077


def _key(made_from: str) -> bytes:
    """All that decides what an entry holds: the code that makes it, the Python that pickles it, its origin."""
    return f"{_code()}\0{sys.version}\0{made_from}".encode("utf-8", "surrogatepass")


def _file(top: str, kind: str, key: bytes) -> str:
    """The file of an entry. Two entries may have one by chance: then the later takes the earlier one's place."""
    return os.path.join(top, f"{kind}-{crc32(key):08x}-{len(key)}.bin")


@once
def _code() -> str:
    """What tells one state of this package's code from another: size and time of every file that shapes an entry.

    Better than a version: it is right in a checkout too, where records change without a new version.
    """
    top = os.path.dirname(os.path.abspath(__file__))
    try:
        with os.scandir(os.path.join(top, "syntax")) as files:
            found = sorted((f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in files if f.name.endswith(".py"))
        library = os.stat(os.path.join(top, "library.py"))
    except OSError:
        return ""
    return repr((found, library.st_size, library.st_mtime_ns))


def load_bytes(kind: str, made_from: str) -> bytes | None:
    """The bytes kept for `made_from`, or None."""
    top = directory()
    if top is None:
        return None
    key = _key(made_from)
    try:
        with open(_file(top, kind, key), "rb") as file:
            if sys.platform != "win32" and os.fstat(file.fileno()).st_uid != os.getuid():
                return None
            checksum = file.read(4)
            kept = file.read()
    except OSError:
        return None
    # The checksum is for a file cut short by a full disk or a crash.
    if not kept.startswith(key) or crc32(kept).to_bytes(4, "big") != checksum:
        return None
    return kept[len(key) :]


def save_bytes(kind: str, made_from: str, data: bytes) -> None:
    """Keep bytes for `made_from`. Does nothing where that is not possible."""
    top = directory()
    if top is None:
        return
    kept = _key(made_from) + data
    path = _file(top, kind, _key(made_from))
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(crc32(kept).to_bytes(4, "big") + kept)
        os.replace(temporary, path)  # atomic: another process sees the old file or the new one, never a half
        _prune(top)
    except OSError:
        _remove(temporary)


def _prune(top: str) -> None:
    """Remove the entries not written for longest, so that the folder does not grow without end."""
    with os.scandir(top) as files:
        entries = sorted((f.stat().st_mtime, f.path) for f in files if f.is_file(follow_symlinks=False))
    for _, path in entries[:-_ENTRIES]:
        _remove(path)


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError:
        return


def load(kind: str, made_from: str) -> object | None:
    """The object kept for `made_from`, or None."""
    data = load_bytes(kind, made_from)
    return None if data is None else unpickle(data)


def save(kind: str, made_from: str, value: object) -> None:
    """Keep an object for `made_from`."""
    if directory() is None:
        return
    import pickle

    try:
        data = pickle.dumps(value, protocol=5)
    except RecursionError:  # the tree is deep, and so was the stack already
        return
    save_bytes(kind, made_from, data)


def unpickle(data: bytes) -> object | None:
    """The object in bytes that came from `load_bytes`; None when they cannot be read."""
    import pickle

    try:
        value: object = pickle.loads(data)
    except Exception:  # a damaged pickle can raise anything; the answer is always to make it anew
        return None
    return value
