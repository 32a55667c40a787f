"""From marked tokens to the lines of a file: items, blocks, what stands below each other, blank lines, comments."""

from __future__ import annotations

from archspec.printing.pieces import Note, Piece, partners
from archspec.printing.spacing import joined
from archspec.printing.wrapping import NOTE, WIDTH, Layout

_COMPACT = frozenset(["Use", "Variant", "Test"])
"""Items of one line, which may stand without a blank line between them."""


class Printer:
    """Prints the pieces of one file."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.partner = partners(pieces)
        self.lines: list[str] = []

    def file(self) -> list[str]:
        """All lines."""
        end = len(self.pieces) - 1
        self._line_up(self._entries(0, end), "Variant", "EQUAL")
        before = ""
        for at, stop in self._entries(0, end):
            kind = self.pieces[at].entry
            flat = kind in ("Use", "Variant") or self._flat(at, stop, 0)
            here = kind if flat and kind in _COMPACT else "other"
            self._gap(self.pieces[at], 0, apart=bool(before) and (here != before or here == "other"))
            if kind == "Variant":
                self._head(at, stop, 0)
            else:
                self._statement(at, stop, 0)
            before = here
        self._gap(self.pieces[end], 0, closing=True)
        return self.lines

    # --- what lies between --------------------------------------------------------------------------

    def _gap(self, piece: Piece, indent: int, apart: bool = False, closing: bool = False) -> None:
        """The comments and blank lines before a piece that begins a line. `apart`: a blank line must be there."""
        blanks = [note.blank or (apart and note is _first_own(piece.notes)) for note in piece.notes]
        for note, blank in zip(piece.notes, blanks, strict=True):
            if note.own_line or not self.lines:
                self._blank(blank)
                self.lines.append(" " * indent + note.text)
            else:
                self.lines[-1] += NOTE + note.text
        if not closing:
            self._blank(piece.blank or (apart and _first_own(piece.notes) is None))

    def _blank(self, wanted: bool) -> None:
        """A blank line, but none at the beginning of the file or of a block."""
        if wanted and self.lines and self.lines[-1] and not self.opened:
            self.lines.append("")
        self.opened = False

    opened = False
    """Whether the last line opened a block."""

    # --- blocks -------------------------------------------------------------------------------------

    def _entries(self, at: int, stop: int) -> list[tuple[int, int]]:
        """What stands in a block, from `at` to before `stop`: where each begins and ends."""
        starts: list[int] = []
        number = at
        while number < stop:
            if self.pieces[number].entry:
                starts.append(number)
            number = self.partner[number] if self.pieces[number].kind == "LEFT_BRACE" else number
            number += 1
        return list(zip(starts, [*starts[1:], stop], strict=False))

    def _statement(self, at: int, stop: int, indent: int) -> None:
        """A statement or an item, with the blocks in it."""
        flat = self._flat(at, stop, indent)
        if flat:
            self.lines.append(flat)
            return
        head = at
        for number in range(at, stop):
            if number < head or self.pieces[number].kind != "LEFT_BRACE":
                continue
            self._head(head, number + 1, indent)
            head = self._block(number, indent)
        if head == at:
            self._head(at, stop, indent)

    def _block(self, opening: int, indent: int) -> int:
        """The inside of a block and its end. Returns the number behind it; an `else` goes on in the same line."""
        closing = self.partner[opening]
        entries = self._entries(opening + 1, closing)
        if not entries and not self.pieces[closing].notes:
            self.lines[-1] += "}"
        else:
            self._line_up(entries, "Condition", "COMPARISON")
            self.opened = True
            for at, stop in entries:
                self._gap(self.pieces[at], indent + 2)
                self._statement(at, stop, indent + 2)
            self._gap(self.pieces[closing], indent + 2, closing=True)
            self.opened = False
            self.lines.append(" " * indent + "}")
        return closing + 1

    def _flat(self, at: int, stop: int, indent: int) -> str:
        """A statement with blocks on one line: where the author wrote the blocks so, with one statement in each."""
        pieces = self.pieces
        inside = [n for n in range(at, stop) if pieces[n].kind == "LEFT_BRACE"]
        if not inside or any(piece.notes for piece in pieces[at + 1 : stop]):
            return ""
        for opening in inside:
            closing = self.partner[opening]
            if any(piece.broken for piece in pieces[opening + 1 : closing + 1]):
                return ""
            if len(self._entries(opening + 1, closing)) > 1:
                return ""
        line = " " * indent + joined(pieces[at:stop])
        return line if len(line) <= WIDTH else ""

    # --- heads and lines ----------------------------------------------------------------------------

    def _head(self, at: int, stop: int, indent: int) -> None:
        """A statement without a block, or the head of one with its `{`."""
        pieces = self.pieces[at:stop]
        if pieces[0].kind == "LONG_STRING":
            self.lines += _doc(pieces[0].text, indent)
            return
        if pieces[0].text == "else":
            self._gap(pieces[0], indent, closing=True)
            if not pieces[0].notes:
                self.lines += Layout(pieces, indent, 4, before=self.lines.pop() + " ").made()
                return
        if pieces[0].entry in ("Layer", "Variant") and self._opened_up(at, stop):
            return
        self.lines += Layout(pieces, indent, 4 if indent else 2).made()

    def _opened_up(self, at: int, stop: int) -> bool:
        """A head that is too long for one line: what its parentheses hold stands on lines of its own."""
        pieces = self.pieces[at:stop]
        noted = any(piece.notes for piece in pieces[1:])
        opening = next((n for n in range(at, stop) if self.pieces[n].kind == "LEFT_PARENTHESIS"), None)
        if opening is None or (not noted and len(joined(pieces)) <= WIDTH):
            return False
        closing = self.partner[opening]
        if closing == opening + 1:
            return False
        self.lines += Layout(self.pieces[at : opening + 1], 0, 2).made()
        first = self.pieces[opening + 1]
        self.opened = True
        self._gap(first, 2)
        self.opened = False
        self.lines += Layout(self.pieces[opening + 1 : closing], 2, 0).made()
        self._gap(self.pieces[closing], 2, closing=True)
        self.lines += Layout(self.pieces[closing:stop], 0, 2).made()
        return True

    def _line_up(self, entries: list[tuple[int, int]], entry: str, kind: str) -> None:
        """Put the signs of entries that follow each other without a blank line or a comment below each other."""
        group: list[tuple[int, int]] = []  # the sign, and the width of what stands before it
        for at, stop in [*entries, (-1, -1)]:
            piece = self.pieces[at]
            ends = at < 0 or piece.entry != entry or piece.blank or any(note.own_line for note in piece.notes)
            if ends:
                widest = max((width for _, width in group), default=0)
                for sign, width in group:
                    self.pieces[sign].pad = widest - width
                group = []
            if at >= 0 and piece.entry == entry:
                sign = next(n for n in range(at, stop) if self.pieces[n].kind == kind)
                group.append((sign, len(joined(self.pieces[at:sign]))))


def _first_own(notes: list[Note]) -> Note | None:
    return next((note for note in notes if note.own_line), None)


def _doc(text: str, indent: int) -> list[str]:
    r'''A `"""` text as it was written, without blanks at the ends of its lines.'''
    first, *rest = text.split("\n")
    lines = [" " * indent + first, *rest]
    return [line.rstrip() for line in lines]
