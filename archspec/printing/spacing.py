"""What stands between two tokens of a line: nothing, or one blank."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.printing.pieces import Piece

_OPENING = frozenset(["LEFT_PARENTHESIS", "LEFT_BRACKET"])
_CLOSING = frozenset(["RIGHT_PARENTHESIS", "RIGHT_BRACKET"])
_PRODUCTS = frozenset(["STAR", "SLASH", "DOUBLE_SLASH", "PERCENT", "POWER"])


def gap(before: Piece, piece: Piece) -> str:
    """What stands between two pieces on one line.

    Around `* / // % **` it is what the author chose, for it groups: `2 * B*S`. Around all else it is decided here.
    """
    if before.kind in _OPENING or piece.kind in _CLOSING or piece.kind in ("COMMA", "DOT") or before.kind == "DOT":
        return ""
    if piece.joined or piece.kind == "COLON" or (before.sign and not piece.sign):
        return ""
    if before.kind == "COLON":
        return "" if before.in_square else " "
    if piece.kind in _PRODUCTS and not piece.sign:
        return " " if piece.spaced else ""
    if before.kind in _PRODUCTS:
        return " " if before.spaced else ""
    if before.sign:  # `- -x`: two signs in a row read better apart
        return " "
    if before.kind == "LEFT_BRACE" and piece.kind == "RIGHT_BRACE":
        return ""
    return " "


def joined(pieces: Iterable[Piece]) -> str:
    """Pieces on one line."""
    parts: list[str] = []
    last: Piece | None = None
    for piece in pieces:
        if last is not None:
            parts.append(gap(last, piece) + " " * piece.pad)
        parts.append(piece.text)
        last = piece
    return "".join(parts)
