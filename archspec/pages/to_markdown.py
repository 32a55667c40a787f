"""Pages as Markdown for mkdocs. Formulas and pictures are HTML within it, in one block each, without blank lines."""

from __future__ import annotations

import re
from html import escape

from archspec.pages import blocks
from archspec.pages.blocks import Block, Code, Line, Link, Page
from archspec.pages.to_html import address, drawing, equation
from archspec.pages.to_html import write as html_block

_SPECIAL = re.compile(r"[\\`*_{}\[\]|~^$<>]|^[-+#:=!]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
"""Characters that mean something to Markdown or to one of its usual extensions, some only where a line begins."""
_SPECIAL_IN_CODE = re.compile(r"[\\`*_{}\[\]|~^$!:]")


def markdown(page: Page) -> str:
    """A page as a whole file."""
    parts = [f"# {_text(page.title)}", *(_block(block, page.place) for block in page.blocks)]
    return "\n\n".join(parts) + "\n"


def _block(block: Block, place: str) -> str:
    match block:
        case blocks.Heading(level, text):
            return f"{'#' * level} {_text(text)}"
        case blocks.Paragraph(line):
            return _inline(line, place)
        case blocks.Items(lines):
            return "\n".join(f"- {_inline(line, place)}" for line in lines)
        case blocks.Table():
            return _table(block, place)
        case blocks.Source(text, language):
            return _fenced(text, language)
        case blocks.Picture():
            # mkdocs gives pages other addresses than their files have, and turns only links in Markdown.
            return _one_block(f"<div>{drawing(block, place, None)}</div>")
        case blocks.Equation():
            return _one_block(f"<div>{equation(block)}</div>")
        case blocks.Details():
            return _one_block(f"<div>{html_block(block, place, '')}</div>")
        case blocks.Fragment(make):
            return f"<div>\n{make()}\n</div>"  # an end of a line in a script is no sign to write otherwise


def _inline(line: Line, place: str) -> str:
    return "".join(_piece(piece, place) for piece in line)


def _piece(piece: blocks.Inline, place: str) -> str:
    match piece:
        case Code(text):
            return _code(text)
        case Link():
            text = _code(piece.text) if piece.code else _text(piece.text)
            return f"[{text}]({address(piece.page, place, '.md', piece.anchor)})"
        case _:
            return _text(piece)


def _text(text: str) -> str:
    """Text that means nothing to Markdown and nothing to HTML: as entities, which hold where no escape is known."""
    return _SPECIAL.sub(_entity, text.replace("&", "&amp;").replace("\n", " "))


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found.group())};"


def _code(text: str) -> str:
    """Code in a line, as HTML: in a table a bar within backquotes would end the cell."""
    written = escape(" ".join(text.split()))
    return f"<code>{_SPECIAL_IN_CODE.sub(_entity, written)}</code>" if written else ""


def _table(table: blocks.Table, place: str) -> str:
    rules = ["---:" if place in table.right else ":---" for place in range(len(table.head))]
    rows = [[_text(title) for title in table.head], rules]
    rows += [[_inline(cell, place) for cell in row] for row in table.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _fenced(text: str, language: str) -> str:
    """A block of code. The fence is longer than any row of backquotes in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _one_block(text: str) -> str:
    """HTML that Markdown lets pass as it is, in one line; in code that is a sign for the end of a line."""
    return text.replace("\n", "&#10;")
