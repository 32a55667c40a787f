"""Counterexamples: a few points at which a claim is tried before a proof is searched for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from archspec.algebra.atoms import Power, Sum, Sym
from archspec.algebra.errors import AlgebraError
from archspec.algebra.evaluate import Evaluation
from archspec.algebra.facts import Facts
from archspec.algebra.poly import Atom, Coefficient, Dim, from_atom

_POINTS = 24  # so many points are kept
_FEW = 12  # and so many used where each has its price
_TRIALS = 80  # of so many
_MIXED = 11  # from here on symbols are mixed
_FACTORS = (1, 2, 64, 1, 8, 4096, 16, 512)  # powers of two, so that most divisibilities hold
_LARGEST = 64  # exponents and numbers of turns above it are not worked out

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
    values = (point.value_or_none(dim) for point in _points(facts))
    return any(value is not None and value < 0 for value in values)


def signs(dim: Dim, facts: Facts, names: Iterable[str], least: int) -> set[int]:
    """Which of -1, 0, 1 are signs of `dim` at the points where the named symbols in it are at least `least`."""
    found = set()
    for point in _points(facts):
        value = point.value_or_none(dim)
        if value is not None and all(point.chosen.get(name, least) >= least for name in names):
            found.add((value > 0) - (value < 0))
    return found


def values_of(atoms: Sequence[Atom], facts: Facts) -> list[list[Coefficient]]:
    """The values of the atoms at the points where all of them have one."""
    found = [[point.value_or_none(from_atom(atom)) for atom in atoms] for point in _points(facts)]
    return [cast("list[Coefficient]", values) for values in found if None not in values][:_FEW]


def _points(facts: Facts) -> Iterator[_Point]:
    """Points at which all facts hold, found as they are asked for."""
    memo = facts.memo
    if "points" not in memo:
        memo["points"] = [], (_Point(number, facts) for number in range(_TRIALS))
    known, trials = cast("tuple[list[_Point], Iterator[_Point]]", memo["points"])
    yield from tuple(known)
    while len(known) < _POINTS:
        point = next(trials, None)
        if point is None:
            return
        if point.is_possible():
            known.append(point)
            yield point


class _Point(Evaluation):
    """An evaluation in which every symbol has a value: its lower bound times a factor that hangs on its name."""

    def __init__(self, number: int, facts: Facts) -> None:
        super().__init__({})
        self.number = number
        self.facts = facts
        self.chosen: dict[str, int] = {}

    def compute(self, atom: Atom) -> Coefficient:
        if isinstance(atom, Sym) and atom.name not in self.values:
            value = self.chosen[atom.name] = self._choose(atom)
            return value
        if isinstance(atom, Power) and not -_LARGEST <= self.value(atom.exponent) <= _LARGEST:
            raise AlgebraError(f"{atom!r} is too large here")
        if isinstance(atom, Sum) and self.value(atom.high - atom.low) > _LARGEST:
            raise AlgebraError(f"{atom!r} has too many terms here")
        return super().compute(atom)

    def _choose(self, symbol: Sym) -> int:
        factor = self._factor(symbol.name)
        low = self.facts.lower(symbol)
        if low is None:
            return factor if self.number % 2 else -factor
        return low * factor if low > 0 else low + factor - 1

    def _factor(self, name: str) -> int:
        """A power of two. At the first points it is the same for all symbols, at the next ones some are large and
        the others small, at the rest they are mixed.
        """
        if self.number < 3:
            return _FACTORS[self.number]
        mixed = self.number if self.number >= _MIXED else 0
        for character in name:
            mixed = (mixed * 1103515245 + ord(character) + 12345) % 2**31
        mixed = (mixed >> 16) % 8
        if self.number < _MIXED:
            return 1 << 14 if mixed == self.number - 3 else 2
        # Every other point is without odd numbers.
        return 256 if mixed == 0 and self.number % 2 else _FACTORS[mixed]

    def value_or_none(self, dim: Dim) -> Coefficient | None:
        """The value, if there is one."""
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
