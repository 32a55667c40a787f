"""Where a command writes: how wide, in which colours, in which signs."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click

_PIPED_WIDTH = 120
_WIDEST = 200


def colourful(stream: TextIO) -> bool:
    """Whether a stream shows colours: a terminal does, unless NO_COLOR is set; FORCE_COLOR insists."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width() -> int:
    """The columns to fill: of the terminal, of COLUMNS, or enough for a file."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return max(40, min(int(given), _WIDEST))
    if not sys.stdout.isatty():
        return _PIPED_WIDTH
    from shutil import get_terminal_size

    return max(40, min(get_terminal_size().columns, _WIDEST))


def write(text: str) -> None:
    """Print a text; in ASCII where the output has no box characters."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        "├─×⌈█→".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        from archspec.report.style import plain

        text = plain(text)
    click.echo(text, color=colourful(sys.stdout))
