"""Things worth keeping between runs, on disk, keyed by what they were made from.

The cache is a folder only its owner can enter. It may vanish, be unreadable or hold rubbish at any time: then the thing
is made anew, and nothing is said. `ARCHSPEC_CACHE_DIR` names another folder; empty switches the cache off.
"""

from __future__ import annotations

import os
import sys
from functools import cache as once
from hashlib import sha256
from zlib import crc32

_ENTRIES = 500
"""How many entries the folder keeps."""


@once
def directory() -> str | None:
    """The folder, made when it is missing; None when there is none that is private to this user."""
    path = _wanted()
    if not path:
        return None
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        return path if _private(path) else None
    except OSError:
        return None


def _wanted() -> str:
    given = os.environ.get("ARCHSPEC_CACHE_DIR")
    if given is not None:
        return os.path.abspath(given) if given else ""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
        return os.path.join(base, "archspec", "Cache") if base else ""
    if sys.platform == "darwin":
        return os.path.join(os.path.expanduser("~"), "Library", "Caches", "archspec")
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # the XDG standard: a relative path is to be ignored
        home = os.path.expanduser("~")
        base = os.path.join(home, ".cache") if os.path.isabs(home) else ""
    return os.path.join(base, "archspec") if base else ""


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


def _file(kind: str, made_from: str) -> str | None:
    """The file of an entry: its name is the hash of the version of everything that decides its content."""
    top = directory()
    if top is None:
        return None
    key = f"{_code()}\0{sys.version}\0{made_from}"
    return os.path.join(top, f"{kind}-{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}.bin")


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
    path = _file(kind, made_from)
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            if sys.platform != "win32" and os.fstat(file.fileno()).st_uid != os.getuid():
                return None
            data = file.read()
    except OSError:
        return None
    # The first four bytes are a checksum of the rest: a file cut short by a full disk is not read.
    return data[4:] if crc32(memoryview(data)[4:]).to_bytes(4, "big") == data[:4] else None


def save_bytes(kind: str, made_from: str, data: bytes) -> None:
    """Keep bytes for `made_from`. Does nothing where that is not possible."""
    path = _file(kind, made_from)
    if path is None:
        return
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(crc32(data).to_bytes(4, "big") + data)
        os.replace(temporary, path)  # atomic: another process sees the old file or the new one, never a half
        _prune(os.path.dirname(path))
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

    save_bytes(kind, made_from, pickle.dumps(value, protocol=5))


def unpickle(data: bytes) -> object | None:
    """The object in bytes that came from `load_bytes`; None when they cannot be read."""
    import pickle

    try:
        value: object = pickle.loads(data)
    except Exception:  # a damaged pickle can raise anything; the answer is always to make it anew
        return None
    return value
