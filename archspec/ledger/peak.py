"""The largest sum of live storages of a forward pass that frees a tensor after its last use.

An operation's inputs and outputs are live together; inputs of the model are live until their last use, outputs of the
model to the end; parameters are counted as weights, and what is kept for a backward pass is not live. The maximum
is taken over the moments just before something is freed, in the turns of each loop that differ (see `shadow`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, combinations

from archspec.algebra import Dim, Facts, compare
from archspec.elaborate.program import Loop, Program, Region, Storage, Turns
from archspec.ledger.dominance import arguments, maximum_of
from archspec.ledger.live import Live
from archspec.ledger.shadow import Instance, Shadow, Where, loops_of
from archspec.ledger.turning import Largest, largest

Bits = Callable[[str], Dim]
Part = Callable[[Storage, Dim], Dim]
MAX_NEST = 3
"""Loops nested deeper are not looked at turn by turn for small counts: their counts are assumed to be large enough."""


def whole(_: Storage, elements: Dim) -> Dim:
    """A tensor that one device has to itself."""
    return elements


@dataclass(frozen=True)
class Peak:
    """A number of bytes. exact: whether it is reached, else it is an upper bound. needs: counts and the least that they
    must be for it to hold.
    """

    size: Dim
    exact: bool
    needs: dict[Dim, int]


@dataclass(frozen=True)
class Moment:
    """What is live, in bytes, in some turns."""

    size: Dim
    where: Where

    @property
    def nest(self) -> Loop | None:
        """The outermost loop around it."""
        return self.where[0].loop if self.where else None


def peak(program: Program, bits: Bits, facts: Facts, part: Part = whole) -> Peak:
    """The peak of a program in bytes. `part`: what one device has of a tensor."""
    shadow = Shadow(program, facts)
    moments = _moments(shadow, bits, part)
    exact = shadow.exact
    sizes: dict[Dim, list[Moment]] = {}
    bounds: set[Dim] = set()
    for moment in moments:
        found = over_turns(moment.size, moment.where, shadow)
        exact = exact and found.bounded
        for size in chain.from_iterable(arguments(size) for size in found.sizes):
            sizes.setdefault(size, []).append(moment)
            if not found.reached:
                bounds.add(size)
    result = maximum_of(sizes, program)
    survivors = {size: sizes[size] for size in arguments(result)}
    needs = _Needs(program, shadow, bits, part, survivors).collect()
    return Peak(result, exact and bounds.isdisjoint(survivors), needs)


# --- one pass ---------------------------------------------------------------------------------------


def _moments(shadow: Shadow, bits: Bits, part: Part) -> list[Moment]:
    """The moments just before something is freed."""
    program, facts = shadow.program, shadow.facts
    steps: list[tuple[Where, list[Instance]]] = []
    last: dict[Instance, int] = {}
    for operation, where in shadow.moments():
        touched = [
            shadow.instance(tensor.storage, where)
            for tensor in (*operation.inputs, *operation.outputs)
            if tensor.storage.kind not in ("param", "buffer")
        ]
        for instance in touched:
            last[instance] = len(steps)
        steps.append((where, touched))
    for tensor in program.outputs.values():
        if tensor.storage.kind not in ("param", "buffer"):
            last[shadow.instance(tensor.storage, ())] = len(steps)
    live = Live(bits, facts)

    def add(instance: Instance) -> None:
        storage, made = instance
        live.add(instance, part(storage, storage.elements), storage.dtype, made)

    for tensor in program.inputs.values():
        instance = shadow.instance(tensor.storage, ())
        if instance in last:
            add(instance)
    found: list[Moment] = []
    for position, (where, touched) in enumerate(steps):
        for instance in touched:
            add(instance)
        dying = [instance for instance in dict.fromkeys(touched) if last[instance] == position]
        if dying or position == len(steps) - 1:
            found.append(Moment(live.size(where), where))
        for instance in dying:
            live.free(instance)
    return found or [Moment(live.size(()), ())]


def over_turns(size: Dim, where: Where, shadow: Shadow) -> Largest:
    """The largest sizes over the turns that a moment in the middle of loops stands for, innermost first."""
    whole = Largest([size])
    for depth, at in reversed(list(enumerate(where))):
        if not at.middle:
            continue
        low, high, facts = shadow.range(at.loop, where[:depth])
        found: dict[Dim, None] = {}
        for size in whole.sizes:
            one = largest(size, at.loop.index, low, high, facts)
            found.update(dict.fromkeys(one.sizes))
            whole = Largest([], whole.reached and one.reached, whole.bounded and one.bounded)
        whole = Largest(list(found), whole.reached, whole.bounded)
    return whole


# --- how many turns it takes ------------------------------------------------------------------------


class _Needs:
    """Counts that must be large enough for a peak. Nothing is needed of a loop where fewer turns have the same peak."""

    def __init__(
        self, program: Program, shadow: Shadow, bits: Bits, part: Part, survivors: dict[Dim, list[Moment]]
    ) -> None:
        self.program, self.shadow, self.bits, self.part, self.survivors = program, shadow, bits, part, survivors
        self.facts = shadow.facts
        self.found: dict[Dim, int] = {}
        self.nests = [
            [turns.loop for turns in loops_of(Region([step]))]
            for step in program.region.steps
            if isinstance(step, Turns)
        ]

    def need(self, loop: Loop, least: int) -> None:
        """A loop must have some turns, wherever it runs."""
        for count in self.shadow.counts.get(loop, ()):
            if compare(count, ">=", least, self.facts) is not True:
                self.found[count] = max(self.found.get(count, 0), least)

    def collect(self) -> dict[Dim, int]:
        """Everything that is needed."""
        shadow = self.shadow
        for nest in self.nests:
            for loop in nest:
                if shadow.lags[loop] > 1 or len(nest) > MAX_NEST:
                    self.need(loop, sum(shadow.ends[loop]))
        for moments in self.survivors.values():
            # A size that only turns in the middle have takes a turn in the middle.
            if all(_in_middle(moment) for moment in moments):
                for at in moments[0].where:
                    self.need(at.loop, shadow.shown(at.loop))
        small = [nest for nest in self.nests if len(nest) <= MAX_NEST]
        for number in range(max((2 ** len(nest) for nest in small), default=1) - 1):
            chosen = {nest[-1]: self._subset(nest, number) for nest in small}
            self._try_single({outermost: loops for outermost, loops in chosen.items() if loops})
        return self.found

    def _subset(self, nest: list[Loop], number: int) -> list[Loop]:
        """The number-th choice of loops of a nest, those that may have one turn."""
        subsets = list(chain.from_iterable(combinations(nest, size) for size in range(1, len(nest) + 1)))
        if number >= len(subsets):
            return []
        return [loop for loop in subsets[number] if self._may_be_single(loop)]

    def _may_be_single(self, loop: Loop) -> bool:
        counts = self.shadow.counts.get(loop, ())
        return any(compare(count, ">=", 2, self.facts) is not True for count in counts)

    def _try_single(self, chosen: dict[Loop, list[Loop]]) -> None:
        """Some loops of each nest with one turn: the peak must not rise, and what reached it must still be there."""
        if not chosen:
            return
        shadow = Shadow(self.program, self.facts, frozenset(loop for loops in chosen.values() for loop in loops))
        everything: dict[Loop | None, set[Dim]] = {}
        at_ends: dict[Loop | None, set[Dim]] = {}
        for moment in _moments(shadow, self.bits, self.part):
            sizes = over_turns(moment.size, moment.where, shadow).sizes
            everything.setdefault(moment.nest, set()).update(sizes)
            if not _in_middle(moment):
                at_ends.setdefault(moment.nest, set()).update(sizes)
        always = at_ends.get(None, set())
        for outermost, loops in chosen.items():
            sure = at_ends.get(outermost, set()) | always
            mine = [size for size, where in self.survivors.items() if any(one.nest is outermost for one in where)]
            new = everything.get(outermost, set()) - self.survivors.keys()
            if not all(size in sure for size in mine) or not all(self._covered(size) for size in new):
                for loop in loops:
                    self.need(loop, 2)

    def _covered(self, size: Dim) -> bool:
        return any(compare(above, ">=", size, self.facts) is True for above in self.survivors)


def _in_middle(moment: Moment) -> bool:
    return any(at.middle for at in moment.where)


__all__ = ["Peak", "peak"]
