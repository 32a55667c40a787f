"""The number that an expression is for given numbers, in exact integers."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from archspec.algebra.atoms import FloorDiv, Inverse, Log2, Max, Min, Power, Sum, Sym
from archspec.algebra.errors import AlgebraError
from archspec.algebra.poly import Atom, Coefficient, Dim, reduced
from archspec.algebra.powers import log2

SUM_LIMIT = 1_000_000  # turns of unevaluated sums that one evaluation adds up
POWER_BITS = 12_000
"""A power is computed up to this size, and no result is larger: of 3,600 digits nobody reads more, and Python writes at
most 4,300.
"""


def evaluate(dim: Dim, values: Mapping[str, int]) -> int:
    """The value of `dim`. Raises AlgebraError when a symbol has no value, when the value is not an integer or has more
    than 3,600 digits, and when sums without closed form have more than a million turns in all.
    """
    if isinstance(dim, int):
        return dim
    found = _whole(Evaluation(values).value(dim), dim)
    if found.bit_length() > POWER_BITS:
        raise AlgebraError(f"a number has more than {POWER_BITS} bits here")
    return found


class Evaluation:
    """Works out expressions at one point; atoms only once."""

    def __init__(self, values: Mapping[str, int]) -> None:
        self.values: dict[str, int] = dict(values)
        self.known: dict[Atom, Coefficient] = {}
        self.turns = 0

    def value(self, dim: Dim) -> Coefficient:
        """The value, which may be a fraction."""
        if isinstance(dim, int):
            return dim
        total: Coefficient = 0
        for monomial, coefficient in dim.by_monomial.items():
            above: int | Fraction = coefficient
            below: int | Fraction = 1
            for atom, exponent in monomial:
                value = self.atom(atom)
                if exponent > 0:
                    above = above * (value if exponent == 1 else value**exponent)
                else:
                    below = below * value**-exponent
            if below == 1:
                total = total + above
            elif below == 0:
                raise AlgebraError(f"a division by zero in {dim!r}")
            else:
                total = total + reduced(Fraction(above) / below)
        return reduced(total)

    def whole(self, dim: Dim) -> int:
        """The value, an integer, else AlgebraError."""
        return _whole(self.value(dim), dim)

    def atom(self, atom: Atom) -> Coefficient:
        """The value of an atom."""
        known = self.known.get(atom)
        if known is None:
            known = self.known[atom] = self.compute(atom)
        return known

    def compute(self, atom: Atom) -> Coefficient:
        """The value of an atom that is met for the first time."""
        if isinstance(atom, Sym):
            if atom.name not in self.values:
                raise AlgebraError(f"{atom.name} has no value")
            return self.values[atom.name]
        if isinstance(atom, FloorDiv):
            below = self.whole(atom.denominator)
            if below <= 0:
                raise AlgebraError(f"a division by {_written(below)} in {atom!r}")
            return self.whole(atom.numerator) // below
        if isinstance(atom, Power):
            return self._power(atom)
        if isinstance(atom, (Min, Max)):
            return (min if isinstance(atom, Min) else max)(self.whole(arg) for arg in atom.args)
        if isinstance(atom, Log2):
            exponent = log2(self.whole(atom.arg))
            assert isinstance(exponent, int)
            return exponent
        if isinstance(atom, Inverse):
            value = self.value(atom.arg)
            if value == 0:
                raise AlgebraError(f"a division by zero in {atom!r}")
            return 1 / Fraction(value)
        assert isinstance(atom, Sum)
        return self._sum(atom)

    def _power(self, atom: Power) -> Coefficient:
        base, exponent = self.value(atom.base), self.whole(atom.exponent)
        if abs(base) not in (0, 1) and abs(exponent) * _bits(base) > POWER_BITS:
            raise AlgebraError(f"{atom!r} has more than {POWER_BITS} bits here")
        if exponent >= 0:
            return base**exponent
        if base == 0:
            raise AlgebraError(f"a division by zero in {atom!r}")
        return Fraction(base) ** exponent

    def _sum(self, atom: Sum) -> Coefficient:
        low, high = self.whole(atom.low), self.whole(atom.high)
        self.turns += max(high - low, 0)
        if self.turns > SUM_LIMIT:
            raise AlgebraError(f"{atom!r} has more than {SUM_LIMIT} terms")
        name = atom.index.name
        outer_values, outer_known = self.values, self.known
        # What does not hold the index keeps its value from turn to turn.
        fixed = {inner: value for inner, value in outer_known.items() if name not in inner.symbols}
        total: Coefficient = 0
        self.values = dict(outer_values)
        for turn in range(low, high):
            self.values[name] = turn
            self.known = dict(fixed)
            total = total + self.value(atom.body)
        self.values, self.known = outer_values, outer_known
        return reduced(total)


def _bits(value: Coefficient) -> int:
    return max(abs(value.numerator), value.denominator).bit_length()


def _whole(value: Coefficient, dim: Dim) -> int:
    if isinstance(value, int):
        return value
    raise AlgebraError(f"{dim!r} is not an integer here but {_written(value)}")


def _written(value: Coefficient) -> str:
    """The value in a message: what is on the way to a result may be longer than Python writes."""
    return str(value) if _bits(value) <= POWER_BITS else f"a number of more than {POWER_BITS} bits"
