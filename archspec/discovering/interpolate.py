"""Zippel's sparse interpolation in exact rationals: few evaluations, for few monomials are there.

Zippel, "Probabilistic algorithms for sparse polynomials", 1979. Variables are taken in one by one. The monomials in
those so far are known at one value of the next; at any other value the same ones occur, except for unlucky values of
the rest, and solving for their coefficients takes as many evaluations as there are monomials. What is found is then
compared at points far from those that it was found at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from random import Random

Point = tuple[int, ...]
Terms = dict[tuple[int, ...], Fraction]
"""Coefficients by the exponents of the variables."""

_MOST = 6
"""The highest degree in one variable that is tried."""
_SPAN = 9
"""Points that are interpolated through have one of so many values in each variable."""
_ATTEMPTS = 6
_HOLDOUTS = 4


class NotPolynomial(Exception):
    """No polynomial of a moderate degree goes through the values; the message says where that was seen."""


@dataclass(frozen=True)
class Axis:
    """A variable: it takes the values `start + step*k`."""

    name: str
    start: int
    step: int = 1

    def at(self, place: int) -> int:
        """The value of a place."""
        return self.start + self.step * place


@dataclass(frozen=True)
class Found:
    """A polynomial, and what speaks for it.

    degrees: in each variable. evaluations: different points that it took, hold-outs included. holdouts: points with
    their values, none of which was interpolated through. choices: how many values each variable of them was drawn from.
    """

    axes: tuple[Axis, ...]
    terms: Terms
    degrees: tuple[int, ...]
    evaluations: int
    holdouts: tuple[tuple[Point, int], ...]
    choices: int

    @property
    def degree(self) -> int:
        """The total degree."""
        return max((sum(exponents) for exponents in self.terms), default=0)

    @property
    def chance(self) -> Fraction:
        """Schwartz and Zippel: at most so likely is it that another polynomial of no higher degree agrees at all
        hold-outs, which were drawn at random.
        """
        return min(Fraction(1), Fraction(self.degree, self.choices)) ** len(self.holdouts)


def interpolate(
    axes: Sequence[Axis], function: Callable[[Point], int], seed: int = 0, choices: int = 4 * _SPAN
) -> Found:
    """The polynomial that a function of whole numbers is. Raises `NotPolynomial`, and what the function raises.

    choices: from how many values beyond those of the grid each variable of a hold-out is drawn.
    """
    known: dict[Point, int] = {}

    def value(point: Point) -> int:
        if point not in known:
            known[point] = function(point)
        return known[point]

    random = Random(seed)
    reason = ""
    for _ in range(_ATTEMPTS):
        base = tuple(axis.at(random.randrange(1, _SPAN)) for axis in axes)
        degrees = tuple(_degree(axes, number, base, value) for number in range(len(axes)))
        terms = _sparse(axes, base, degrees, value, random)
        holdouts: list[tuple[Point, int]] = []
        for _ in range(_HOLDOUTS):
            point = tuple(axis.at(_SPAN + random.randrange(choices)) for axis in axes)
            holdouts.append((point, value(point)))
            if evaluate(terms, point) != value(point):
                names = ", ".join(f"{axis.name} = {one}" for axis, one in zip(axes, point, strict=True))
                reason = f"at {names} it is {value(point)}, not {evaluate(terms, point)}"
                break
        else:
            return Found(tuple(axes), terms, degrees, len(known), tuple(holdouts), choices)
    raise NotPolynomial(f"no polynomial fits: {reason}")


def evaluate(terms: Terms, point: Point) -> Fraction:
    """A polynomial at a point."""
    total = Fraction(0)
    for exponents, coefficient in terms.items():
        total += coefficient * _monomial(exponents, point)
    return total


def _monomial(exponents: Sequence[int], point: Sequence[int]) -> int:
    product = 1
    for exponent, one in zip(exponents, point, strict=True):
        product *= one**exponent
    return product


def _degree(axes: Sequence[Axis], number: int, base: Point, value: Callable[[Point], int]) -> int:
    """The degree in one variable: the order of the last differences that are not 0, two more points confirming it."""
    values: list[int] = []
    for place in range(_MOST + 3):
        values.append(value((*base[:number], axes[number].at(place), *base[number + 1 :])))
        row = values
        order = 0
        while len(row) > 2:
            if not any(row):
                return order - 1 if order else 0
            row = [after - before for before, after in pairwise(row)]
            order += 1
    raise NotPolynomial(
        f"it is no polynomial of a degree up to {_MOST} in {axes[number].name}: {', '.join(map(str, values))}, …"
    )


def _sparse(
    axes: Sequence[Axis], base: Point, degrees: Sequence[int], value: Callable[[Point], int], random: Random
) -> Terms:
    """The terms, variable by variable; those that are not in yet stay at the base."""
    terms: Terms = {(): Fraction(value(base))}
    for number, degree in enumerate(degrees):
        rest = base[number + 1 :]
        places = random.sample(range(_SPAN), degree + 1)
        samples = []
        for place in places:
            at = axes[number].at(place)
            solved = _coefficients(list(terms), axes[:number], _with_tail(value, (at, *rest)), random)
            samples.append((at, solved))
        grown: Terms = {}
        for exponents in terms:
            column = [(at, solved[exponents]) for at, solved in samples]
            for power, coefficient in enumerate(_through(column)):
                if coefficient:
                    grown[(*exponents, power)] = coefficient
        terms = grown or {(0,) * (number + 1): Fraction(0)}
    return {exponents: coefficient for exponents, coefficient in terms.items() if coefficient}


def _with_tail(value: Callable[[Point], int], tail: Point) -> Callable[[Point], int]:
    """A function of the first variables, the others being fixed."""
    return lambda head: value((*head, *tail))


def _coefficients(
    monomials: list[tuple[int, ...]], axes: Sequence[Axis], value: Callable[[Point], int], random: Random
) -> Terms:
    """The coefficients of monomials, from as many evaluations: only points that bring a new equation are asked for."""
    rows: list[list[Fraction]] = []
    pivots: list[int] = []
    size = len(monomials)
    for _ in range(100 * size):
        if len(rows) == size:
            break
        point = tuple(axis.at(random.randrange(_SPAN)) for axis in axes)
        row = [Fraction(_monomial(one, point)) for one in monomials]
        # The row reduced by those before, with the same steps for its right side once that is known.
        factors = []
        for other, pivot in zip(rows, pivots, strict=True):
            factor = row[pivot]
            factors.append(factor)
            row = [one - factor * two for one, two in zip(row, other[:size], strict=True)]
        if not any(row):
            continue
        pivot = next(place for place, one in enumerate(row) if one)
        right = Fraction(value(point)) - sum(factor * other[size] for factor, other in zip(factors, rows, strict=True))
        scale = row[pivot]
        rows.append([*(one / scale for one in row), right / scale])
        pivots.append(pivot)
    if len(rows) < size:
        raise NotPolynomial(f"{size} terms cannot be told apart at {_SPAN} values of each variable")
    solution = [Fraction(0)] * size
    for row, pivot in reversed(list(zip(rows, pivots, strict=True))):
        solution[pivot] = row[size] - sum(row[place] * solution[place] for place in range(size) if place != pivot)
    return dict(zip(monomials, solution, strict=True))


def _through(points: list[tuple[int, Fraction]]) -> list[Fraction]:
    """The coefficients of the polynomial of one variable through points: Newton's differences, multiplied out."""
    table = [value for _, value in points]
    for order in range(1, len(points)):
        for place in range(len(points) - 1, order - 1, -1):
            table[place] = (table[place] - table[place - 1]) / (points[place][0] - points[place - order][0])
    found = [Fraction(0)] * len(points)
    for place in range(len(points) - 1, -1, -1):  # Horner: found*(x - points[place]) + table[place]
        at = points[place][0]
        shifted = [Fraction(0), *found[:-1]]
        found = [one - at * two for one, two in zip(shifted, found, strict=True)]
        found[0] += table[place]
    return found
