"""What is kept for the backward pass: a set of storages, each counted once, booked to the first that keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from archspec.algebra import Facts
from archspec.elaborate.carries import stays
from archspec.elaborate.program import Carry, Loop, Operation, Program, Storage
from archspec.ledger.spread import Spread
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
    seen: dict[Carry, list[Turns]] = field(default_factory=dict)

    def keep(self, operation: Operation, storage: Storage, turns: Turns) -> None:
        """Keep some turns of a storage; stand-ins are resolved to what they stand for."""
        if any(isinstance(loop.count, int) and loop.count <= interval.stop for loop, interval in turns.items()):
            return  # no turn is left
        carry = storage.carry
        if carry is None:
            if storage.kind == "new":
                self._mark(operation, storage, turns)
            return
        if storage.kind == "after":
            # Outside the loop: what the last turn left.
            self.keep(operation, carry.result.storage, {**turns, carry.loop: LAST})
            return
        seen = self.seen.setdefault(carry, [])
        if any(_within(turns, before) for before in seen):
            return
        seen.append(turns)
        interval, count = turns.get(carry.loop, ALL), carry.loop.count
        self._need(carry.loop, max(interval.stop, interval.start or 0) + 1)
        if interval.has_bulk() or (isinstance(count, int) and interval.start is not None and count <= interval.start):
            # The first turn has what was there before the loop.
            self.keep(operation, carry.initial.storage, _outside(turns, carry.loop))
        if not stays(carry):
            # Turn t has what turn t − 1 left; what stays the same all along is what was there before the loop.
            self.keep(operation, carry.result.storage, {**turns, carry.loop: interval.before()})
        elif not interval.has_bulk():
            self.keep(operation, carry.initial.storage, _outside(turns, carry.loop))

    def _mark(self, operation: Operation, storage: Storage, turns: Turns) -> None:
        for loop, interval in turns.items():
            if loop not in storage.loops:
                self._need(loop, interval.stop + 1)  # one made outside is kept only if there is such a turn at all
        box = tuple(turns.get(loop, ALL) for loop in storage.loops)
        self.marks.setdefault(storage, []).append(Mark(operation, box))

    def _need(self, loop: Loop, least: int) -> None:
        self.deepest[loop] = max(self.deepest.get(loop, 1), least)


def _within(turns: Turns, others: Turns) -> bool:
    """Whether some turns are all among others, of which everything was kept already."""
    return all(interval.holds(turns.get(loop, ALL)) for loop, interval in others.items())


def _outside(turns: Turns, loop: Loop) -> Turns:
    return {one: interval for one, interval in turns.items() if one is not loop}


def keepings(program: Program) -> Iterator[tuple[Operation, tuple[Storage, ...]]]:
    """What each operation keeps when it first runs. A checkpointed call keeps its inputs, all of them, and nothing
    else; where nothing in it needs a gradient it is not run again, and keeps nothing.
    """
    needing = {
        operation.checkpoint
        for operation in program.region.operations()
        if operation.checkpoint is not None and any(tensor.needs_grad for tensor in operation.outputs)
    }
    for operation in program.region.operations():
        if operation.checkpoint is None:
            yield operation, operation.kept
        elif operation.checkpoint in needing:
            needing.discard(operation.checkpoint)
            yield operation, tuple(tensor.storage for tensor in operation.checkpoint.inputs)


def saved_terms(program: Program, spread: Spread, facts: Facts) -> tuple[list[Term], dict[Loop, int]]:
    """The terms of role `saved`, and how many turns each loop must have for them to hold."""
    marks = Marks()
    for operation, kept in keepings(program):
        for storage in kept:
            marks.keep(operation, storage, {})
    terms: list[Term] = []
    for storage, marked in marks.marks.items():
        boxes = [mark.box for mark in marked]
        for mark, amount in zip(marked, shares(storage.elements, storage.loops, boxes, facts), strict=True):
            if amount != 0:
                local = spread.kept(mark.operation, storage, amount)
                path, kind = mark.operation.path, mark.operation.kind
                terms.append(Term("saved", storage.dtype, path, kind, amount, local=local))
    return terms, marks.deepest
