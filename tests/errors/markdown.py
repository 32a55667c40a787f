"""Markdown files as tests of messages.

Each block marked `arch` is a spec. The block marked `error` after it holds the messages it gives, exactly; without one, the
spec must be free of errors. Headings name the cases. `python -m tests.errors.markdown` writes the messages as they are now
into the files: read the difference before believing it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from archspec.errors.render import render_text
from tests.errors.diagnose import diagnose

FOLDER = Path(__file__).parent

_PART = re.compile(
    r"^#+ (?P<heading>[^\n]*)$|^```arch\n(?P<arch>.*?)^```$(?:\n+```error\n(?P<error>.*?)^```$)?", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Case:
    """One spec of a file, under the last heading above it, and its messages."""

    name: str
    spec: str
    messages: str


def cases(path: Path) -> list[Case]:
    """The cases of a Markdown file."""
    found: list[Case] = []
    heading = path.stem
    for part in _PART.finditer(path.read_text(encoding="utf-8")):
        if part["heading"] is not None:
            heading = part["heading"]
            continue
        found.append(Case(f"{path.stem}: {heading}", part["arch"], part["error"] or ""))
    return found


def messages(spec: str) -> str:
    """The messages a spec gives, as a file holds them."""
    return "".join(f"{render_text(diagnostic)}\n" for diagnostic in diagnose(spec))


def rewritten(text: str) -> str:
    """The text of a Markdown file with the messages as they are now."""

    def block(part: re.Match[str]) -> str:
        if part["arch"] is None:
            return part[0]
        now = messages(part["arch"])
        return f"```arch\n{part['arch']}```" + (f"\n\n```error\n{now}```" if now else "")

    return _PART.sub(block, text)


if __name__ == "__main__":
    for file in sorted(FOLDER.glob("*.md")):
        file.write_text(rewritten(file.read_text(encoding="utf-8")), encoding="utf-8")
