"""The tokens of a file with all that printing them needs: comments, line breaks, and what the tree says of each.

Printing goes by tokens, not by the tree: so nothing that was written can get lost, comments may stand anywhere, and
numbers and texts come out as they were written. The tree says what a token is: a sign, an axis, the bracket of a call.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.syntax.lexer import Tokens
from archspec.syntax.source import Source
from archspec.syntax.tree import Comment


@dataclass(slots=True)
class Note:
    """A comment: its text, whether it has a line of its own, and whether a blank line stands before it."""

    text: str
    own_line: bool
    blank: bool


@dataclass(slots=True)
class Piece:
    """A token. `notes`: comments between the token before it and itself; `broken`, `blank`: a line break or a blank
    line right before it, as written.
    """

    kind: str
    text: str
    start: int
    end: int
    notes: list[Note] = field(default_factory=list)
    broken: bool = False
    blank: bool = False
    spaced: bool = False
    """An operator with white space beside it."""
    entry: str = ""
    """The record that begins here: an item, a doc text, a signature or a statement; "" for none."""
    keyword: bool = False
    """`when`, `for`, `given`: a part of a statement begins here."""
    joined: bool = False
    """Nothing stands before it: a bracket of a call or of axes, parts of a pattern."""
    sign: bool = False
    """A unary minus or plus, the star of axes: nothing stands behind it."""
    tuple: bool = False
    """The parenthesis that opens several values."""
    pipe: int = -1
    """For an arrow: the number of its pipe; -1 for that of a signature."""
    depth: int = 0
    """How many round and square brackets are open before it."""
    in_square: bool = False
    """Whether the innermost of them is square."""
    pad: int = 0
    """Blanks put before it, so that it stands below others."""


def pieces_of(source: Source, tokens: Tokens) -> list[Piece]:
    """The tokens, with their comments; the last one is the end of the file."""
    text = source.text
    waiting = list(reversed(tokens.comments))
    pieces: list[Piece] = []
    done = 1 if text.startswith("\ufeff") else 0
    open_brackets: list[str] = []
    rows = zip(tokens.kinds, tokens.texts, tokens.starts, tokens.ends, strict=True)
    for kind, word, start, end in rows:
        piece = Piece(kind, word, start, end)
        while waiting and waiting[-1].start < start:
            comment = waiting.pop()
            piece.notes.append(_note(comment, text[done : comment.start], first=not pieces and not piece.notes))
            done = comment.end
        lines = text.count("\n", done, start)
        piece.broken = lines > 0 or bool(piece.notes)
        piece.blank = lines > 1
        piece.spaced = text[start - 1 : start].isspace() or text[end : end + 1].isspace() or text[end : end + 1] == "#"
        done = end
        if kind in ("RIGHT_PARENTHESIS", "RIGHT_BRACKET"):
            open_brackets.pop()
        piece.depth = len(open_brackets)
        piece.in_square = bool(open_brackets) and open_brackets[-1] == "LEFT_BRACKET"
        if kind in ("LEFT_PARENTHESIS", "LEFT_BRACKET"):
            open_brackets.append(kind)
        pieces.append(piece)
    return pieces


def _note(comment: Comment, before: str, first: bool) -> Note:
    lines = before.count("\n")
    return Note(comment.text.rstrip(), lines > 0 or first, lines > 1)


def partners(pieces: list[Piece]) -> dict[int, int]:
    """For the number of each bracket or brace that of its partner. The file has no syntax errors: all have one."""
    found: dict[int, int] = {}
    waiting: list[int] = []
    for at, piece in enumerate(pieces):
        if piece.kind in ("LEFT_PARENTHESIS", "LEFT_BRACKET", "LEFT_BRACE"):
            waiting.append(at)
        elif piece.kind in ("RIGHT_PARENTHESIS", "RIGHT_BRACKET", "RIGHT_BRACE"):
            opening = waiting.pop()
            found[opening], found[at] = at, opening
    return found
