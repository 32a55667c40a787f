"""The index: every page, by file, with the first sentence of what it is about."""

from __future__ import annotations

from archspec.pages.blocks import Block, Code, Heading, Line, Link, Page, Paragraph, Table, prose
from archspec.pages.collect import Book, Entry

TITLE = "Models and layers"


def index(book: Book) -> Page:
    """The page that leads to all others."""
    page = Page("index", TITLE)
    models = [entry for entry in book.entries if entry.kind == "model"]
    layers = [entry for entry in book.entries if entry.kind != "model"]
    count = f"{_counted(len(models), 'model')} and {_counted(len(layers), 'layer')}, each with its formulas."
    page.blocks.append(Paragraph([count]))
    if models:
        rows: list[list[Line]] = [[[_link(one)], _about(one), _names(one)] for one in models]
        page.blocks += [Heading(2, "Models"), Table(("model", "about", "variants"), rows)]
    if layers:
        page.blocks.append(Heading(2, "Layers"))
    files: dict[str, list[Entry]] = {}
    for entry in layers:
        files.setdefault(entry.file, []).append(entry)
    for file, entries in files.items():
        page.blocks += _file(file, entries)
    return page


def _file(file: str, entries: list[Entry]) -> list[Block]:
    rows: list[list[Line]] = [[[_link(one)], _about(one)] for one in entries]
    return [Heading(3, file), Table(("layer", "about"), rows)]


def _link(entry: Entry) -> Link:
    return Link(entry.name, entry.place)


def _about(entry: Entry) -> Line:
    """The first sentence of its text."""
    first = " ".join((entry.layer.doc or "").split("\n\n")[0].split())
    sentence, point, _ = first.partition(". ")
    return prose(sentence + "." if point else first)


def _names(entry: Entry) -> Line:
    return [part for place, name in enumerate(entry.variants) for part in ([", "] if place else []) + [Code(name)]]


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
