"""The layers of a difference as a table: those that differ, and those that only one model has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.comparing.amounts import signed
from archspec.comparing.lines import labelled
from archspec.report.grid import Column, fit, rows
from archspec.report.style import Style

if TYPE_CHECKING:
    from archspec.algebra import Dim
    from archspec.comparing.aligning import Pair, Place
    from archspec.comparing.difference import Diff

_COLUMNS = {"params": "params", "activations.saved": "saved", "flops.forward": "FLOPs"}
_BY_KIND = "~"
_ROWS = 40
"""A table of layers whose depth nobody chose has at most so many rows, if a smaller depth can bring that about."""


def layer_lines(diff: Diff, width: int, depth: int | None, style: Style) -> list[str]:
    """The table of the places that differ, and how many do not."""
    pairs = [pair for pair in diff.pairs if _differs(diff, pair)]
    equal = len(diff.pairs) - len(pairs)
    if not pairs:
        return labelled("layers", f"all {equal} are equal in {', '.join(_COLUMNS)}", width, style)
    groups = _grouped(pairs, depth)
    columns = [Column("", 0, right=False), Column("layer", 0, right=False, least=26)]
    columns += [Column("kind", 3, right=False, least=12, style="dim")]
    least = 16 if diff.left.free or diff.right.free else 10
    columns += [Column(title, place, least=least) for place, title in enumerate(_COLUMNS.values())]
    for group in groups:
        for column, text in zip(columns, _row(diff, group), strict=True):
            column.cells.append(text)
    lines = rows(fit(columns, width), style, [False] * len(groups))
    if _BY_KIND in columns[0].cells:
        lines.append(style(f"{_BY_KIND} side by side because of their kind and order alone", "dim"))
    if equal:
        lines.append(style(f"{equal} other {'place is' if equal == 1 else 'places are'} equal in these", "dim"))
    return lines


def _differs(diff: Diff, pair: Pair) -> bool:
    if pair.left is None or pair.right is None or pair.left.kind != pair.right.kind:
        return True
    return any(left != right for left, right in (diff.amounts(pair, name) for name in _COLUMNS))


def _grouped(pairs: list[Pair], depth: int | None) -> list[list[Pair]]:
    """Pairs that are shown in one row: neighbours with the same first parts of their paths."""
    deepest = max(_parts(pair) for pair in pairs)
    tried = range(deepest, 0, -1) if depth is None else (depth,)
    groups: list[list[Pair]] = []
    for one in tried:
        groups = []
        for pair in pairs:
            if groups and _parts(pair) >= one and _head(groups[-1][0], one) == _head(pair, one):
                groups[-1].append(pair)
            else:
                groups.append([pair])
        if len(groups) <= _ROWS:
            break
    return groups


def _parts(pair: Pair) -> int:
    return pair.here.path.count(".") + 1


def _head(pair: Pair, depth: int) -> tuple[object, ...]:
    """What two pairs of one row have in common. At full depth a path with several kinds has a row for each."""
    parts = pair.here.path.split(".")
    whole = pair.here.kind if len(parts) <= depth else ""
    return pair.left is None, pair.right is None, tuple(parts[:depth]), whole


def _row(diff: Diff, group: list[Pair]) -> list[str]:
    pair = group[0]
    sign = "+" if pair.left is None else "-" if pair.right is None else _BY_KIND if pair.by == "kind" else ""
    if len(group) > 1:
        path, kind = pair.here.path.rsplit(".", 1)[0], f"{len(group)} layers"
    else:
        path = _arrow(*(_path(place) for place in (pair.left, pair.right)))
        kind = _arrow(*(place.kind if place else "" for place in (pair.left, pair.right)))
    cells = [sign, path or diff.left.model.name, kind]
    for name in _COLUMNS:
        amount: Dim = 0
        for one in group:
            left, right = diff.amounts(one, name)
            amount = amount + right - left
        cells.append(signed(diff, amount, diff.left.unit(name)) if amount != 0 else "")
    return cells


def _path(place: Place | None) -> str:
    if place is None:
        return ""
    return place.path if place.kind else f"{place.path} + {place.name}".strip()


def _arrow(left: str, right: str) -> str:
    if left and right and left != right:
        return f"{left} → {right}"
    return left or right
