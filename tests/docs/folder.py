"""Running what a page shows, in a folder that holds the files it names."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

from tests.docs.snippets import ROOT, Block, blocks


def prepare(page: Path, folder: Path) -> None:
    """Write the named blocks of a page, and make the checkout's `specs` appear beside them."""
    for block in blocks(page):
        if block.file is not None:
            (folder / block.file).write_text(block.text, encoding="utf-8")
    if not (folder / "specs").exists():
        (folder / "specs").symlink_to(ROOT / "specs", target_is_directory=True)


def written(block: Block, folder: Path) -> str:
    """The name of the file that holds an `arch` block; one without a name of its own is `example.arch`."""
    if block.file is None:
        (folder / "example.arch").write_text(block.text, encoding="utf-8")
    return block.file or "example.arch"


def archspec(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit status and the output of a command, both streams as one."""
    return _run(folder, ["-m", "archspec", *arguments])


def python(folder: Path, program: str) -> tuple[int, str]:
    """The exit status and the output of a program."""
    return _run(folder, ["-c", program])


def command(folder: Path, line: str) -> str | None:
    """The output of a line of a `console` block; None where it is no command of archspec or pytest, and so not run."""
    words = shlex.split(line, comments=True)
    if words[:1] == ["pytest"]:
        # Where archspec is installed, pytest finds the plugin itself, and must not get it twice.
        installed = any(entry.name == "archspec" for entry in entry_points(group="pytest11"))
        plugin = () if installed else ("-p", "archspec.pytest_plugin")
        return _run(folder, ["-m", "pytest", "-p", "no:cacheprovider", *plugin, *words[1:]])[1]
    if not words or words[0] != "archspec":
        return None
    return archspec(folder, *words[1:])[1]


def _run(folder: Path, arguments: list[str]) -> tuple[int, str]:
    paths = os.pathsep.join(path for path in (str(ROOT), os.environ.get("PYTHONPATH", "")) if path)
    # Where one of these is set, pytest shortens no line.
    inherited = {name: value for name, value in os.environ.items() if name not in ("CI", "BUILD_NUMBER")}
    environment = {**inherited, "PYTHONPATH": paths, "COLUMNS": "110", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout
