r"""Tables in LaTeX that are no wider than the text of an article and no higher than its pages.

Long cells are set in lines; columns that find no place go to a second table, with the first column before them. Widths
are estimates, in points of eight-point Computer Modern.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_WIDE, _HIGH = 345.0, 40
"""The width of the text, and lines of a table on a page."""
_GAP, _WIDEST = 6.0, 150.0
_LETTER = 4.3


@dataclass(frozen=True)
class Cell:
    """A cell: what LaTeX is told, and how many signs are seen."""

    latex: str
    signs: int


def tables(head: Sequence[Cell], rows: Sequence[Sequence[Cell]], right: frozenset[int]) -> list[str]:
    """The tables that one is shown as. right: the columns that are numbers."""
    widths = [_LETTER * max(cells[column].signs for cells in (head, *rows)) for column in range(len(head))]
    found = []
    for columns in _side_by_side(widths):
        for start, end in _on_pages(rows, columns):
            found.append(_tabular([head, *rows[start:end]], columns, widths, right))
    return found


def _side_by_side(widths: Sequence[float]) -> list[list[int]]:
    """The columns of each table."""
    placed = [min(width, _WIDEST) + _GAP for width in widths]
    found: list[list[int]] = [[0]]
    for column in range(1, len(widths)):
        if sum(placed[one] for one in found[-1]) + placed[column] > _WIDE and len(found[-1]) > 1:
            found.append([0])
        found[-1].append(column)
    return found


def _on_pages(rows: Sequence[Sequence[Cell]], columns: Sequence[int]) -> list[tuple[int, int]]:
    """From which row to which each table goes."""
    found, start, height = [], 0, 0
    for place, row in enumerate(rows):
        lines = max(math.ceil(_LETTER * row[column].signs / _WIDEST) for column in columns) or 1
        if height + lines > _HIGH and place > start:
            found.append((start, place))
            start, height = place, 0
        height += lines
    return [*found, (start, len(rows))]


def _tabular(
    rows: Sequence[Sequence[Cell]], columns: Sequence[int], widths: Sequence[float], right: frozenset[int]
) -> str:
    in_lines = {column for column in columns if widths[column] > _WIDEST}
    kinds = [f"p{{{_WIDEST:.0f}pt}}" if one in in_lines else "r" if one in right else "l" for one in columns]
    written = []
    for row in rows:
        cells = [
            rf"\{_side(one in right)}{{}}{row[one].latex}" if one in in_lines else row[one].latex for one in columns
        ]
        # Not `\\`: after `\raggedright` it would end a line of the cell.
        written.append(" & ".join(cells) + r" \tabularnewline")
    written[0] += r" \hline\noalign{\vskip 2pt}"
    inside = "\n".join(written)
    return (
        "\\begin{center}\\footnotesize\\setlength{\\tabcolsep}{3pt}\n"
        f"\\begin{{tabular}}{{{''.join(kinds)}}}\n{inside}\n\\end{{tabular}}\n\\end{{center}}"
    )


def _side(is_number: bool) -> str:
    return "raggedleft" if is_number else "raggedright"
