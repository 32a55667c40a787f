"""Markdown files as tests of messages.

Each block marked `arch` is a spec. The block marked `error` after it holds the messages it gives, exactly; without one,
the spec must be free of errors. A block marked `file NAME` before it is a file that it may use. What stands behind
`arch` is asked of the spec once it is checked: see `diagnose.ask`. Headings name the cases.
`python -m tests.errors.markdown` writes the messages as they are now into the files: read the difference before
believing it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archspec.errors.render import render_text
from tests.errors.diagnose import diagnose

FOLDER = Path(__file__).parent

_PART = re.compile(
    r"^#+ (?P<heading>[^\n]*)$|^```file (?P<file>[^\n]+)\n(?P<text>.*?)^```$"
    r"|^```arch(?P<asked>[^\n]*)\n(?P<arch>.*?)^```$(?:\n+```error\n(?P<error>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Case:
    """One spec of a file, under the last heading above it, and its messages."""

    name: str
    spec: str
    messages: str
    asked: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


def cases(path: Path) -> list[Case]:
    """The cases of a Markdown file."""
    found: list[Case] = []
    heading = path.stem
    files: dict[str, str] = {}
    for part in _PART.finditer(path.read_text(encoding="utf-8")):
        if part["heading"] is not None:
            heading, files = part["heading"], {}
        elif part["file"] is not None:
            files[part["file"]] = part["text"]
        else:
            name = f"{path.stem}: {heading}"
            found.append(Case(name, part["arch"], part["error"] or "", part["asked"].strip(), files))
    return found


def messages(spec: str, asked: str = "", files: Mapping[str, str] | None = None) -> str:
    """The messages a spec gives, as a file holds them."""
    return "".join(f"{render_text(diagnostic)}\n" for diagnostic in diagnose(spec, asked, files or {}))


def rewritten(text: str) -> str:
    """The text of a Markdown file with the messages as they are now."""

    files: dict[str, str] = {}

    def block(part: re.Match[str]) -> str:
        if part["heading"] is not None:
            files.clear()
        if part["file"] is not None:
            files[part["file"]] = part["text"]
        if part["arch"] is None:
            return part[0]
        now = messages(part["arch"], part["asked"].strip(), files)
        return f"```arch{part['asked']}\n{part['arch']}```" + (f"\n\n```error\n{now}```" if now else "")

    return _PART.sub(block, text)


if __name__ == "__main__":
    for file in sorted(FOLDER.glob("*.md")):
        file.write_text(rewritten(file.read_text(encoding="utf-8")), encoding="utf-8")
