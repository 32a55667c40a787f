"""Counterexamples: a few points at which a claim is tried before a proof is searched for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import cast

from archspec.algebra.atoms import Sym
from archspec.algebra.errors import AlgebraError
from archspec.algebra.evaluate import Evaluation
from archspec.algebra.facts import Facts
from archspec.algebra.poly import Atom, Coefficient, Dim, from_atom

_POINTS = 16  # so many points are kept
_TRIALS = 80  # of so many
_FACTORS = (1, 2, 64, 1, 8, 4096, 16, 512)  # powers of two, so that most divisibilities hold

Sample = tuple[Coefficient | None, ...]


def sample(dim: Dim, facts: Facts) -> Sample:
    """The values of `dim` at points where all facts hold; None where it has none."""
    key = ("sample", dim)
    found = cast("Sample | None", facts.memo.get(key))
    if found is None:
        found = tuple(point.value_or_none(dim) for point in _points(facts))
        facts.memo[key] = found
    return found


def refuted(dim: Dim, facts: Facts) -> bool:
    """Whether `dim >= 0` fails at one of the points."""
    for point in _points(facts):
        value = point.value_or_none(dim)
        if value is not None and value < 0:
            return True
    return False


def values_of(atoms: Sequence[Atom], facts: Facts) -> list[list[Coefficient]]:
    """The values of the atoms at the points where all of them have one."""
    found = [[point.value_or_none(from_atom(atom)) for atom in atoms] for point in _points(facts)]
    return [cast("list[Coefficient]", values) for values in found if None not in values]


def _points(facts: Facts) -> list[_Point]:
    known = cast("list[_Point] | None", facts.memo.get("points"))
    if known is None:
        possible = filter(_Point.is_possible, (_Point(number, facts) for number in range(_TRIALS)))
        known = facts.memo["points"] = list(islice(possible, _POINTS))
    return known


class _Point(Evaluation):
    """An evaluation in which every symbol has a value: its lower bound times a factor that hangs on its name."""

    def __init__(self, number: int, facts: Facts) -> None:
        super().__init__({})
        self.number = number
        self.facts = facts

    def compute(self, atom: Atom) -> Coefficient:
        if not isinstance(atom, Sym) or atom.name in self.values:
            return super().compute(atom)
        mixed = self.number
        for character in atom.name if self.number > 2 else "":
            mixed = (mixed * 1103515245 + ord(character) + 12345) % 2**31
        # The first points are the same for all symbols; every other one is without odd factors.
        factor = _FACTORS[(mixed >> 16) % 8] if self.number > 2 else _FACTORS[mixed]
        if factor == 1 and self.number % 2:
            factor = 256
        low = self.facts.lower(atom)
        if low is None:
            return factor if self.number % 2 else -factor
        return low * factor if low > 0 else low + factor - 1

    def value_or_none(self, dim: Dim) -> Coefficient | None:
        try:
            return self.value(dim)
        except AlgebraError:
            return None

    def is_possible(self) -> bool:
        """Whether all facts hold at the point."""
        for ratio in self.facts.ratios:
            value = self.value_or_none(ratio)
            if value is None or value.denominator != 1:
                return False
        return all((self.value_or_none(fact) or 0) >= 0 for fact in self.facts.nonneg)
