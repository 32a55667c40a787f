"""Make the pictures of the documentation anew: `python -m tests.plot.refresh`. Then look at them."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.docs.folder import archspec
from tests.docs.snippets import ROOT, blocks, commands

IMAGES = ROOT / "docs" / "images"
PAGE = ROOT / "docs" / "plots.md"


def pictures() -> dict[str, list[str]]:
    """The pictures that the page shows, each with the arguments of the command beside it."""
    found: dict[str, list[str]] = {}
    text = PAGE.read_text(encoding="utf-8")
    for block in blocks(PAGE):
        for line, _ in commands(block.text) if block.language == "console" else ():
            words = shlex.split(line)
            if words[1] == "plot" and f"(images/{words[-1]})" in text:
                found[words[-1]] = words[1:]
    return found


def draw(arguments: list[str], folder: Path) -> bytes:
    """The picture that a command makes."""
    status, output = archspec(folder, *arguments)
    assert status == 0, output
    return (folder / arguments[-1]).read_bytes()


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    for words in pictures().values():
        draw(words, IMAGES)
