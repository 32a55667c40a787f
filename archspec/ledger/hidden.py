"""The turns of loops that are not shown: what all of them together hold at a moment of a training step.

A loop is shown as a few turns: the first ones, one in the middle, the last ones. In the forward and in the backward
pass, what a turn keeps is there from that turn on, so at turn t all earlier turns hold theirs; a gradient of a
parameter is there from its turn of the backward pass on, so at turn t all later turns hold theirs.
"""

from __future__ import annotations

from archspec.algebra import Dim, Facts, sum_over
from archspec.elaborate.program import Loop, Operation, Region, Turns
from archspec.ledger.shadow import At, Shadow, Where, placed


class Hidden:
    """Sums over hidden turns. `own`: bytes that one turn of a loop holds, without those of loops inside it.

    later: whether it is the turns after a moment that hold theirs, else those before it.
    """

    def __init__(self, shadow: Shadow, facts: Facts, own: dict[Loop, Dim], later: bool) -> None:
        self.shadow, self.facts, self.own, self.later = shadow, facts, own, later
        self._turn: dict[Loop, Dim] = {}

    def at(self, operation: Operation | None, where: Where) -> Dim:
        """Bytes at an operation in a turn; None stands for the end of the forward pass."""
        return self._region(self.shadow.program.region, operation, where, ())

    def _region(self, region: Region, operation: Operation | None, where: Where, outer: Where) -> Dim:
        total: Dim = 0
        for step in reversed(region.steps) if self.later else region.steps:
            if step is operation:
                break
            if not isinstance(step, Turns):
                continue
            if where and where[0].loop is step.loop:
                return total + self._inside(step, operation, where, outer)
            total = total + self._whole_hidden(step, outer)
        return total

    def _inside(self, turns: Turns, operation: Operation | None, where: Where, outer: Where) -> Dim:
        now, shown = where[0], self.shadow.turns(turns.loop, outer)
        total: Dim = 0
        if any(at.middle for at in shown):
            low: Dim = now.turn + (len(shown) - now.position) if self.later else 0
            high = placed(turns.loop.count, outer, self.facts) if self.later else now.turn - now.position
            total = sum_over(placed(self._per_turn(turns), outer, self.facts), turns.loop.index, low, high, self.facts)
        for at in shown:
            if at.position > now.position if self.later else at.position < now.position:
                total = total + self._inner(turns.body, (*outer, at))
        return total + self._region(turns.body, operation, where[1:], (*outer, now))

    def _inner(self, region: Region, outer: Where) -> Dim:
        """What is hidden in the loops inside a turn that is shown."""
        total: Dim = 0
        for step in region.steps:
            if isinstance(step, Turns):
                total = total + self._whole_hidden(step, outer)
        return total

    def _whole_hidden(self, turns: Turns, outer: Where) -> Dim:
        """All hidden turns of a loop. The middle one that is shown counts as the first turn there."""
        shown = self.shadow.turns(turns.loop, outer)
        middle = next((at for at in shown if at.middle), None)
        total: Dim = 0
        if middle is not None:
            low = middle.position + 1
            high = placed(turns.loop.count, outer, self.facts) - (len(shown) - low)
            total = sum_over(placed(self._per_turn(turns), outer, self.facts), turns.loop.index, low, high, self.facts)
        for at in shown:
            total = total + self._inner(turns.body, (*outer, _pinned(at)))
        return total

    def _per_turn(self, turns: Turns) -> Dim:
        """What one turn holds, in terms of its index."""
        if turns.loop not in self._turn:
            total = self.own.get(turns.loop, 0)
            for step in turns.body.steps:
                if isinstance(step, Turns):
                    inner = sum_over(self._per_turn(step), step.loop.index, 0, step.loop.count, self.facts)
                    total = total + inner
            self._turn[turns.loop] = total
        return self._turn[turns.loop]


def _pinned(at: At) -> At:
    """The turn in the middle, seen from outside of its loop: its first one."""
    return At(at.loop, at.position, at.position, False) if at.middle else at
