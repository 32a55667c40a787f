"""The cache may vanish, be forbidden or hold rubbish: nothing but speed changes."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from archspec import cache
from archspec.errors.diagnostic import Diagnostics
from archspec.scope import parsed
from archspec.syntax.source import Source

TEXT = "layer A { x[*] -> y[*] }"


def entries(folder: Path) -> list[Path]:
    """The files of a cache."""
    return sorted(folder.glob("*.bin"))


def test_what_is_kept_comes_back(cache_folder: Path) -> None:
    assert cache.load("a", "key") is None
    cache.save("a", "key", {"b": 1})
    assert cache.load("a", "key") == {"b": 1}
    assert cache.load("b", "key") is None
    assert cache.load("a", "another key") is None
    assert [path.suffix for path in cache_folder.iterdir()] == [".bin"]


def test_the_folder_is_private(cache_folder: Path) -> None:
    cache.save("a", "key", 1)
    assert cache_folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="the folder of local application data is private already")
def test_a_folder_open_to_others_is_closed(cache_folder: Path) -> None:
    cache_folder.mkdir(mode=0o777, parents=True)
    cache_folder.chmod(0o777)
    assert cache.directory() == str(cache_folder)
    assert cache_folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such owner")
def test_a_folder_of_someone_else_is_not_used(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache_folder.mkdir(parents=True)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert cache.directory() is None
    assert cache.load("a", "key") is None


@pytest.mark.parametrize("rubbish", [b"", b"\0", b"\0" * 100, pickle.dumps("not that"), b"abc"])
def test_rubbish_is_made_anew(cache_folder: Path, rubbish: bytes) -> None:
    first = parsed(Source("a.arch", TEXT), Diagnostics())
    for path in entries(cache_folder):
        path.write_bytes(rubbish)
    assert parsed(Source("a.arch", TEXT), Diagnostics()) == first


def test_a_damaged_pickle_is_made_anew(cache_folder: Path) -> None:
    first = parsed(Source("a.arch", TEXT), Diagnostics())
    cache.save_bytes("file", TEXT, b"\x80\x05rubbish with a good checksum")
    assert parsed(Source("a.arch", TEXT), Diagnostics()) == first


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, cache_folder: Path) -> None:
    monkeypatch.setenv("ARCHSPEC_CACHE_DIR", "")
    cache.directory.cache_clear()
    assert cache.directory() is None
    cache.save("a", "key", 1)
    assert cache.load("a", "key") is None


def test_a_folder_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache_folder: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ARCHSPEC_CACHE_DIR", str(tmp_path / "file" / "cache"))
    cache.directory.cache_clear()
    assert cache.directory() is None
    assert parsed(Source("a.arch", TEXT), Diagnostics()).items


def test_a_file_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, cache_folder: Path) -> None:
    def refuse(source: str, target: str) -> None:
        raise PermissionError(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    cache.save("a", "key", 1)
    assert cache.load("a", "key") is None
    assert list(cache_folder.iterdir()) == []


def test_the_oldest_entries_go(monkeypatch: pytest.MonkeyPatch, cache_folder: Path) -> None:
    monkeypatch.setattr(cache, "_ENTRIES", 3)
    for i in range(5):
        cache.save("a", str(i), i)
        os.utime(max(entries(cache_folder), key=lambda path: path.stat().st_mtime_ns), (i, i))
    assert len(entries(cache_folder)) == 3
    assert cache.load("a", "4") == 4


def test_texts_with_errors_are_not_kept(cache_folder: Path) -> None:
    for _ in range(2):
        diagnostics = Diagnostics()
        parsed(Source("a.arch", "layer {"), diagnostics)
        assert diagnostics


@pytest.mark.parametrize("text", ["f(" * 95 + "x" + ")" * 95, "x" + " + x" * 195, "f" + "(x)" * 195])
def test_deep_trees_are_kept_or_made_anew(cache_folder: Path, text: str) -> None:
    first, second = (parsed(Source("a.arch", f"layer A {{ y = {text} }}"), Diagnostics()) for _ in "12")
    assert repr(first) == repr(second)
    assert first == second
    assert hash(first) == hash(second)


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache_folder: Path) -> None:
    monkeypatch.delenv("ARCHSPEC_CACHE_DIR")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    cache.directory.cache_clear()
    assert cache.directory() == str(tmp_path / "xdg" / "archspec")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    cache.directory.cache_clear()
    assert cache.directory() == str(tmp_path / "home" / ".cache" / "archspec")


def test_a_hit_imports_neither_lark_nor_the_parser(cache_folder: Path, tmp_path: Path) -> None:
    main = tmp_path / "main.arch"
    main.write_text(TEXT)
    script = (
        "import sys\n"
        "from archspec.errors.diagnostic import Diagnostics\n"
        "from archspec.scope import load_file\n"
        f"scope = load_file({str(main)!r}, Diagnostics())\n"
        "assert scope.lookup('Linear') is None or scope.lookup('Linear').node\n"
        "print(*(m for m in ('lark', 'sympy', 'difflib', 'archspec.syntax.parser') if m in sys.modules))\n"
    )
    runs = [subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True) for _ in "12"]
    assert "lark" in runs[0].stdout
    assert runs[1].stdout.strip() == ""
