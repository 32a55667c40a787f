"""From the tokens of one statement, or of the head of a block, to lines.

What fits on one line stands on one, unless the author began lines of a pipe: those are kept. What does not fit keeps
the lines that the author made, at places where a line may begin; lines that are still too long are cut where the fewest
brackets are open.
"""

from __future__ import annotations

from archspec.printing.pieces import Piece
from archspec.printing.spacing import gap, joined

WIDTH = 120
"""Characters of a line. Longer ones remain only where no break can be made: long texts and names."""

NOTE = "    "
"""What stands before a comment at the end of a line."""

_FARTHEST = 24  # columns that a line may be moved to the right to stand below an arrow or an element
_SHORTEST, _SHORT = 30, 15  # a first line of fewer characters is as bad as one and a half brackets
_OPERATORS = frozenset(["PLUS", "MINUS", "STAR", "SLASH", "DOUBLE_SLASH", "PERCENT"])


class Layout:
    """The lines of one statement: `indent` blanks before the first, `step` more before the others.

    `before`: what stands on the first line already, such as the `}` before an `else`.
    """

    def __init__(self, pieces: list[Piece], indent: int, step: int, before: str = "") -> None:
        self.pieces = pieces
        self.indent = indent
        self.step = step
        self.before = before or " " * indent
        self.lines: list[str] = []
        self.arrows: dict[int, int] = {}  # the column of the first arrow of each pipe
        self.inner: list[tuple[Piece, int]] = []  # the brackets that are open, and the columns behind them

    def made(self) -> list[str]:
        """The lines. Comments inside the statement end a line or have one; those before it are left to the caller."""
        pieces = self.pieces
        noted = any(piece.notes for piece in pieces[1:])
        if not noted and not any(piece.pipe >= 0 and piece.broken for piece in pieces[1:]):
            line = self.before + joined(pieces)
            if len(line) <= WIDTH:
                return [line]
        # Lines are made anew, as if the author had written those made, until they stay: so they do when read again.
        # It ends, for an arrow that begins a line once does so ever after.
        while True:
            begun = self._make()
            written = [number for number, piece in enumerate(pieces) if number and piece.broken]
            if begun == written:
                return self.lines
            starts = set(begun)
            for number in {*begun, *written}:
                pieces[number].broken = number in starts

    def _make(self) -> list[int]:
        """Put all pieces on lines; the numbers of those that begin one, but for the first."""
        pieces = self.pieces
        self.lines, self.arrows, self.inner = [], {}, []
        begun: list[int] = []
        at = 0
        while at < len(pieces):
            if at:
                begun.append(at)
                self._notes(pieces[at])
            column = self._column(at)
            stop = self._stop(at, column)
            self._put(at, stop, column)
            at = stop
        return begun

    def _notes(self, piece: Piece) -> None:
        for note in piece.notes:
            if note.own_line:
                self.lines.append(" " * (self.indent + self.step) + note.text)
            else:
                self.lines[-1] += NOTE + note.text

    def _column(self, at: int) -> int:
        """Where a line that begins with piece `at` begins: an arrow below the first one of its pipe, an element of a
        tuple below the first one, and what is inside an element further in.
        """
        if at == 0:
            return len(self.before)
        piece = self.pieces[at]
        farthest = self.indent + _FARTHEST
        if piece.pipe >= 0:
            below = self.arrows.get(piece.pipe, self.inner[-1][1] if self.inner else farthest + 1)
            if below <= farthest:
                return below
        for bracket, column in reversed(self.inner):
            if bracket.tuple and column <= farthest:
                return column if piece.depth == bracket.depth + 1 else column + self.step
        return self.indent + self.step

    def _stop(self, at: int, column: int) -> int:
        """Where the line that begins with piece `at` ends: the number of the next line's first piece."""
        pieces = self.pieces
        begun: int | None = None  # the first piece that the author began a line with
        best: tuple[int, int] | None = None
        width = column + len(pieces[at].text)
        for number in range(at + 1, len(pieces)):
            piece = pieces[number]
            price = cost(pieces, number)
            if piece.notes or (piece.broken and piece.pipe >= 0):
                return number if width <= WIDTH else self._cut(number, begun, best)
            if piece.broken and price is not None and begun is None and width <= WIDTH:
                begun = number
            if price is not None and (width <= WIDTH or best is None):
                # Of places that fit the cheapest, and of these the last; where none fits, the first of all.
                found = (price + _SHORT * (width - column < _SHORTEST), -number)
                best = found if best is None else min(best, found)
            if width > WIDTH and best is not None:
                return self._cut(number, begun, best)
            width += len(gap(pieces[number - 1], piece)) + piece.pad + len(piece.text)
        return len(pieces) if width <= WIDTH else self._cut(len(pieces), begun, best)

    @staticmethod
    def _cut(end: int, begun: int | None, best: tuple[int, int] | None) -> int:
        """Where a line that is too long up to `end` is cut: where the author did, at the best place, or nowhere."""
        if begun is not None:
            return begun
        return -best[1] if best else end

    def _put(self, at: int, stop: int, column: int) -> None:
        self.lines.append((" " * column if at else self.before) + joined(self.pieces[at:stop]))
        for number in range(at, stop):
            piece = self.pieces[number]
            if number > at:
                column += len(gap(self.pieces[number - 1], piece)) + piece.pad
            if piece.pipe >= 0:
                self.arrows.setdefault(piece.pipe, column)
            column += len(piece.text)
            if piece.kind in ("LEFT_PARENTHESIS", "LEFT_BRACKET"):
                self.inner.append((piece, column))
            elif piece.kind in ("RIGHT_PARENTHESIS", "RIGHT_BRACKET"):
                del self.inner[-1:]  # a piece of a statement may close what another one opened


def cost(pieces: list[Piece], at: int) -> int | None:
    """How bad it is to begin a line with piece `at`: worst deep in brackets. None where no line may begin."""
    piece, before = pieces[at], pieces[at - 1]
    deep = 10 * (piece.depth - pieces[0].depth)
    if piece.keyword:
        return deep
    if piece.kind == "ARROW":
        return deep + 1
    if before.kind == "COMMA":
        return -1 if piece.kind == "STRING" and not deep else deep + 2
    if before.kind == "LEFT_PARENTHESIS" and before.joined:
        # `f(…)(` at the end of a line: the second call's arguments go together.
        return deep - 7 if pieces[at - 2].kind == "RIGHT_PARENTHESIS" else deep + 3
    if piece.kind == "NAME" and piece.text in ("and", "or") and before.kind not in ("COMMA", "ARROW"):
        return deep + 4
    if piece.kind in _OPERATORS and not piece.sign and not piece.joined and gap(before, piece):
        return deep + 6
    return None
