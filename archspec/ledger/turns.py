"""Counting over the turns of loops, in closed form.

A storage made inside loops exists once a turn. Which turns of it are kept is a union of boxes: in each
loop an interval from the first turn or from the b-th before the end, up to the c-th before the end. Each
loop is cut into its bulk and its last few turns, and sizes are summed over the cells of the union, so that
n, n − 1 and 1 come out by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product as pairs

from archspec.algebra import Dim, Facts, substitute, sum_over
from archspec.elaborate.program import Loop


@dataclass(frozen=True)
class Interval:
    """The turns from `start` to n − `stop` − 1 of a loop of n turns; `start` None: from the first, b: from n − b."""

    start: int | None = None
    stop: int = 0

    def before(self) -> Interval:
        """The same turns, each one earlier; what would come before the first turn is dropped."""
        return Interval(None if self.start is None else self.start + 1, self.stop + 1)

    def has_bulk(self) -> bool:
        """Whether it reaches back to the first turn."""
        return self.start is None

    def covers(self, back: int) -> bool:
        """Whether it holds the turn n − `back`."""
        return back > self.stop and (self.start is None or back <= self.start)

    def holds(self, other: Interval) -> bool:
        """Whether every turn of another one is in it, however many turns the loop has."""
        from_start = self.start is None or (other.start is not None and other.start <= self.start)
        return from_start and self.stop <= other.stop


ALL = Interval()
LAST = Interval(1, 0)

Box = tuple[Interval, ...]


def every_turn(amount: Dim, loops: Sequence[Loop], facts: Facts) -> Dim:
    """The sum of an amount over all turns of the loops around it, the innermost first."""
    for loop in reversed(loops):
        amount = sum_over(amount, loop.index, 0, loop.count, facts)
    return amount


def shares(amount: Dim, loops: Sequence[Loop], boxes: Sequence[Box], facts: Facts) -> list[Dim]:
    """What each box adds to the union of those before it: the sums over the cells that it is the first to cover."""
    if not loops:
        return [amount, *([0] * (len(boxes) - 1))]
    if all(interval == ALL for interval in boxes[0]):
        return [every_turn(amount, loops, facts), *([0] * (len(boxes) - 1))]
    depths = [max(_depth(box[level]) for box in boxes) for level in range(len(loops))]
    result: list[Dim] = [0] * len(boxes)
    for cell in pairs(*(_cells(loop, depth) for loop, depth in zip(loops, depths, strict=True))):
        owner = next((number for number, box in enumerate(boxes) if _covers(box, cell)), None)
        if owner is not None:
            result[owner] = result[owner] + _over_cell(amount, loops, depths, cell, facts)
    return result


def _cells(loop: Loop, depth: int) -> range:
    """0 stands for the bulk, k for the turn n − k. A loop with a number of turns that small is all single turns."""
    if isinstance(loop.count, int) and loop.count <= depth:
        return range(1, loop.count + 1)
    return range(depth + 1)


def _depth(interval: Interval) -> int:
    return max(interval.stop, interval.start or 0)


def _covers(box: Box, cell: tuple[int, ...]) -> bool:
    """A cell is, in each loop, 0 for the bulk or k for the turn n − k."""
    return all(interval.covers(back) if back else interval.has_bulk() for interval, back in zip(box, cell, strict=True))


def _over_cell(amount: Dim, loops: Sequence[Loop], depths: list[int], cell: tuple[int, ...], facts: Facts) -> Dim:
    for loop, depth, back in reversed(list(zip(loops, depths, cell, strict=True))):
        if back:
            amount = substitute(amount, {loop.index: loop.count - back}, facts)
        else:
            amount = sum_over(amount, loop.index, 0, loop.count - depth, facts)
    return amount
