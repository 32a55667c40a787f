"""Writing the pages of specs into a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from archspec.pages.blocks import Page
from archspec.pages.collect import collect
from archspec.pages.index import index
from archspec.pages.page import page_of
from archspec.pages.style import CSS
from archspec.pages.to_html import html
from archspec.pages.to_latex import fragment
from archspec.pages.to_markdown import markdown

FORMATS = ("html", "markdown", "latex")
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
    book = collect(specs)
    if form == "html":
        _save(folder, "style.css", CSS)
    if form != "latex":
        _save(folder, f"index{ending}", write(index(book)))
    for entry in book.entries:
        _save(folder, entry.place + ending, write(page_of(entry, book)))
    return len(book.entries) + (form != "latex")


def _save(folder: str, name: str, text: str) -> None:
    path = os.path.join(folder, *name.split("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
