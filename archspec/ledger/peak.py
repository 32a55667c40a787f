"""The largest sum of live storages of a forward pass that frees a tensor after its last use.

The maximum is taken over candidates: the moments just before something is freed. In a loop, one turn
stands for all: a candidate is taken at the first and the last turn, which is exact where it never falls
or never rises from turn to turn (proved where possible, else the result is said to be a bound).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archspec.algebra import Dim, Facts, compare, divide, free_symbols, maximum, substitute, symbol
from archspec.elaborate.program import Carry, Loop, Operation, Program, Region, Storage, Turns

Key = tuple[object, ...]


@dataclass(frozen=True)
class Peak:
    """A number of bytes; `exact` is False where it is a lower bound."""

    size: Dim
    exact: bool


def peak(program: Program, bits: Callable[[str], Dim], facts: Facts) -> Peak:
    """The peak of a program in bytes."""
    walk = _Walk(bits, facts)
    inputs = {walk.key(tensor.storage): walk.bytes(tensor.storage) for tensor in program.inputs.values()}
    outputs = {walk.key(tensor.storage) for tensor in program.outputs.values()}
    walk.region(program.region, 0, inputs, outputs)
    if not walk.candidates:
        walk.candidates.append(_sum(inputs))
    return Peak(maximum(walk.candidates, facts), walk.exact)


def _sum(live: dict[Key, Dim]) -> Dim:
    result: Dim = 0
    for size in live.values():
        result = result + size
    return result


class _Walk:
    """One pass over a program."""

    def __init__(self, bits: Callable[[str], Dim], facts: Facts) -> None:
        self.bits = bits
        self.facts = facts
        self.candidates: list[Dim] = []
        self.exact = True

    def bytes(self, storage: Storage) -> Dim:
        """Bytes of a storage; nothing for parameters, which are counted as weights."""
        if storage.kind in ("param", "buffer"):
            return 0
        return divide(storage.elements * self.bits(storage.dtype), 8, self.facts)

    def key(self, storage: Storage) -> Key:
        """What makes two storages the same memory: stand-ins of an unchanged or shared variable are one."""
        carry = storage.carry
        if carry is None:
            return (id(storage),)
        result = carry.result.storage
        if result is carry.entry.storage:
            return self.key(carry.initial.storage)
        if storage.kind == "after":
            return ("after", id(carry.loop), id(result))
        return ("entry", id(carry.loop), self.key(carry.initial.storage), id(result))

    def region(self, region: Region, base: Dim, live: dict[Key, Dim], kept: set[Key]) -> None:
        """Walk a region with `base` bytes held around it; `live` at its start; `kept` must live on at its end."""
        last = self._last_uses(region)
        for key in [key for key in live if key not in last and key not in kept]:
            del live[key]
        for position, step in enumerate(region.steps):
            if isinstance(step, Turns):
                self._turns(step, base, live, kept, position, last)
            else:
                for tensor in step.made:
                    live[self.key(tensor.storage)] = self.bytes(tensor.storage)
            dying = [key for key in live if last.get(key, -1) <= position and key not in kept]
            if dying or position == len(region.steps) - 1:
                self.candidates.append(base + _sum(live))
            for key in dying:
                del live[key]

    def _last_uses(self, region: Region) -> dict[Key, int]:
        last: dict[Key, int] = {}
        for position, step in enumerate(region.steps):
            for storage in _touched(step):
                last[self.key(storage)] = position
        return last

    def _turns(
        self, turns: Turns, base: Dim, live: dict[Key, Dim], kept: set[Key], position: int, last: dict[Key, int]
    ) -> None:
        """One turn stands for all. What enters a turn is freed there after its last use, unless something else holds it."""
        body_uses = {self.key(storage) for step in turns.body.steps for storage in _touched(step)}
        around = dict(live)
        entering: dict[Key, Dim] = {}
        doubled: Dim = 0
        for carry in turns.carries:
            if carry.result.storage is carry.entry.storage:
                continue
            initial = self.key(carry.initial.storage)
            entry = self.key(carry.entry.storage)
            size = self.bytes(carry.entry.storage)
            held = last.get(initial, -1) > position or initial in kept or initial in body_uses
            if entry not in entering:
                entering[entry] = size
                if held or initial not in live:
                    doubled = doubled + size
            if not held:
                around.pop(initial, None)
        results = {self.key(carry.result.storage) for carry in turns.carries}
        inner = _Walk(self.bits, self.facts)
        inner.region(turns.body, base + _sum(around), dict(entering), results)
        self.exact = self.exact and inner.exact
        for candidate in inner.candidates:
            self._ends(candidate, doubled, turns.loop)
        for carry in turns.carries:
            if carry.result.storage is carry.entry.storage:
                continue
            initial = self.key(carry.initial.storage)
            if not (last.get(initial, -1) > position or initial in kept):
                live.pop(initial, None)
            after = self.key(carry.after.storage)
            if last.get(after, -1) > position or after in kept:
                live[after] = self.bytes(carry.after.storage)

    def _ends(self, candidate: Dim, doubled: Dim, loop: Loop) -> None:
        """The first and the last turn. In the first, what entered is what was there before: it is not held twice."""
        facts = self.facts
        if loop.index not in free_symbols(candidate):
            self.candidates.append(candidate)
            return
        first = substitute(candidate - doubled, {loop.index: 0}, facts)
        final = substitute(candidate, {loop.index: loop.count - 1}, facts)
        step = substitute(candidate, {loop.index: symbol(loop.index, 0) + 1}, facts) - candidate
        rises = compare(step, ">=", 0, facts) is True
        if not rises and compare(step, "<=", 0, facts) is not True:
            self.exact = False
        self.candidates.extend((final,) if rises and doubled == 0 else (first, final))


def _touched(step: Operation | Turns) -> Iterator[Storage]:
    """The storages that a step reads or makes, those that a loop reads from outside included."""
    if isinstance(step, Operation):
        yield from (tensor.storage for tensor in step.inputs)
        yield from (tensor.storage for tensor in step.outputs)
        return
    for carry in step.carries:
        yield carry.initial.storage
        yield carry.result.storage
    for inner in step.body.steps:
        yield from _touched(inner)


__all__ = ["Carry", "Peak", "peak"]
