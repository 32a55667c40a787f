"""The code blocks of the documentation, and how each kind is run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
ELISION = "…"
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[a-z]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, its text, where the text stands, and the block right after it."""

    page: Path
    line: int
    language: str
    text: str
    start: int
    follower: Block | None = None

    @property
    def name(self) -> str:
        """The block as a test's name."""
        return f"{self.page.name}:{self.line}"

    @property
    def file(self) -> str | None:
        """The name that an `arch` or `python` block gives itself in a first line such as `# tiny.arch`.

        A `json` block, which can have no comment, has it in the line above: `` `config.json`: ``.
        """
        if self.language == "json":
            above = self.page.read_text(encoding="utf-8")[: self.start].rstrip().removesuffix("```json").rstrip()
            named = re.search(r"`(\w+\.json)`:$", above)
            return named.group(1) if named else None
        found = re.match(r"# (\w+\.(?:arch|py))\n", self.text)
        return found.group(1) if found and self.language in ("arch", "python") else None

    @property
    def is_tested_below(self) -> bool:
        """Whether the commands right after an `arch` block show what its tests say, because some of them fail."""
        return self.follower is not None and f"archspec test {self.file}" in self.follower.text

    @property
    def complaint(self) -> Block | None:
        """The errors that an `arch` block must give: a `text` block right after it."""
        after = self.follower
        return after if after is not None and after.language == "text" and self.language == "arch" else None


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    """The blocks of a page, in order."""
    source = page.read_text(encoding="utf-8")
    found: list[Block] = []
    after: tuple[Block, int] | None = None
    for match in reversed(list(_FENCE.finditer(source))):
        indent = match["indent"]
        text = "".join(line.removeprefix(indent) for line in match["text"].splitlines(keepends=True))
        follower = after[0] if after is not None and source[match.end() : after[1]].strip() == "" else None
        line = source.count("\n", 0, match.start()) + 1
        block = Block(page, line, match["language"], text, match.start("text"), follower)
        found.append(block)
        after = (block, match.start())
    return tuple(reversed(found))


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a `console` block, each with the output shown below it."""
    result: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            result.append((line[2:], ""))
        elif result:
            command, output = result[-1]
            if command.endswith("\\"):  # it goes on in the next line
                result[-1] = (f"{command[:-1]}{line.strip()}", "")
            else:
                result[-1] = (command, f"{output}{line}\n")
    return result


def matches(shown: str, real: str) -> bool:
    """Is an output as shown? `…` on a line of its own stands for any lines, inside a line for any characters of it."""
    pattern = ""
    for line in shown.rstrip().splitlines():
        if line.strip() == ELISION:
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.rstrip().split(ELISION)) + r"[ ]*\n"
    return re.fullmatch(pattern, f"{real.rstrip()}\n" if real.strip() else "") is not None
