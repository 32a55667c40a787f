"""A whole file: parse, print, and make sure that what was printed says the same."""

from __future__ import annotations

from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.printing.blocks import Printer
from archspec.printing.marks import Marker
from archspec.printing.parentheses import superfluous
from archspec.printing.pieces import pieces_of
from archspec.printing.same import same
from archspec.syntax.lexer import tokenize
from archspec.syntax.parser import parse
from archspec.syntax.source import Source
from archspec.syntax.tree import File


def format_text(text: str, name: str = "<text>") -> str:
    r"""The canonical form of a text: the same tree, the same comments, lines of at most 120 characters where possible.

    Line ends are those of the first line, `\n` or `\r\n`; a byte-order mark goes. Raises `SpecError` with all syntax
    errors of the text; then there is no form.
    """
    source = Source(name, text)
    file = _parsed(source)
    ends = "\r\n" if text.find("\r\n") == text.find("\n") - 1 >= 0 else "\n"
    for keep_parentheses in (False, True):
        printed = _printed(source, file, keep_parentheses)
        again = Diagnostics()
        if same(file, parse(Source(name, printed), again)) and not again.found:
            return printed.replace("\n", ends)
    raise AssertionError("the printed text says something else: nothing was changed")


def _parsed(source: Source) -> File:
    diagnostics = Diagnostics()
    file = parse(source, diagnostics)
    if diagnostics.found:
        raise SpecError(list(diagnostics.found))
    return file


def _printed(source: Source, file: File, keep_parentheses: bool) -> str:
    """The text of a tree, each line with its end."""
    pieces = pieces_of(source, tokenize(source, Diagnostics()))
    marker = Marker(pieces)
    marker.mark(file)
    dropped = set() if keep_parentheses else superfluous(marker, file)
    kept = []
    broken = False
    for number, piece in enumerate(pieces):
        closes = pieces[min(number + 1, len(pieces) - 1)]
        trailing = piece.kind == "COMMA" and closes.kind in ("RIGHT_PARENTHESIS", "RIGHT_BRACKET")
        if number in dropped or (trailing and not closes.notes and not piece.notes):
            broken = broken or piece.broken
            continue
        piece.broken = piece.broken or broken
        broken = False
        kept.append(piece)
    lines = Printer(kept).file()
    return "".join(line + "\n" for line in lines)
