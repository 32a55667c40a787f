"""What a page is made of: blocks and pieces of text, in no notation. The writers escape whatever stands in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from archspec.formulas.tree import Tree


@dataclass(frozen=True)
class Code:
    """A piece of code in a line."""

    text: str


@dataclass(frozen=True)
class Link:
    """A link to a page of the site, by its place without an ending (`layers/linear/Linear`), or within a page."""

    text: str
    page: str = ""
    anchor: str = ""
    code: bool = True


Inline = str | Code | Link
"""A piece of a line; a plain `str` is text."""

Line = Sequence[Inline]


@dataclass(frozen=True)
class Heading:
    """A title within a page. level: from 1. Its text is its anchor's, so it is there once in a page."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A line of text, which flows."""

    line: Line


@dataclass(frozen=True)
class Items:
    """A list."""

    lines: Sequence[Line]


@dataclass(frozen=True)
class Table:
    """A table. right: the columns that are numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[Line]]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Source:
    """Lines of code."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Behind:
    """In a picture: from here on there is this page behind it; from one without a place on, none."""

    place: str = ""


@dataclass(frozen=True)
class Picture:
    """A drawing as pieces of SVG, and what it shows in words."""

    pieces: tuple[str | Behind, ...]
    text: str


@dataclass(frozen=True)
class Equation:
    """A formula with the abbreviations in it; `name` is what it is of, `text` the formula in one line of text."""

    name: str
    tree: Tree
    where: Sequence[tuple[str, Tree]]
    text: str


@dataclass(frozen=True)
class Details:
    """Blocks behind a click; in print they just follow."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Fragment:
    """HTML that archspec makes, and no spec does, such as the calculator. LaTeX has none, and so nothing makes it."""

    make: Callable[[], str]


Block = Heading | Paragraph | Items | Table | Source | Picture | Equation | Details | Fragment


@dataclass
class Page:
    """A page: its place without an ending, `/` between folders; its title; what stands on it."""

    place: str
    title: str
    blocks: list[Block] = field(default_factory=list)


def anchor(text: str) -> str:
    """The anchor of a heading, as Python-Markdown (and so mkdocs) makes it: links are the same in every format."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def prose(text: str) -> list[Inline]:
    """Text of a spec, in which backquotes mark code."""
    pieces = " ".join(text.split()).split("`")
    if len(pieces) % 2 == 0:  # a mark without a partner is a character like others
        pieces[-2:] = ["`".join(pieces[-2:])]
    return [Code(piece) if place % 2 else piece for place, piece in enumerate(pieces) if piece]


def paragraphs(text: str) -> list[Block]:
    """The paragraphs of a text of a spec, which blank lines part."""
    return [Paragraph(prose(part)) for part in re.split(r"\n\s*\n", text) if part.strip()]


def relative(page: str, target: str) -> str:
    """From the folder of one page to another place, with `/`."""
    import posixpath

    return posixpath.relpath(target, posixpath.dirname(page) or ".")
