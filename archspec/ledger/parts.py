"""A training step over time, with what is held at each moment taken apart, and with every turn of every loop.

`training` has the moments of loops that are cut short, as formulas. Here they are numbers, in the order in which they
happen, for pictures: what stands for the middle of a loop is put in for its turns one by one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil

from archspec.algebra import Dim, Facts, substitute
from archspec.algebra.evaluate import Evaluation
from archspec.elaborate.program import Program
from archspec.ledger.dominance import arguments, maximum_of
from archspec.ledger.gradients import Part
from archspec.ledger.live import Bits, Live
from archspec.ledger.shadow import At, Shadow, Where
from archspec.ledger.terms import Ledger
from archspec.ledger.timeline import Placed, Timeline
from archspec.ledger.training import timeline_of
from archspec.policy import Policy

KEPT, GRADIENT, OTHER = "kept", "gradient", "other"
LOSS_KEEPS = ("kept by the loss", "weight")
"""What the loss keeps for its own backward pass, as `Timeline` calls it."""
MOST_TURNS = (128, 4)
"""So many turns of a loop are put in at most, of one inside another; then some of them are left out, evenly."""


@dataclass(frozen=True)
class Moment:
    """Bytes that are held at a moment. total: all of them; kept: those for the backward pass; gradients: those of
    parameters. turns: the turn of each loop around it, from 0; empty in a candidate for the largest.
    """

    phase: str
    path: str
    kind: str
    total: Dim
    kept: Dim
    gradients: Dim
    turns: tuple[int, ...] = ()


class _Sorted(Live):
    """What is live, also by what it is for."""

    def __init__(self, bits: Bits, timeline: PartedTimeline) -> None:
        super().__init__(bits, timeline.facts)
        self._of = {KEPT: Live(bits, timeline.facts), GRADIENT: Live(bits, timeline.facts)}
        self._timeline = timeline
        self._sort: dict[Hashable, str] = {}

    def add(self, key: Hashable, elements: Dim, dtype: str, made: Where) -> None:
        """Something is there, maybe already: it stays what it was at first."""
        if key not in self:
            self._sort[key] = sort = self._timeline.sort(key, dtype)
            if sort in self._of:
                self._of[sort].add(key, elements, dtype, made)
        super().add(key, elements, dtype, made)

    def free(self, key: Hashable) -> None:
        """It is not needed any more."""
        super().free(key)
        sort = self._sort.pop(key)
        if sort in self._of:
            self._of[sort].free(key)

    def of(self, sort: str, now: Where) -> Dim:
        """Bytes of a sort."""
        return self._of[sort].size(now)


class PartedTimeline(Timeline):
    """A timeline that knows of each of its points what is kept, and what are gradients of parameters."""

    def __init__(self, program: Program, bits: Bits, part: Part, loss: str, accumulates: bool = False) -> None:
        self.kept: list[Dim] = []
        self.gradients: list[Dim] = []
        super().__init__(program, bits, part, loss, accumulates)

    def _start(self, bits: Bits) -> Live:
        return _Sorted(bits, self)

    def sort(self, key: Hashable, dtype: str) -> str:
        """What something is for, when it is made."""
        if dtype == "grad":
            return GRADIENT
        return KEPT if key in self._users or key in LOSS_KEEPS else OTHER

    def _point(self, phase: str, at: Placed | str) -> None:
        super()._point(phase, at)
        assert isinstance(self.live, _Sorted), "that is what `_start` makes"
        operation, where = (None, ()) if isinstance(at, str) else at
        gradients = self.live.of(GRADIENT, where)
        if phase == "backward" and operation is not None and not self.accumulates:
            gradients = gradients + self._hidden_gradients.at(operation, where)
        self.kept.append(self.live.of(KEPT, where) + self._hidden_kept.at(operation, where))
        self.gradients.append(gradients)

    def rows(self, standing: Mapping[str, Dim]) -> list[_Row]:
        """Its points, each with the turns around it. standing: what is there besides in each phase."""
        return [
            (Moment(one.phase, one.path, one.kind, one.size + standing[one.phase], kept, gradients), one.where)
            for one, kept, gradients in zip(self.points, self.kept, self.gradients, strict=True)
        ]


_Row = tuple[Moment, Where]


def parted(program: Program, ledger: Ledger, policy: Policy) -> tuple[PartedTimeline, Dim]:
    """The timeline of a step, and what is there all through it besides what stands."""
    timeline, gathered = timeline_of(program, ledger, policy, policy.bits, PartedTimeline)
    assert isinstance(timeline, PartedTimeline)
    return timeline, gathered


def candidates(timeline: PartedTimeline, standing: Mapping[str, Dim]) -> list[Moment]:
    """Moments among which is the largest one, as formulas; of those in the middle of a loop the first and last turn."""
    found: dict[Dim, Moment] = {}
    for moment, where in timeline.rows(standing):
        for end in _ends(moment, where, timeline.shadow):
            found.setdefault(end.total, end)
    return list(found.values())


def fewer(moments: list[Moment], program: Program) -> list[Moment]:
    """Those of some moments that can be the largest."""
    found = {moment.total: moment for moment in moments}
    return [found[size] for size in arguments(maximum_of(list(found), program))]


def _ends(moment: Moment, where: Where, shadow: Shadow) -> list[Moment]:
    ends = [moment]
    for depth, at in reversed(list(enumerate(where))):
        if not at.middle:
            continue
        low, high, facts = shadow.range(at.loop, where[:depth])
        ends = [_put(end, {at.loop.index: turn}, facts) for end in ends for turn in (low, high)]
    return ends


def _put(moment: Moment, turn: dict[str, Dim], facts: Facts) -> Moment:
    total, kept, gradients = (substitute(dim, turn, facts) for dim in (moment.total, moment.kept, moment.gradients))
    return replace(moment, total=total, kept=kept, gradients=gradients)


def unrolled(timeline: PartedTimeline, standing: Mapping[str, Dim], values: Mapping[str, int]) -> Iterator[Moment]:
    """All moments in order, as numbers, in every turn of every loop (see `MOST_TURNS`)."""
    yield from _Unrolling(timeline.shadow, values).moments(timeline.rows(standing), {}, ())


class _Unrolling:
    def __init__(self, shadow: Shadow, values: Mapping[str, int]) -> None:
        self.shadow, self.values = shadow, values

    def moments(self, rows: list[_Row], indices: dict[str, int], turns: tuple[int, ...]) -> Iterator[Moment]:
        """Those of rows that are in the same turns of `len(turns)` loops."""
        depth = len(turns)
        point = Evaluation({**self.values, **indices})

        def number(dim: Dim) -> int:
            return ceil(point.value(dim))

        for at, group in groupby(rows, lambda row: _around(row[1], depth)):
            inner = list(group)
            if at is None:
                for one, _ in inner:
                    sizes = number(one.total), number(one.kept), number(one.gradients)
                    yield Moment(one.phase, one.path, one.kind, *sizes, turns)
            elif not at.middle:
                yield from self.moments(inner, indices, (*turns, number(at.turn)))
            else:
                moment, where = inner[0]
                low, high, _ = self.shadow.range(at.loop, where[:depth])
                shown = _some(low, number(high), MOST_TURNS[min(depth, 1)])
                for turn in reversed(shown) if moment.phase == "backward" else shown:
                    yield from self.moments(inner, {**indices, at.loop.index: turn}, (*turns, turn))


def _around(where: Where, depth: int) -> At | None:
    return where[depth] if len(where) > depth else None


def _some(low: int, high: int, most: int) -> list[int]:
    """The turns from one to another, or so many of them, with both ends."""
    if high - low < most:
        return list(range(low, high + 1))
    return [low + (high - low) * step // (most - 1) for step in range(most)]
