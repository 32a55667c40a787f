"""Tables that fit a width: columns shrink, then go, the least wanted first."""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.report.style import Style

GAP = 2


@dataclass(eq=False)
class Column:
    """A column. least: the width to which it may be cut; rank: the higher, the sooner it goes; 0 stays.

    A cell may be `text<tab>long<tab>short`: what follows the text is never cut, but may take its short form.
    """

    title: str
    rank: int
    right: bool = True
    least: int | None = None
    style: str = ""
    cells: list[str] = field(default_factory=list)
    width: int = 0

    @property
    def natural(self) -> int:
        """The width at which nothing is cut."""
        return max(len(self.title), *(len(cell.rpartition("\t")[0] or cell) for cell in self.cells), 0)

    @property
    def smallest(self) -> int:
        """The width to which it can be cut."""
        return self.natural if self.least is None else min(self.natural, self.least)

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return not any(self.cells)


def fit(columns: list[Column], width: int) -> list[Column]:
    """The columns that are shown, each with its width. Those at the right are cut first."""
    shown = [column for column in columns if column.rank == 0 or not column.empty]
    while _smallest(shown) > width and any(column.rank for column in shown):
        shown.remove(max(shown, key=lambda column: column.rank))
    over = sum(column.natural + GAP for column in shown) - GAP - width
    for column in reversed(shown):
        cut = max(0, min(over, column.natural - column.smallest))
        column.width = column.natural - cut
        over -= cut
    return shown


def _smallest(columns: list[Column]) -> int:
    return sum(column.smallest + GAP for column in columns) - GAP


def rows(columns: list[Column], style: Style, faint: list[bool]) -> list[str]:
    """The lines of a table: titles, a rule, and the cells."""
    gap = " " * GAP
    head = gap.join(style(_set(column.title, column, Style(False)), "bold") for column in columns).rstrip()
    rule = style("─" * (sum(column.width + GAP for column in columns) - GAP), "dim")
    lines = [head, rule]
    for number, dim in enumerate(faint):
        last = max((place for place, column in enumerate(columns) if column.cells[number]), default=0)
        cells = [_set(column.cells[number], column, Style(False) if dim else style) for column in columns[: last + 1]]
        cells[last] = cells[last].rstrip()
        styles = ["dim" if dim else column.style for column in columns]
        lines.append(gap.join(style(cell, one) for cell, one in zip(cells, styles, strict=False)))
    return lines


def _set(text: str, column: Column, style: Style) -> str:
    """A cell at its column's width."""
    head, *tails = text.split("\t")
    tail = next((one for one in tails if len(head) + 1 + len(one) <= column.width), tails[-1] if tails else "")
    room = column.width - (len(tail) + 1 if tail else 0)
    if len(head) > room:
        head = head[: max(room - 1, 0)] + "…"
    blank = " " * (room - len(head))
    if column.right:
        return blank + head
    return f"{head} {style(tail, 'count')}{blank}" if tail else head + blank
