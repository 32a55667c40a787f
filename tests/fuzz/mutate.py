"""Broken texts made from good ones: what a slip of the hand, a bad merge or a wrong file look like to the parser."""

from __future__ import annotations

import random
import re
from pathlib import Path

DATA = Path(__file__).parent.parent / "syntax" / "data"

TEXTS = [path.read_text(encoding="utf-8") for path in sorted(DATA.glob("*.arch"))]

_TOKEN = re.compile(r'"""|"|[A-Za-z_]\w*|[0-9.]+|\s+|->|\*\*|//|[=!<>]=|.', re.DOTALL)
_ODD = [
    "\0",
    "\ufeff",
    "\u2028",
    "é",
    "日",
    "\U0001f600",
    "\r",
    "\t",
    "“",
    "→",
    ";",
    "`",
    "\\",
    '"',
    '"""',
    "#",
    "'",
    "\x7f",
    "\ud800",
]
_WORDS = [
    "layer",
    "model",
    "test",
    "use",
    "external",
    "if",
    "else",
    "repeat",
    "each",
    "in",
    "as",
    "at",
    "when",
    "for",
    "not",
    "and",
    "or",
    "true",
    "param",
    "save",
    "view",
    "cache",
]
_SIGNS = [
    *list("{}()[]=,:.*+-/%<>"),
    "->",
    "**",
    "//",
    "==",
    "1e999",
    "0x",
    "80GiB",
    "1_",
    "((((((((",
    "))))",
    "{{{{",
    "}}}}",
]


def mutated(choose: random.Random) -> str:
    """A text with a few mistakes in it."""
    pieces = _TOKEN.findall(choose.choice(TEXTS))
    if choose.random() < 0.5:  # a short excerpt: mistakes near its ends matter more
        start = choose.randrange(len(pieces))
        pieces = pieces[start : start + choose.randrange(1, 200)]
    for _ in range(choose.choice((1, 1, 1, 2, 3, 10))):
        _break(pieces, choose)
    return "".join(pieces)


def _break(pieces: list[str], choose: random.Random) -> None:
    """One mistake: something left out, doubled, moved, put in, or replaced."""
    at = choose.randrange(len(pieces) + 1)
    end = at + choose.choice((1, 1, 2, 5, 20))
    match choose.randrange(7):
        case 0:
            del pieces[at:end]
        case 1:
            pieces[at:at] = pieces[at:end]
        case 2:
            other = choose.randrange(len(pieces) + 1)
            pieces[other:other] = pieces[at:end]
        case 3:
            pieces.insert(at, choose.choice(_ODD))
        case 4:
            pieces.insert(at, f" {choose.choice(_WORDS)} ")
        case 5:
            pieces[at : at + 1] = [choose.choice(_SIGNS)]
        case _:
            del pieces[at:]
