"""Closed forms: the largest x at which a maximum of linear and quadratic expressions is at most a budget.

Each argument is solved by itself; the least answer counts. All in integers: for whole a > 0 and whole b, D, the floor
of (√D - b)/(2a) is that of (isqrt(D) - b)/(2a), since a floor of a floor over a whole number is one floor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, lcm

from archspec.algebra import Dim, FloorDiv, Max, Poly, Sym, free_symbols, terms
from archspec.algebra.division import quotient
from archspec.algebra.poly import Atom, collapse, constant_term, term

MOST = 64
"""So many arguments of nested maxima are looked at."""


@dataclass(frozen=True)
class Quadratic:
    """`a*x**2 + b*x + c` in whole numbers, which is `times` the size."""

    a: int
    b: int
    c: int
    times: int

    def value(self, x: int) -> int:
        """The value at x: the size, `times` over."""
        return (self.a * x + self.b) * x + self.c

    def largest(self, budget: int) -> int | None:
        """The largest x at which it is at most the budget, which it passes where it grows; None: there is no end."""
        if self.a:
            root = self.b**2 - 4 * self.a * (self.c - self.times * budget)
            return (isqrt(root) - self.b) // (2 * self.a) if root >= 0 else -1
        return (self.times * budget - self.c) // self.b if self.b else None

    def grows_from(self, low: int) -> bool:
        """Whether it does not fall from `low` on: a step from x to x + 1 adds a*(2x + 1) + b, which grows with x."""
        return self.a >= 0 and self.a * (2 * low + 1) + self.b >= 0

    def covers(self, other: Quadratic, low: int) -> bool:
        """Whether it is at least another one from `low` on: so are all coefficients in x - low."""
        mine, theirs = (
            (one.a, 2 * one.a * low + one.b, one.value(low))
            for one in (self.scaled(other.times), other.scaled(self.times))
        )
        return all(x >= y for x, y in zip(mine, theirs, strict=True))

    def scaled(self, factor: int) -> Quadratic:
        """The same, all times a number."""
        return Quadratic(self.a * factor, self.b * factor, self.c * factor, self.times * factor)


def quadratics(size: Dim, name: str, low: int) -> list[Quadratic] | None:
    """A size, in which `name` is the only symbol, as the largest of some quadratic expressions that grow from `low` on.

    None where it is something else. Those that others are never below are left out.
    """
    found: list[Quadratic] = []
    for argument in arguments(size, name) or ():
        powers = coefficients(argument, name)
        if powers is None or max(powers, default=0) > 2:
            return None
        numbers = [Fraction(constant_term(powers.get(degree, 0))) for degree in (2, 1, 0)]
        times = lcm(*(number.denominator for number in numbers))
        a, b, c = ((number * times).numerator for number in numbers)
        one = Quadratic(a, b, c, times)
        if not one.grows_from(low):
            return None
        if not any(other.covers(one, low) for other in found):
            found = [other for other in found if not one.covers(other, low)] + [one]
    return found or None


def arguments(size: Dim, name: str) -> list[Dim] | None:
    """Expressions of which the size is the largest, as far as a budget of whole bytes can tell; None: too many."""
    waiting: list[Dim] = [size]
    found: list[Dim] = []
    while waiting:
        dim = waiting.pop()
        if len(waiting) + len(found) > MOST:
            return None
        opened = _opened(dim, name)
        if opened is None:
            found.append(_without_rounding(dim, name))
        else:
            waiting += opened
    return list(dict.fromkeys(found))


def coefficients(dim: Dim, name: str) -> dict[int, Dim] | None:
    """The coefficient of each power of a symbol; None where the symbol stands below a line or in another operation."""
    powers: dict[int, Dim] = {}
    for coefficient, monomial in terms(dim):
        degree = 0
        rest: list[tuple[Atom, int]] = []
        for atom, exponent in monomial:
            if isinstance(atom, Sym) and atom.name == name:
                degree = exponent
            elif name in atom.symbols:
                return None
            else:
                rest.append((atom, exponent))
        if degree < 0:
            return None
        powers[degree] = powers.get(degree, 0) + term(coefficient, tuple(rest))
    return powers


def _opened(dim: Dim, name: str) -> list[Dim] | None:
    """The arguments of the first maximum with the symbol in it that is added, or multiplied by what is not negative."""
    for coefficient, monomial in terms(dim):
        for atom, exponent in monomial:
            others = [one for one in monomial if one[0] is not atom]
            if (
                isinstance(atom, Max)
                and exponent == 1
                and name in atom.symbols
                and coefficient > 0
                and _positive(others)
            ):
                assert isinstance(dim, Poly)
                rest = collapse({m: c for m, c in dim.by_monomial.items() if m != monomial})
                return [rest + term(coefficient, tuple(others)) * argument for argument in atom.args]
    return None


def _positive(factors: Iterable[tuple[Atom, int]]) -> bool:
    return all(isinstance(atom, Sym) and atom.lower is not None and atom.lower >= 0 for atom, _ in factors)


def _without_rounding(dim: Dim, name: str) -> Dim:
    """An expression without its rounding, if that stands alone: at most a whole number b just where the other one is.

    With whole p, q and r: -⌊p/q⌋ + r <= b where -p/q + r <= b, and ⌊p/q⌋ + r <= b where p <= q*(b - r) + q - 1.
    """
    floors = [
        (monomial, coefficient, monomial[0][0])
        for coefficient, monomial in terms(dim)
        if len(monomial) == 1 and isinstance(monomial[0][0], FloorDiv) and name in monomial[0][0].symbols
    ]
    if len(floors) != 1:
        return dim
    ((monomial, coefficient, floor),) = floors
    assert isinstance(dim, Poly)
    assert isinstance(floor, FloorDiv)
    rest = collapse({m: c for m, c in dim.by_monomial.items() if m != monomial})
    above, below = floor.numerator, floor.denominator
    if monomial[0][1] != 1 or name in free_symbols(below) or not all(map(_whole, (rest, above, below))):
        return dim
    if coefficient == -1:
        return rest - quotient(above, below)
    return rest + quotient(above - below + 1, below) if coefficient == 1 else dim


def _whole(dim: Dim) -> bool:
    """Whether an expression is made of symbols and whole coefficients alone."""
    return all(
        isinstance(coefficient, int) and all(isinstance(atom, Sym) and power > 0 for atom, power in monomial)
        for coefficient, monomial in terms(dim)
    )


def depends(dim: Dim, name: str) -> bool:
    """Whether a symbol stands in an expression."""
    return name in free_symbols(dim)
