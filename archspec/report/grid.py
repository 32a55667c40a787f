"""Tables that fit a width: columns shrink, then go, the least wanted first."""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.report.style import Style

GAP = 2


@dataclass(eq=False)
class Column:
    """A column. least: the width to which it may be cut; rank: the higher, the sooner it goes; 0 stays."""

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
        return max(len(self.title), *(len(cell) for cell in self.cells), 0)

    @property
    def smallest(self) -> int:
        """The width to which it can be cut."""
        return self.natural if self.least is None else min(self.natural, self.least)

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return not any(self.cells)


def fit(columns: list[Column], width: int) -> list[Column]:
    """The columns that are shown, each with its width."""
    shown = [column for column in columns if column.rank == 0 or not column.empty]
    while _smallest(shown) > width and any(column.rank for column in shown):
        shown.remove(max(shown, key=lambda column: column.rank))
    for column in shown:
        column.width = column.natural
    over = sum(column.width + GAP for column in shown) - GAP - width
    while over > 0:
        able = [column for column in shown if column.width > column.smallest]
        if not able:
            break
        max(able, key=lambda column: column.width - (column.least or 0)).width -= 1
        over -= 1
    return shown


def _smallest(columns: list[Column]) -> int:
    return sum(column.smallest + GAP for column in columns) - GAP


def rows(columns: list[Column], style: Style, dim: list[bool]) -> list[str]:
    """The lines of a table: titles, a rule, and the cells."""
    gap = " " * GAP
    head = gap.join(style(_set(column.title, column), "bold") for column in columns).rstrip()
    rule = style("─" * (sum(column.width + GAP for column in columns) - GAP), "dim")
    lines = [head, rule]
    for number, faint in enumerate(dim):
        cells = (style(_set(column.cells[number], column), "dim" if faint else column.style) for column in columns)
        lines.append(gap.join(cells).rstrip())
    return lines


def _set(text: str, column: Column) -> str:
    if len(text) > column.width:
        text = text[: column.width - 1] + "…"
    return f"{text:>{column.width}}" if column.right else f"{text:<{column.width}}"
