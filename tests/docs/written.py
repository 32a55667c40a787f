"""The files of the documentation that are written whole, from what they describe."""

from __future__ import annotations

from pathlib import Path

from pygments.formatters import HtmlFormatter

from archspec.errors.page import page
from tests.docs.api import api_page
from tests.docs.commands import commands_page
from tests.docs.snippets import ROOT
from tests.docs.terminal import terminal_picture

DOCS = ROOT / "docs"


def written_pages() -> dict[Path, str]:
    """The text of each of these files."""
    return {
        DOCS / "errors.md": page(),
        DOCS / "cli.md": commands_page(),
        DOCS / "api.md": api_page(),
        DOCS / "images" / "terminal.svg": terminal_picture(),
        DOCS / "highlight.css": f"{HtmlFormatter(style='default').get_style_defs('.codehilite')}\n",
    }
