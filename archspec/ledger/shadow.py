"""Loops as the few turns that differ in what is live: the first, one that stands for all in the middle, and the last.

Let *lag* be how many turns a carried tensor is handed on before it is made anew. What is live at a place of turn t
hangs on the turns before it only if t < lag (then some of it is from before the loop), and on the turns after it only
if t >= n - lag (then some of it is not read again). So lag + 1 + lag turns show everything that n turns do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archspec.algebra import Dim, Facts, compare, free_symbols, substitute, symbol
from archspec.elaborate.carries import lag
from archspec.elaborate.frame import LOOP_MARK
from archspec.elaborate.program import Loop, Operation, Program, Region, Storage, Turns

MAX_EXTRA = 4
"""How many turns more may be set apart for inner loops whose counts hang on the turn."""


@dataclass(frozen=True)
class At:
    """A turn of a loop: its place among the turns that are shown, and its number, in terms of outer indices."""

    loop: Loop
    position: int
    turn: Dim
    middle: bool


Where = tuple[At, ...]
"""The turns around a moment, outermost first."""
Instance = tuple[Storage, Where]
"""A storage as it was made in certain turns."""


class Shadow:
    """A program with its loops cut short. `single`: loops to be shown as if they had one turn."""

    def __init__(self, program: Program, facts: Facts, single: frozenset[Loop] = frozenset()) -> None:
        self.program = program
        self.facts = facts
        self.single = single
        self.ends: dict[Loop, tuple[int, int]] = {}
        self.lags: dict[Loop, int] = {}
        self.exact = True
        self.counts: dict[Loop, dict[Dim, None]] = {}
        self._ranges: dict[tuple[Loop, int, Dim], Facts] = {}
        self._turns: dict[tuple[Loop, tuple[int, ...]], list[At]] = {}
        self._instances: dict[tuple[Storage, tuple[int, ...]], Instance] = {}
        for turns in loops_of(program.region):
            self._measure(turns)

    # --- how many turns are shown -------------------------------------------------------------------

    def _measure(self, turns: Turns) -> None:
        """Inner loops come first: their counts may hang on the turn, and the one in the middle must show them whole."""
        loop = turns.loop
        entry = {carry.name: carry.entry for carry in turns.carries}
        handed_on = lag(loop, entry, {carry.name: carry.result for carry in turns.carries}) or 0
        self.lags[loop] = handed_on
        first, last = handed_on, max(handed_on, 1)
        hanging = [inner.loop for inner in loops_of(turns.body) if loop.index in free_symbols(inner.loop.count)]
        for extra in range(MAX_EXTRA + 1):
            for after in range(extra + 1):
                self.ends[loop] = (first + extra - after, last + after)
                facts = self.range(loop, ())[2]
                if all(compare(inner.count, ">=", self.shown(inner), facts) is True for inner in hanging):
                    return
        self.exact = False

    def range(self, loop: Loop, where: Where) -> tuple[int, Dim, Facts]:
        """The first and the last turn in the middle of a loop that runs at a place, and what is known of its index."""
        first, last = self.ends[loop]
        high = placed(loop.count, where, self.facts) - 1 - last
        key = (loop, first, high)
        facts = self._ranges.get(key)
        if facts is None:
            facts = self._ranges[key] = self.facts.copy()
            for depth, at in enumerate(where):
                if at.middle:
                    self._limit(facts, at.loop, where[:depth])
            self._limit(facts, loop, where)
        return first, high, facts

    def _limit(self, facts: Facts, loop: Loop, where: Where) -> None:
        first, last = self.ends[loop]
        facts.assume_at_least(loop.index, first)
        facts.assume_nonneg(placed(loop.count, where, self.facts) - 1 - last - symbol(loop.index, 0))

    def shown(self, loop: Loop) -> int:
        """How many turns a loop must have to be cut short."""
        return sum(self.ends[loop]) + 1

    def turns(self, loop: Loop, where: Where) -> list[At]:
        """The turns of a loop that are shown when it runs at a place."""
        key = (loop, tuple(at.position for at in where))
        if key not in self._turns:
            self._turns[key] = self._make_turns(loop, where)
        return self._turns[key]

    def _make_turns(self, loop: Loop, where: Where) -> list[At]:
        if loop in self.single:
            return [At(loop, 0, 0, False)]
        count = placed(loop.count, where, self.facts)
        first, last = self.ends[loop]
        if isinstance(count, int) and count <= first + last:
            return [At(loop, position, loop.count - (count - position), False) for position in range(count)]
        if LOOP_MARK not in "".join(free_symbols(count)):  # of others `_measure` has proved that they are large enough
            self.counts.setdefault(loop, {})[count] = None
        total = first + 1 + last
        shown = [At(loop, position, position, False) for position in range(first)]
        shown.append(At(loop, first, symbol(loop.index, 0), True))
        shown.extend(At(loop, position, loop.count - (total - position), False) for position in range(first + 1, total))
        return shown

    # --- what happens in them -----------------------------------------------------------------------

    def moments(self) -> Iterator[tuple[Operation, Where]]:
        """Every operation in every turn that is shown, in order."""
        yield from self._moments(self.program.region, ())

    def _moments(self, region: Region, where: Where) -> Iterator[tuple[Operation, Where]]:
        for step in region.steps:
            if isinstance(step, Operation):
                yield step, where
                continue
            for at in self.turns(step.loop, where):
                yield from self._moments(step.body, (*where, at))

    def instance(self, storage: Storage, where: Where) -> Instance:
        """The memory behind a storage at a place: stand-ins are resolved to what they stand for."""
        where = where[: len(storage.loops)]
        key = (storage, tuple(at.position for at in where))
        found = self._instances.get(key)
        if found is None:
            found = self._instances[key] = self._resolve(storage, where)
        return found

    def _resolve(self, storage: Storage, where: Where) -> Instance:
        carry = storage.carry
        if carry is None:
            return storage, where
        if storage.kind == "after":
            turns = self.turns(carry.loop, where)
            if not turns:
                return self.instance(carry.initial.storage, where)
            return self.instance(carry.result.storage, (*where, turns[-1]))
        around, position = where[:-1], where[-1].position
        if position == 0:
            return self.instance(carry.initial.storage, around)
        return self.instance(carry.result.storage, (*around, self.turns(carry.loop, around)[position - 1]))


def loops_of(region: Region) -> Iterator[Turns]:
    """The loops of a region, inner ones before the one they are in."""
    for step in region.steps:
        if isinstance(step, Turns):
            yield from loops_of(step.body)
            yield step


def placed(dim: Dim, where: Where, facts: Facts) -> Dim:
    """An expression in the turns around it."""
    for at in reversed(where):
        if not at.middle:
            dim = substitute(dim, {at.loop.index: at.turn}, facts)
    return dim
