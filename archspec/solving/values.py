"""The values that the unknown can have: those at which a model's requirements hold and no tensor is empty.

Requirements are put as conditions on the unknown alone, which are quick to try; what they let through is then asked of
the model itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from archspec.algebra import NO_FACTS, AlgebraError, Dim, compare, evaluate, free_symbols, mod, substitute
from archspec.elaborate.conditions import show
from archspec.errors.diagnostic import SpecError
from archspec.solving.problems import fail
from archspec.solving.question import Question

TRIED = 1 << 17
"""So many neighbours are tried in the search for a value that requirements allow."""
REFUSED = 256
"""So many neighbours that only the model itself refuses: what it refuses them for may be no matter of the unknown."""
FAR = 1 << 62
"""A value larger than any that a machine can hold the sizes of."""
_ORDERS = ("<=", "<", ">=", ">")


@dataclass(frozen=True)
class Condition:
    """`left op right`, or `left % modulus op right`, in which the unknown is the only symbol."""

    text: str
    op: str
    left: Dim
    right: Dim
    modulus: Dim | None
    loose: bool = False

    def holds(self, name: str, value: int) -> bool:
        """Whether it holds at a value. Where a side is no whole number it does not, but a `loose` one does."""
        at = {name: value}
        try:
            left, right = evaluate(self.left, at), evaluate(self.right, at)
            if self.modulus is not None:
                left = evaluate(mod(left, evaluate(self.modulus, at)), at)
        except AlgebraError:  # also of a division by zero
            return self.loose
        return compare(left, self.op, right, NO_FACTS) is True


class Values:
    """The values that the unknown of a question can have, in order."""

    def __init__(self, question: Question, conditions: list[Condition], quick: bool = False) -> None:
        """quick: the conditions alone decide."""
        self.question, self.name, self.quick = question, question.unknown, quick
        self.conditions = conditions
        self._known: dict[int, bool] = {}

    @cached_property
    def first(self) -> int:
        """The smallest. Raises `SpecError`, with what a requirement says, where there is none."""
        low = max(self._symbol_lower, self._limits[0])
        found = self.up(low)
        if found is None:
            if not any(self.against(low)):
                self.question.check(low)
            rules = ", ".join(f"`{one.text}`" for one in self.conditions)
            fail("no-value", name=self.name, model=self.question.model.name, rules=rules)
        return found

    @cached_property
    def last(self) -> int | None:
        """The largest, where a requirement sets a bound."""
        return self._limits[1]

    def up(self, start: int, end: int | None = None) -> int | None:
        """The smallest value from `start` on, up to `end`."""
        ends = [one for one in (end, self.last, start + TRIED) if one is not None]
        return self._first_of(range(start, min(ends) + 1))

    def down(self, start: int, end: int) -> int | None:
        """The largest value from `start` down to `end`."""
        start = start if self.last is None else min(start, self.last)
        return self._first_of(range(start, max(end, start - TRIED) - 1, -1))

    def _first_of(self, values: range) -> int | None:
        refused = 0
        for value in values:
            if self.can_be(value):
                return value
            refused += not any(self.against(value))
            if refused > REFUSED:
                break
        return None

    def can_be(self, value: int) -> bool:
        """Whether the model can have a value."""
        if value not in self._known:
            self._known[value] = not any(self.against(value)) and (self.quick or self._allowed(value))
        return self._known[value]

    def against(self, value: int) -> Iterator[str]:
        """The requirements that a value violates."""
        return (one.text for one in self.conditions if not one.holds(self.name, value))

    def _allowed(self, value: int) -> bool:
        try:
            self.question.check(value)
        except SpecError:
            return False
        return True

    @cached_property
    def _symbol_lower(self) -> int:
        lower = self.question.base.program.symbols[self.name].lower
        return 1 if lower is None else lower

    @cached_property
    def _limits(self) -> tuple[int, int | None]:
        """Bounds that comparisons set: each holds on one side of a number, which is found by halving."""
        low, high = self._symbol_lower, FAR
        for one in self.conditions:
            if one.modulus is not None:
                if self.name in free_symbols(one.modulus) and isinstance(one.left, int) and isinstance(one.right, int):
                    high = min(high, abs(one.left - one.right) or FAR)  # what divides a number is at most that number
                continue
            if one.op not in _ORDERS:
                continue
            at_low, at_high = one.holds(self.name, low), one.holds(self.name, high)
            if at_low == at_high:
                continue
            inside, outside = (low, high) if at_low else (high, low)
            while abs(outside - inside) > 1:
                middle = (inside + outside) // 2
                inside, outside = (middle, outside) if one.holds(self.name, middle) else (inside, middle)
            low, high = (low, inside) if at_low else (inside, high)
        return low, None if high == FAR else high


def conditions(question: Question) -> Iterator[Condition]:
    """The requirements that the unknown is part of, and that no tensor is empty; none where the wiring hangs on it."""
    if question.structural:
        return
    name, facts = question.unknown, question.base.program.facts

    def put(dim: Dim) -> Dim | None:
        reduced = substitute(dim, dict(question.known), facts)
        return None if free_symbols(reduced) - {name} else reduced

    for one in question.base.assumptions:
        sides = (one.left, one.right, *(() if one.modulus is None else (one.modulus,)))
        if one.origin != "require" or not any(name in free_symbols(side) for side in sides):
            continue
        # Not by `put_in`: facts of the requirement itself would make it always true.
        reduced = [substitute(side, dict(question.known)) for side in sides]
        if any(free_symbols(side) - {name} for side in reduced):
            continue
        yield Condition(one.text, one.op, reduced[0], reduced[1], reduced[2] if one.modulus is not None else None)
    seen: set[Dim] = set()
    for operation in question.base.program.region.operations():
        for size in (size for tensor in operation.outputs for size in tensor.shape):
            if size in seen or name not in free_symbols(size):
                continue
            seen.add(size)
            reduced_size = put(size)
            if reduced_size is not None and not isinstance(reduced_size, int):
                yield Condition(f"{show(size)} >= 1", ">=", reduced_size, 1, None, loose=True)
