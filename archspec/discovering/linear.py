"""Linear equations in rationals, solved modulo a large prime.

Numbers stay of one size that way, where fractions grow with each step. A rational whose numerator and denominator are
below 2**260 is found again from its remainder; what comes out is compared with values that no equation was made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

PRIME = 2**521 - 1
_BOUND = isqrt(PRIME // 2)


class Equations:
    """Equations for `size` unknowns, taken in one by one. Those that say nothing new are noticed before their right
    side has to be known.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._rows: list[list[int]] = []
        self._pivots: list[int] = []
        self._steps: list[tuple[list[int], int]] = []

    @property
    def complete(self) -> bool:
        """Whether the unknowns are determined."""
        return len(self._rows) == self.size

    def add(self, row: Sequence[int]) -> bool:
        """Take the left side of an equation in; False where it says nothing new."""
        rest = [one % PRIME for one in row]
        factors = []
        for other, pivot in zip(self._rows, self._pivots, strict=True):
            factor = rest[pivot]
            factors.append(factor)
            if factor:
                rest = [(one - factor * two) % PRIME for one, two in zip(rest, other, strict=True)]
        first = next((place for place, one in enumerate(rest) if one), None)
        if first is None:
            return False
        scale = pow(rest[first], -1, PRIME)
        self._rows.append([one * scale % PRIME for one in rest])
        self._pivots.append(first)
        self._steps.append((factors, scale))
        return True

    def solve(self, right: Sequence[int | Fraction]) -> list[Fraction]:
        """The unknowns, given the right sides of the equations in order. May be asked again for others."""
        reduced: list[int] = []
        for one, (factors, scale) in zip(right, self._steps, strict=True):
            value = _remainder(one)
            for factor, other in zip(factors, reduced, strict=True):
                value -= factor * other
            reduced.append(value * scale % PRIME)
        found = [0] * self.size
        for row, pivot, value in reversed(list(zip(self._rows, self._pivots, reduced, strict=True))):
            others = sum(one * known for one, known in zip(row, found, strict=True) if one and known)
            found[pivot] = (value - others) % PRIME
        return [_rational(one) for one in found]


def _remainder(number: int | Fraction) -> int:
    return number.numerator * pow(number.denominator, -1, PRIME) % PRIME


def _rational(remainder: int) -> Fraction:
    """The fraction with a small numerator and denominator that has this remainder: Euclid's algorithm, half way."""
    before, now = PRIME, remainder
    cofactor_before, cofactor = 0, 1
    while now > _BOUND:
        times = before // now
        before, now = now, before - times * now
        cofactor_before, cofactor = cofactor, cofactor_before - times * cofactor
    return Fraction(now, cofactor)
