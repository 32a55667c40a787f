"""The search for a proof that a polynomial is at least 0, given inequalities that hold.

All polynomials are in variables that are at least 0. An inequality times something that is at least 0 may be
subtracted; the proof is found when no negative term is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from heapq import heappop, heappush

from archspec.algebra.division import times_term
from archspec.algebra.poly import (
    Atom,
    Coefficient,
    Dim,
    Monomial,
    Poly,
    monomial_order,
    monomial_power,
    monomial_product,
    reduced,
)

_STEPS = 60  # how many subtractions one proof may try

Values = Sequence[Coefficient]


class Search:
    """`known` are at least 0; `free` are the variables that need not be. `points` are values of the variables at which
    all that holds: what is negative there cannot be proved.
    """

    def __init__(
        self, known: Sequence[Poly], free: frozenset[Atom], points: Sequence[Mapping[Atom, Coefficient]]
    ) -> None:
        self.known = known
        self.free = free
        self.points = points
        self.values_of_known: dict[int, Values] = {}

    def proves(self, dim: Poly) -> bool:
        """Whether a proof of `dim >= 0` is found. What has the fewest negative terms is looked at first."""
        bad = self._bad(dim)
        states: list[tuple[int, int, Poly, list[Monomial], Values]] = [
            (len(bad), 0, dim, bad, [_value(dim, point) for point in self.points])
        ]
        tried = 0
        seen: set[Dim] = {dim}
        while states:
            _, _, dim, bad, values = heappop(states)
            if not bad:
                return True
            for rest, rest_values in self._less_known(dim, min(bad, key=monomial_order), values):
                if rest in seen:
                    continue
                seen.add(rest)
                tried += 1
                if tried > _STEPS:
                    return False
                if isinstance(rest, int):
                    if rest >= 0:
                        return True
                    continue
                bad = self._bad(rest)
                heappush(states, (len(bad), tried, rest, bad, rest_values))
        return False

    def _bad(self, dim: Poly) -> list[Monomial]:
        """The terms that may be negative."""
        free = self.free
        return [m for m, c in dim.by_monomial.items() if c < 0 or (free and not self._at_least_zero(m))]

    def _less_known(self, dim: Poly, monomial: Monomial, values: Values) -> Iterator[tuple[Dim, Values]]:
        """`dim` less multiples of the inequalities that remove one of its terms, and what is left at the points."""
        coefficient = dim.by_monomial[monomial]
        for number, fact in enumerate(self.known):
            for key, value in fact.by_monomial.items():
                if (value > 0) is not (coefficient > 0) or len(key) > len(monomial):
                    continue
                factor = monomial_product(monomial, monomial_power(key, -1))
                if any(e < 0 or atom in self.free for atom, e in factor):
                    continue
                ratio = reduced(Fraction(coefficient) / value)
                rest = self._without(values, number, ratio, factor)
                if all(one >= 0 for one in rest):
                    yield dim - times_term(fact, ratio, factor), rest

    def _at_least_zero(self, monomial: Monomial) -> bool:
        return all(e % 2 == 0 or atom not in self.free for atom, e in monomial)

    def _without(self, values: Values, number: int, ratio: Coefficient, factor: Monomial) -> Values:
        """The values that are left after a multiple of a known inequality is subtracted."""
        known = self.values_of_known.get(number)
        if known is None:
            known = self.values_of_known[number] = [_value(self.known[number], point) for point in self.points]
        rest = []
        for value, subtracted, point in zip(values, known, self.points, strict=True):
            times = ratio * subtracted
            for atom, exponent in factor:
                times = times * point[atom] ** exponent
            rest.append(value - times)
        return rest


def _value(dim: Dim, point: Mapping[Atom, Coefficient]) -> Coefficient:
    if isinstance(dim, int):
        return dim
    total: Coefficient = 0
    for monomial, coefficient in dim.by_monomial.items():
        product = coefficient
        for atom, exponent in monomial:
            product = product * point[atom] ** exponent
        total = total + product
    return total
