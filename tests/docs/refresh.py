"""Write the outputs that the documentation shows as they are now: `python -m tests.docs.refresh`. Then read the diff.

Outputs with `…` were shortened by hand and are left alone as long as they are true.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from archspec.backends import table
from archspec.formats.page import renewed
from tests.docs import folder
from tests.docs.optimizers import optimizer_table
from tests.docs.snippets import PAGES, Block, blocks, commands, matches
from tests.docs.written import written_pages


def refreshed(source: Path) -> str:
    """The text of a page with its outputs renewed, from the last block to the first, so that offsets stay right."""
    text = source.read_text(encoding="utf-8")
    for block in reversed(blocks(source)):
        if block.complaint is not None:
            text = _with(text, block.complaint, _complaint(block))
        elif block.language == "console":
            text = _with(text, block, _session(block))
        elif block.language == "python" and block.follower is not None and block.follower.language == "text":
            text = _with(text, block.follower, _printed(block))
    return text


def with_table(text: str) -> str:
    """The text of a page with the tables of backends' rules and of optimizers renewed, where they are."""
    for made in (table(), optimizer_table()):
        start = text.find(made.partition("\n")[0])
        text = text if start < 0 else text[:start] + made + text[text.index("\n\n", start) :]
    return text


def _with(text: str, block: Block, new: str) -> str:
    return text if block.text == new else text[: block.start] + new + text[block.start + len(block.text) :]


def _complaint(block: Block) -> str:
    assert block.complaint is not None
    with TemporaryDirectory() as place:
        here = Path(place)
        folder.prepare(block.page, here)
        output = folder.archspec(here, "check", folder.written(block, here))[1]
    return _kept(block.complaint.text, output)


def _session(block: Block) -> str:
    with TemporaryDirectory() as place:
        here = Path(place)
        folder.prepare(block.page, here)
        parts: list[str] = []
        for line, shown in commands(block.text):
            output = folder.command(here, line)
            parts.append(f"$ {line}\n{shown if output is None else _kept(shown, output)}")
    return "".join(parts)


def _printed(block: Block) -> str:
    assert block.follower is not None
    with TemporaryDirectory() as place:
        here = Path(place)
        folder.prepare(block.page, here)
        return _kept(block.follower.text, folder.python(here, block.text)[1])


def _kept(shown: str, output: str) -> str:
    """What is shown where it is true, else the output."""
    lines = [line.rstrip() for line in output.rstrip().splitlines()]
    return shown if shown.strip() and matches(shown, output) else "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    written = written_pages()
    for file, text in written.items():
        file.write_text(text, encoding="utf-8")
    for source in PAGES:
        if source not in written:
            source.write_text(renewed(with_table(refreshed(source))), encoding="utf-8")
