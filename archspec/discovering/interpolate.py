"""Zippel's sparse interpolation: few evaluations, for few terms are there.

Zippel, "Probabilistic algorithms for sparse polynomials", 1979. Variables are taken in one by one. The terms in those
so far are known at one value of the next; at any other value the same ones occur, except for unlucky values of the
rest, and solving for their coefficients takes as many evaluations as there are terms. What is found is then compared
at points far from those that it was found at. Floors of a variable are factors as its powers are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from time import monotonic

from archspec.discovering.axis import Axis
from archspec.discovering.line import NotPolynomial, Refused, follow
from archspec.discovering.linear import Equations

Point = tuple[int, ...]
Terms = dict[tuple[int, ...], Fraction]
"""Coefficients by the factors of the variables: their exponents, where there are no floors."""

_ATTEMPTS = 6
_HOLDOUTS = range(4, 17)
"""How many there are: as many as bring the chance below a thousandth."""
_BASE = 4
"""Most evaluations are near the base: that of a model with few layers takes less time."""
_CHECKS = 8
"""So many values say whether floors that were found are all there are."""
_CHANCE = Fraction(1, 1000)


@dataclass(frozen=True)
class Reach:
    """How large the points are that a function is asked for.

    span: points that are interpolated through have one of so many values in each variable. choices: from how many
    values beyond those each variable of a hold-out is drawn; fewer where they cost too much. limit: values that are
    expected to be larger are not asked for. seconds: nor are those that would take longer, as far as is foreseen.
    """

    span: int = 9
    choices: int = 36
    limit: int | None = None
    seconds: float = 1.0

    def affordable(self, value: int | Fraction) -> bool:
        """Whether a value is small enough to be asked for."""
        return self.limit is None or value <= self.limit


@dataclass(frozen=True)
class Found:
    """A polynomial of variables and their floors, and what speaks for it.

    holdouts: points with their values, none of which was interpolated through. choices: from how many values each
    variable of them was drawn.
    """

    axes: tuple[Axis, ...]
    terms: Terms
    holdouts: tuple[tuple[Point, int], ...]
    choices: tuple[int, ...]

    @property
    def degree(self) -> int:
        """The total degree; a floor counts as its variable does."""
        return max((sum(_powers(self.axes, factors)) for factors in self.terms), default=0)

    @property
    def degrees(self) -> tuple[int, ...]:
        """The degree in each variable."""
        rows = [_powers(self.axes, factors) for factors in self.terms]
        return tuple(max((row[number] for row in rows), default=0) for number in range(len(self.axes)))

    @property
    def chance(self) -> Fraction:
        """Schwartz and Zippel: at most so likely is it that another formula of these factors agrees at all hold-outs,
        which were drawn at random.
        """
        return (1 - differs(self.axes, self.choices)) ** len(self.holdouts)


def differs(axes: Sequence[Axis], choices: Sequence[int]) -> Fraction:
    """How likely it is, at least, that two formulas differ at a point: variable by variable."""
    product = Fraction(1)
    for axis, many in zip(axes, choices, strict=True):
        product *= 1 - axis.zeros(many)
    return product


def _powers(axes: Sequence[Axis], factors: tuple[int, ...]) -> list[int]:
    return [min(index, 1) if axis.floors else index for axis, index in zip(axes, factors, strict=True)]


class Sampler:
    """A function that remembers its values. seconds: what the last one took."""

    def __init__(self, function: Callable[[Point], int]) -> None:
        self.known: dict[Point, int] = {}
        self.seconds = 0.0
        self._function = function

    def __call__(self, point: Point) -> int:
        """The value at a point."""
        begin = monotonic()
        if point not in self.known:
            self.known[point] = self._function(point)
        self.seconds = monotonic() - begin
        return self.known[point]


def interpolate(axes: Sequence[Axis], value: Sampler, seed: int = 0, reach: Reach | None = None) -> Found:
    """The polynomial that a function of whole numbers is. Raises `NotPolynomial`, `Periodic`, and what the function
    raises; `Refused` is no obstacle far away from the grid.
    """
    reach = reach or Reach()
    random = Random(seed)
    reason = ""
    for attempt in range(_ATTEMPTS):
        followed, base = _followed(axes, value, reach, random, _BASE + attempt)
        # The terms grow with each variable: those with many factors come first.
        order = sorted(range(len(axes)), key=lambda number: -followed[number].factors)
        terms = _sparse([followed[one] for one in order], order, base, value, reach, random)
        back = sorted(range(len(axes)), key=lambda number: order[number])
        terms = {tuple(factors[one] for one in back): coefficient for factors, coefficient in terms.items()}
        found = _held_out(followed, terms, value, reach, random)
        if isinstance(found, Found):
            return found
        reason = found
    raise NotPolynomial(f"no polynomial fits: {reason}")


def _followed(
    axes: Sequence[Axis], value: Sampler, reach: Reach, random: Random, most: int
) -> tuple[list[Axis], Point]:
    """The axes, each with what the function is along it, and the point through which it was followed.

    Floors are 0 for small values, and so are terms that have them as a factor: once floors are found, the point is
    moved to where they are not, and the axes that were followed before are looked at again.
    """
    base = [axis.at(random.randrange(1, min(reach.span, most))) for axis in axes]
    found = list(axes)
    where: list[Point | None] = [None for _ in axes]

    def affordable(expected: int, times: float) -> bool:
        return reach.affordable(expected) and value.seconds * times <= reach.seconds

    for _ in range(1 + len(axes)):
        for number, axis in enumerate(axes):
            if where[number] == tuple(base):
                continue

            def line(place: int, number: int = number, axis: Axis = axis) -> int:
                return value((*base[:number], axis.at(place), *base[number + 1 :]))

            if not (found[number].floors and _still(found[number], line, random)):
                found[number] = follow(axis, line, affordable, random)
            period = found[number].period
            if found[number].floors and base[number] < axis.at(period):
                base[number] = axis.at(random.randrange(period, 2 * period))
            where[number] = tuple(base)
        if all(one == tuple(base) for one in where):
            break
    return found, tuple(base)


def _still(axis: Axis, line: Callable[[int], int], random: Random) -> bool:
    """Whether a function is of these floors along an axis, as it was elsewhere."""
    equations = Equations(axis.factors)
    values: list[int] = []
    places = random.sample(range(2 * axis.period), 2 * axis.period)
    checked = 0
    for place in places:
        row = [axis.factor(index, axis.at(place)) for index in range(axis.factors)]
        if not equations.complete:
            if equations.add(row):
                values.append(line(place))
        elif checked < _CHECKS:
            checked += 1
            factors = zip(row, equations.solve(values), strict=True)
            if sum(one * coefficient for one, coefficient in factors) != line(place):
                return False
    return True


def evaluate(axes: Sequence[Axis], terms: Terms, point: Sequence[int]) -> Fraction:
    """A polynomial at a point."""
    return sum((coefficient * _term(axes, factors, point) for factors, coefficient in terms.items()), Fraction())


def _term(axes: Sequence[Axis], factors: Sequence[int], point: Sequence[int]) -> int:
    product = 1
    for axis, index, one in zip(axes, factors, point, strict=True):
        if index:
            product *= axis.factor(index, one)
    return product


def _span(axis: Axis, reach: Reach) -> int:
    """How many places of an axis are interpolated through."""
    if axis.floors:
        return 2 * axis.period
    return max(axis.degree + 2, min(reach.span, axis.reach + 1))


# --- terms ------------------------------------------------------------------------------------------


def _sparse(
    axes: Sequence[Axis], order: Sequence[int], base: Point, value: Sampler, reach: Reach, random: Random
) -> Terms:
    """The terms, variable by variable, in the order given; those that are not in yet stay at the base."""
    start = [base[one] for one in order]
    back = sorted(range(len(order)), key=lambda number: order[number])

    def at(point: Sequence[int]) -> int:
        return value(tuple(point[one] for one in back))

    terms: Terms = {(): Fraction(at(start))}
    for number, axis in enumerate(axes):
        if axis.factors == 1:
            terms = {(*factors, 0): coefficient for factors, coefficient in terms.items()}
            continue
        points, equations = _points(list(terms), axes[:number], reach, random)
        values, columns = _places(axis, start[number], reach, random)
        # At the base the coefficients are known already.
        samples = [list(terms.values())]
        for one in values[1:]:
            samples.append(equations.solve([at((*head, one, *start[number + 1 :])) for head in points]))
        grown: Terms = {}
        for place, factors in enumerate(terms):
            for index, coefficient in enumerate(columns.solve([sample[place] for sample in samples])):
                if coefficient:
                    grown[(*factors, index)] = coefficient
        terms = grown or {(0,) * (number + 1): Fraction(0)}
    return {factors: coefficient for factors, coefficient in terms.items() if coefficient}


def _points(
    terms: list[tuple[int, ...]], axes: Sequence[Axis], reach: Reach, random: Random
) -> tuple[list[Point], Equations]:
    """As many points as there are terms, at which these can be told apart."""
    equations = Equations(len(terms))
    points: list[Point] = []
    for _ in range(200 * len(terms)):
        if equations.complete:
            return points, equations
        point = tuple(axis.at(random.randrange(_span(axis, reach))) for axis in axes)
        if equations.add([_term(axes, one, point) for one in terms]):
            points.append(point)
    if not equations.complete:
        raise NotPolynomial(f"{len(terms)} terms cannot be told apart at {reach.span} values of each variable")
    return points, equations


def _places(axis: Axis, start: int, reach: Reach, random: Random) -> tuple[list[int], Equations]:
    """Values of a variable, the given one first, at which its factors can be told apart."""
    equations = Equations(axis.factors)
    equations.add([axis.factor(index, start) for index in range(axis.factors)])
    values = [start]
    candidates = [axis.at(place) for place in range(_span(axis, reach))]
    random.shuffle(candidates)
    for one in candidates:
        if not equations.complete and equations.add([axis.factor(index, one) for index in range(axis.factors)]):
            values.append(one)
    if not equations.complete:
        raise NotPolynomial(f"the floors of {axis.name} cannot be told apart")
    return values, equations


# --- hold-outs --------------------------------------------------------------------------------------


def _held_out(axes: Sequence[Axis], terms: Terms, value: Sampler, reach: Reach, random: Random) -> Found | str:
    """What is found, with hold-outs at which it is right; or where it is wrong.

    They are as far as the limit and the function allow: where one is refused, nearer ones are drawn.
    """
    for choices in (reach.choices, reach.choices // 2, reach.choices // 4, 2):
        ranges = [_range(axis, choices, choices == reach.choices, reach) for axis in axes]
        corner = [axis.at(beyond[-1]) for axis, beyond in zip(axes, ranges, strict=True)]
        if choices > 2 and not reach.affordable(evaluate(axes, terms, corner)):
            continue
        drawn = tuple(len(beyond) for beyond in ranges)
        once = 1 - differs(axes, drawn)
        many = next((many for many in _HOLDOUTS if once**many < _CHANCE), _HOLDOUTS[-1])
        holdouts: list[tuple[Point, int]] = []
        try:
            for _ in range(many):
                point = tuple(axis.at(random.choice(beyond)) for axis, beyond in zip(axes, ranges, strict=True))
                expected = evaluate(axes, terms, point)
                holdouts.append((point, value(point)))
                if choices > 2 and value.seconds > 2 * reach.seconds:
                    raise Refused("it takes long")
                if value(point) != expected:
                    names = ", ".join(f"{axis.name} = {one}" for axis, one in zip(axes, point, strict=True))
                    return f"at {names} it is {value(point)}, not {expected}"
        except Refused:
            if choices == 2:
                raise
            continue
        return Found(tuple(axes), terms, tuple(holdouts), drawn)
    raise AssertionError("the last choices are taken whatever they cost")


def _range(axis: Axis, choices: int, far: bool, reach: Reach) -> range:
    """The places that hold-outs are drawn from: beyond the grid, but where the variable goes no further."""
    span = _span(axis, reach)
    many = axis.period * (2 if far else 1) if axis.floors else max(choices, 1 + axis.degree)
    end = min(span + many, axis.reach + 1)
    whole = end == span + many if axis.floors else end > span + axis.degree
    return range(span, end) if whole else range(span if axis.floors else end)
