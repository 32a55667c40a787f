"""Diagnostics as people and programs read them: text with the source line and carets, or plain dicts for JSON."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

from archspec.errors.diagnostic import Diagnostic, Note
from archspec.syntax.source import Place

_WIDEST = 100
"""Columns of a source line that are shown; a longer line is cut around its carets."""

_TAB = 4

_COLOURS = {
    "error": "\033[1;31m",
    "warning": "\033[1;33m",
    "note": "\033[1;36m",
    "help": "\033[1;32m",
    "dim": "\033[34m",
}
_BOLD = "\033[1m"
_RESET = "\033[0m"


def render_text(diagnostic: Diagnostic, *, colour: bool = False) -> str:
    """A diagnostic as text, without a line end at its end.

    With `colour`, for terminals, the same text with ANSI colours.
    """
    paint = _paint if colour else _plain
    head = paint(f"{diagnostic.severity}[{diagnostic.id}]", diagnostic.severity)
    message = f"{_BOLD}{diagnostic.message}{_RESET}" if colour else diagnostic.message
    places = [note.place for note in diagnostic.notes if note.place is not None]
    if diagnostic.place is not None:
        places.append(diagnostic.place)
    gutter = max((len(str(place.source.position(place.start)[0])) for place in places), default=1)

    lines = [f"{head}: {message}"]
    if diagnostic.place is not None:
        lines += _excerpt(diagnostic.place, gutter, diagnostic.severity, colour=colour)
    for note in diagnostic.notes:
        lines.append(f"{paint('note', 'note')}: {note.message}")
        if note.place is not None:
            lines += _excerpt(note.place, gutter, "note", colour=colour)
    if diagnostic.fix is not None:
        lines.append(f"{paint('help', 'help')}: {diagnostic.fix}")
    return "\n".join(lines)


def render_json(diagnostic: Diagnostic) -> dict[str, object]:
    """A diagnostic as a dict for JSON. Lines and columns count from 1, in characters; `end` is after the last one."""
    return {
        "id": diagnostic.id,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "place": _json_place(diagnostic.place),
        "notes": [_json_note(note) for note in diagnostic.notes],
        "fix": diagnostic.fix,
    }


def _json_note(note: Note) -> dict[str, object]:
    return {"message": note.message, "place": _json_place(note.place)}


def _json_place(place: Place | None) -> dict[str, object] | None:
    if place is None:
        return None
    start, end = place.source.position(place.start), place.source.position(place.end)
    return {
        "file": place.source.name,
        "line": start[0],
        "column": start[1],
        "end_line": end[0],
        "end_column": end[1],
    }


def _excerpt(place: Place, gutter: int, style: str, *, colour: bool) -> list[str]:
    """Where it is, the source line, and carets below the range. Of a range of many lines, the first is shown."""
    paint = _paint if colour else _plain
    number, column = place.source.position(place.start)
    text = place.source.text
    end = text.find("\n", place.start)
    line = text[place.start - column + 1 : end if end >= 0 else len(text)].rstrip("\r")
    before = line[: column - 1]
    marked = line[column - 1 : column - 1 + max(place.end - place.start, 1)]
    before, marked, after = _cut(_display(before), _display(marked), _display(line[column - 1 + len(marked) :]))
    carets = "^" * max(_width(marked), 1)
    side = paint(f"{' ' * gutter} |", "dim")
    return [
        f"{paint(' ' * gutter + '-->', 'dim')} {place}",
        side,
        f"{paint(f'{number:>{gutter}} |', 'dim')} {before}{marked}{after}".rstrip(),
        f"{side} {' ' * _width(before)}{paint(carets, style)}",
    ]


def _display(text: str) -> str:
    """A text as a terminal shows it: tabs as spaces, and a sign for what has no shape of its own."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " " * _TAB if c == "\t" else " " if c.isspace() else c if c.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for c in text
    )


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: East Asian wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _cut(before: str, marked: str, after: str) -> tuple[str, str, str]:
    """The same line, at most `_WIDEST` columns or so around what is marked."""
    if len(before) + len(marked) + len(after) <= _WIDEST:
        return before, marked, after
    if len(marked) > _WIDEST // 2:
        marked, after = marked[: _WIDEST // 2], ""
        tail = "..."
    else:
        tail = ""
    room = _WIDEST - len(marked)
    keep = max(room * 2 // 3, room - len(after))
    if len(before) > keep:
        before = "..." + before[len(before) - keep :]
    rest = max(room - len(before), room // 3)
    if len(after) > rest:
        after = after[:rest] + "..."
    return before, marked, after + tail


def _paint(text: str, style: str) -> str:
    return f"{_COLOURS[style]}{text}{_RESET}"


def _plain(text: str, _style: str) -> str:
    return text
