"""Whether two trees say the same, wherever it stands."""

from __future__ import annotations

from archspec.syntax.record import Record
from archspec.syntax.source import Source
from archspec.syntax.tree import Comment

_PLACES = frozenset(["start", "end", "name_start", "name_end"])


def same(one: object, other: object) -> bool:
    """Whether two trees are equal but for places and blanks at the ends of comments.

    Without recursion: trees may be deep.
    """
    waiting: list[tuple[object, object]] = [(one, other)]
    while waiting:
        left, right = waiting.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, Comment) and isinstance(right, Comment):
            if left.text.rstrip() != right.text.rstrip():
                return False
        elif isinstance(left, Record):
            rows = vars(right)
            waiting.extend((value, rows[name]) for name, value in vars(left).items() if name not in _PLACES)
        elif isinstance(left, tuple) and isinstance(right, tuple):
            if len(left) != len(right):
                return False
            waiting.extend(zip(left, right, strict=True))
        elif not isinstance(left, Source) and left != right:
            return False
    return True
