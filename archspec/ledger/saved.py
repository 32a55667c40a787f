"""What is kept for the backward pass: a set of storages, each counted once, booked to the first that keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.algebra import Facts
from archspec.elaborate.program import Carry, Loop, Operation, Program, Storage
from archspec.ledger.terms import Term
from archspec.ledger.turns import ALL, LAST, Box, Interval, shares

Turns = dict[Loop, Interval]


@dataclass
class Mark:
    """Some turns of a storage, kept by an operation."""

    operation: Operation
    box: Box


@dataclass
class Marks:
    """Every mark on every storage, in order."""

    marks: dict[Storage, list[Mark]] = field(default_factory=dict)
    deepest: dict[Loop, int] = field(default_factory=dict)

    def keep(self, operation: Operation, storage: Storage, turns: Turns) -> None:
        """Keep some turns of a storage; stand-ins are resolved to what they stand for."""
        self._keep(operation, storage, turns, ())

    def _keep(self, operation: Operation, storage: Storage, turns: Turns, seen: tuple[Carry, ...]) -> None:
        carry = storage.carry
        if carry is None:
            if storage.kind == "new":
                box = tuple(turns.get(loop, ALL) for loop in storage.loops)
                self.marks.setdefault(storage, []).append(Mark(operation, box))
            return
        if storage.kind == "after":
            # Outside the loop: what the last turn left.
            self._keep(operation, carry.result.storage, {**turns, carry.loop: LAST}, seen)
            return
        if carry in seen:
            return  # the same variable again: every turn has it already
        interval = turns.get(carry.loop, ALL)
        count = carry.loop.count
        if isinstance(count, int) and count <= interval.stop:
            return  # no turn is left
        first_back = max(interval.stop, interval.start or 0) + 1
        self.deepest[carry.loop] = max(self.deepest.get(carry.loop, 1), first_back)
        if interval.has_bulk() or (isinstance(count, int) and interval.start is not None and count <= interval.start):
            # The first turn has what was there before the loop.
            self._keep(operation, carry.initial.storage, _outside(turns, carry.loop), seen)
        # Turn t has what turn t − 1 left.
        self._keep(operation, carry.result.storage, {**turns, carry.loop: interval.before()}, (*seen, carry))


def _outside(turns: Turns, loop: Loop) -> Turns:
    return {one: interval for one, interval in turns.items() if one is not loop}


def saved_terms(program: Program, facts: Facts) -> tuple[list[Term], dict[Loop, int]]:
    """The terms of role `saved`, and how many turns each loop must have for them to hold."""
    marks = Marks()
    for operation in program.region.operations():
        for storage in operation.kept:
            marks.keep(operation, storage, {})
    terms: list[Term] = []
    for storage, kept in marks.marks.items():
        boxes = [mark.box for mark in kept]
        for mark, amount in zip(kept, shares(storage.elements, storage.loops, boxes, facts), strict=True):
            if amount != 0:
                terms.append(Term("saved", storage.dtype, mark.operation.path, mark.operation.kind, amount))
    return terms, marks.deepest
