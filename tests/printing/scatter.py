"""Texts that say what others say, written badly: blanks, line breaks, comments and parentheses in odd places."""

from __future__ import annotations

import random

from archspec.errors.diagnostic import Diagnostics
from archspec.printing.pieces import Piece, pieces_of
from archspec.syntax.lexer import tokenize
from archspec.syntax.source import Source

_APART = frozenset(["NAME", "NUMBER", "STRING", "LONG_STRING"])
_GLUED = frozenset(["DOT", "LEFT_PARENTHESIS", "RIGHT_PARENTHESIS", "LEFT_BRACKET", "RIGHT_BRACKET", "COMMA", "COLON"])


def scattered(text: str, choose: random.Random, comments: float = 0.02, breaks: float = 0.1) -> str:
    """The tokens of a text with other white space, and with comments anywhere."""
    source = Source("<text>", text)
    pieces = pieces_of(source, tokenize(source, Diagnostics()))
    out: list[str] = []
    for number, piece in enumerate(pieces):
        out += [f"\n{note.text}\n" for note in piece.notes]
        if number:
            out.append(_between(pieces[number - 1], piece, choose, breaks))
        if choose.random() < comments:
            note = choose.choice(("# no {}\n", "\n# one {}\n\n  # two {}  \n", " #\r\n", "\n\n\n#alone {}\n\n\n"))
            out.append(note.replace("{}", str(number)))  # all different: their order shows
        out.append(piece.text)
    return "".join(out)


def _between(before: Piece, piece: Piece, choose: random.Random, breaks: float) -> str:
    if choose.random() < breaks:
        return choose.choice(("\n", "\n\n", "\n\t", "\r\n", "\n \n\n  "))
    nothing = (before.kind in _GLUED or piece.kind in _GLUED) and not {before.kind, piece.kind} <= _APART
    return choose.choice(("", "", " ", "  ")) if nothing else " "
