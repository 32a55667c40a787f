"""Writing the pages of specs into a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from archspec.pages.blocks import Page
from archspec.pages.collect import Book, collect
from archspec.pages.index import index
from archspec.pages.page import page_of
from archspec.pages.style import CSS
from archspec.pages.to_html import html
from archspec.pages.to_latex import fragment
from archspec.pages.to_markdown import markdown

FORMATS = ("html", "markdown", "latex")
_MANY = 8
"""Models. For fewer, starting processes takes longer than they save."""
_WRITERS: dict[str, tuple[Callable[[Page], str], str]] = {
    "html": (html, ".html"),
    "markdown": (markdown, ".md"),
    "latex": (fragment, ".tex"),
}


def write_site(specs: Iterable[str], folder: str, form: str) -> int:
    """Write the pages of files and names of the library; the number of pages, the index included.

    The same specs give the same bytes. Files of these names are replaced, others left alone. Raises `SpecError`
    with the errors of the specs, and `OSError` where a file cannot be written.
    """
    write, ending = _WRITERS[form]
    named = tuple(specs)
    book = collect(named)
    if form == "html":
        _save(folder, "style.css", CSS)
    if form != "latex":
        _save(folder, f"index{ending}", write(index(book)))
    for entry, text in zip(book.entries, _pages(named, book, form), strict=True):
        _save(folder, entry.place + ending, text)
    return len(book.entries) + (form != "latex")


# --- many pages: several processes ------------------------------------------------------------------

_book = Book()
_form = ""


def _pages(specs: tuple[str, ...], book: Book, form: str) -> Iterator[str]:
    """The pages in order, one by one; those of many models are made by as many processes as there are processors."""
    workers = min(_processors(), 8)
    if workers == 1 or sum(entry.kind == "model" for entry in book.entries) < _MANY:
        _start(specs, form, book)
        yield from map(_made, range(len(book.entries)))
        return
    from concurrent.futures import ProcessPoolExecutor

    # The largest first, so that no process is left alone with one at the end. A page hangs on no other.
    order = sorted(range(len(book.entries)), key=lambda place: book.entries[place].kind != "model")
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(specs, form)) as pool:
        texts = dict(zip(order, pool.map(_made, order), strict=True))
    yield from (texts[place] for place in range(len(texts)))


def _start(specs: tuple[str, ...], form: str, book: Book | None = None) -> None:
    """What a process needs to make pages."""
    global _book, _form
    _book, _form = book or collect(specs), form


def _made(place: int) -> str:
    """The page of one entry of the book."""
    return _WRITERS[_form][0](page_of(_book.entries[place], _book))


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _save(folder: str, name: str, text: str) -> None:
    path = os.path.join(folder, *name.split("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
