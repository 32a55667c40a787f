"""`archspec fmt`: files, folders, the input; nothing is lost."""

from __future__ import annotations

import builtins
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from archspec.cli import fmt
from archspec.syntax.limits import FILE_BYTES

UNTIDY = "model M(d=8){ x[B,d]->y[B,d]\n y=x }  # note\n"
TIDY = "model M(d = 8) {\n  x[B, d] -> y[B, d]\n  y = x\n}    # note\n"


def run(*arguments: object, text: bytes | None = None) -> Result:
    return CliRunner().invoke(fmt.command, list(map(str, arguments)), input=text)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "untidy.arch"
    path.write_bytes(UNTIDY.encode())
    return path


def test_a_file(spec: Path) -> None:
    """Written once; then there is nothing to do. Permissions stay."""
    spec.chmod(0o640)
    assert run(spec).stdout == f"formatted {spec}\n1 file, 1 changed\n"
    assert spec.read_bytes() == TIDY.encode()
    assert spec.stat().st_mode & 0o7777 == 0o640
    before = spec.stat()
    assert run(spec).stdout == "1 file, 0 changed\n"
    assert (spec.stat().st_ino, spec.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert os.listdir(spec.parent) == [spec.name]


def test_check(spec: Path) -> None:
    """`--check` names what would change and changes nothing."""
    result = run("--check", spec)
    assert (result.exit_code, result.stdout) == (1, f"would change {spec}\n1 file, 1 to change\n")
    assert spec.read_bytes() == UNTIDY.encode()
    run(spec)
    assert run(spec, "--check").exit_code == 0


def test_folders_and_errors(spec: Path) -> None:
    """A folder is all files in it; one with errors is shown, left as it is, and stops no other."""
    below = spec.parent / "below"
    below.mkdir()
    wrong = below / "wrong.arch"
    wrong.write_text("model M { y  = }")
    (below / "notes.txt").write_text("a  b")
    latin = below / "latin.arch"
    latin.write_bytes(b"# \xe9\n")
    result = run(spec.parent, spec.parent / "nowhere.arch")
    assert result.exit_code == 1
    assert result.stdout.endswith("4 files, 1 changed, 3 with errors\n")
    assert f"{wrong}:1:16" in result.stderr
    assert "error[not-utf8]" in result.stderr
    assert "error[file-not-found]" in result.stderr
    assert wrong.read_text() == "model M { y  = }"
    assert latin.read_bytes() == b"# \xe9\n"
    assert (below / "notes.txt").read_text() == "a  b"
    assert spec.read_bytes() == TIDY.encode()


def test_a_file_that_cannot_be_read(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named with the reason, and is no obstacle to the others."""
    large = spec.parent / "large.arch"
    with large.open("wb") as stream:
        stream.truncate(FILE_BYTES + 1)
    closed = spec.parent / "closed.arch"
    closed.touch()
    opened = builtins.open

    def guarded(path: Any, *rest: Any, **more: Any) -> Any:
        if str(path) == str(closed):
            raise PermissionError(13, "Permission denied")
        return opened(path, *rest, **more)

    monkeypatch.setattr(builtins, "open", guarded)
    result = run(large, closed, "/dev/null", spec)
    assert (result.exit_code, result.stdout) == (1, f"formatted {spec}\n4 files, 1 changed, 3 with errors\n")
    assert f"error[file-too-large]: `{large}` has" in result.stderr
    assert f"error[file-unreadable]: `{closed}` cannot be read: permission denied" in result.stderr
    assert "error[file-unreadable]: `/dev/null` cannot be read: it is no plain file" in result.stderr


def test_line_ends_and_marks(spec: Path) -> None:
    """CRLF stays, a byte-order mark goes."""
    spec.write_bytes(b"\xef\xbb\xbf" + TIDY.replace("\n", "\r\n").encode())
    assert run(spec).stdout == f"formatted {spec}\n1 file, 1 changed\n"
    assert spec.read_bytes() == TIDY.replace("\n", "\r\n").encode()
    assert run("--check", spec).exit_code == 0


def test_links(spec: Path) -> None:
    """A link stays one: what it leads to is written."""
    link = spec.parent / "link.arch"
    link.symlink_to(spec)
    assert run(link).exit_code == 0
    assert link.is_symlink()
    assert spec.read_bytes() == TIDY.encode()


def test_a_file_that_cannot_be_replaced(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old bytes stay, and nothing else lies about."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fmt.os, "replace", full)
    result = run(spec)
    assert result.exit_code == 1
    assert "cannot be written: no space left on device; it is as it was" in result.stderr
    assert spec.read_bytes() == UNTIDY.encode()
    assert os.listdir(spec.parent) == [spec.name]


def test_the_input() -> None:
    """`-` prints the form, and nothing where there is none."""
    result = run("-", text=UNTIDY.replace("\n", "\r\n").encode())
    assert (result.exit_code, result.stdout_bytes) == (0, TIDY.replace("\n", "\r\n").encode())
    assert run("-", "--check", text=TIDY.encode()).exit_code == 0
    assert run("-", "--check", text=UNTIDY.encode()).stdout == "would change <stdin>\n"
    wrong = run("-", text=b"model {")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "<stdin>:1:7" in wrong.stderr
    assert run("-", "a.arch").exit_code == 2
