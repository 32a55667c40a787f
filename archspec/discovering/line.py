"""How a function runs along one of its variables: as a polynomial, or as one for each remainder of a period.

A floor such as ⌈n/32⌉ makes no polynomial of n, but one along every 32nd value. Where what remains is a straight line,
the steps of the function say which floors it consists of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from math import comb
from random import Random

from archspec.discovering.axis import Axis

Line = Callable[[int], int]
"""The value at a place."""
Affordable = Callable[[int, float], bool]
"""Whether a value is small enough to be asked for, which is so many times as far away as the last."""

MOST_DEGREE = 6
"""The highest degree in one variable that is tried."""
LONG_PERIODS = (64, 48, 60, 56, 36)
"""After how many places a function may repeat its ways: these, or what divides one of them."""
SHORT_PERIODS = (2, 3, 4, 5, 6, 7, 8, 10, 12)
"""Those that are tried where the function does not go that far."""
MOST_FLOORS = 8
_FAR = 130
"""How far along a variable it is looked whether it goes on as it began; twice the longest period."""


class Refused(Exception):
    """The function has no value there, for a reason that it gave."""


class NotPolynomial(Exception):
    """No polynomial of a moderate degree goes through the values; the message says where that was seen."""


class Periodic(Exception):
    """Along an axis, the function is a polynomial for each remainder of a period, and its floors are not told apart."""

    def __init__(self, name: str, period: int) -> None:
        super().__init__(f"a polynomial of {name} for each remainder by {period}")
        self.name = name
        self.period = period


def follow(axis: Axis, line: Line, affordable: Affordable, random: Random) -> Axis:
    """The axis, with its degree or its floors. Raises `NotPolynomial`, `Periodic`, and what the function raises."""
    plain = _along(line, affordable, random)
    if not isinstance(plain, str):
        return axis.with_(degree=plain[0], reach=plain[1])
    period, degree, reach = _period(line, affordable, random)
    if not period:
        raise NotPolynomial(
            f"it is no polynomial of a degree up to {MOST_DEGREE} in {axis.name}, nor one for each remainder by a "
            f"number up to {max(LONG_PERIODS)}: {plain}"
        )
    floors = _floors(line, period) if degree < 2 else None
    if floors is None:
        raise Periodic(axis.name, period)
    return _with_floors(axis, floors, period, reach)


def _period(line: Line, affordable: Affordable, random: Random) -> tuple[int, int, int]:
    """The shortest period, the degree for one remainder, and how far it was looked; zeros where there is none."""
    refused = False
    for long in LONG_PERIODS:
        try:
            if isinstance(_along(line, affordable, random, long), str):
                continue
        except Refused:
            refused = True
            continue
        for period in (one for one in range(2, long + 1) if long % one == 0):
            found = _repeated(line, affordable, random, period)
            if found is not None:
                return period, *found
    for period in SHORT_PERIODS if refused else ():
        try:
            found = _repeated(line, affordable, random, period)
        except Refused:
            break
        if found is not None:
            return period, *found
    return 0, 0, 0


def _repeated(line: Line, affordable: Affordable, random: Random, period: int) -> tuple[int, int] | None:
    """The degree and the last place that was looked at, where some remainders by a period have a polynomial each."""
    best = (0, 0)
    for first in (0, *random.sample(range(1, period), min(2, period - 1))):
        found = _along(line, affordable, random, period, first)
        if isinstance(found, str):
            return None
        best = max(best[0], found[0]), max(best[1], found[1])
    return best


def _along(
    whole: Line, affordable: Affordable, random: Random, period: int = 1, first: int = 0
) -> tuple[int, int] | str:
    """The degree of what may be a polynomial of every `period`-th place, and the last place at which it was seen to be
    one; what speaks against it where it is none.
    """

    def line(turn: int) -> int:
        return whole(first + period * turn)

    values: list[int] = []
    most = MOST_DEGREE if period == 1 else 3
    differences = None
    for turn in range(most + 3):
        values.append(line(turn))
        differences = _differences(values)
        if differences is not None:
            break
    said = f"{', '.join(map(str, values))}, …"
    if differences is None:
        return said
    reach = len(values) - 1
    for least, bound in ((reach + 1, _FAR // 2), (_FAR // 2, _FAR)):
        turn = random.randrange(least, max(bound, least) + 1) // period
        while turn > reach:
            expected = sum(comb(turn, order) * one for order, one in enumerate(differences))
            try:
                if affordable(expected, turn / reach):
                    if line(turn) != expected:
                        return f"{said} and, {turn - len(values) + 1} later, {line(turn)}, not {expected}"
                    reach = turn
                    break
            except Refused:
                pass
            turn = reach + (turn - reach) // 2
    return len(differences) - 1, reach * period


def _differences(values: list[int]) -> list[int] | None:
    """The first value, first difference and so on, up to the last that are not 0, two more points confirming it."""
    row = values
    first: list[int] = []
    while len(row) > 2:
        if not any(row):
            return first or [0]
        first.append(row[0])
        row = [after - before for before, after in pairwise(row)]
    return None


# --- floors -----------------------------------------------------------------------------------------


def _floors(line: Line, period: int) -> list[tuple[int, int]] | None:
    """The floors of a function that repeats its steps: (divisor, place at whose end it steps) for each, or None."""
    values = [line(place) for place in range(period + 1)]
    if line(2 * period - 1) - line(period - 1) != values[period] - values[0]:
        return None
    steps = [after - before for before, after in pairwise(values)]
    # Each step may be the one that is taken without a floor: the shortest answer is.
    answers = [_decomposed([one - usual for one in steps]) for usual in sorted({*steps, 0}, key=abs)]
    return min((one for one in answers if one is not None), key=len, default=None)


def _decomposed(steps: list[int]) -> list[tuple[int, int]] | None:
    """The floors whose steps add up to these; None where there are many."""
    period = len(steps)
    found: list[tuple[int, int]] = []
    for divisor in (one for one in range(2, period + 1) if period % one == 0):
        for remainder in range(divisor):
            size = _usual(steps[remainder::divisor])
            if not size:
                continue
            found.append((divisor, remainder))
            for place in range(remainder, period, divisor):
                steps[place] -= size
        if len(found) > MOST_FLOORS:
            return None
    return found


def _usual(steps: list[int]) -> int:
    """The step that is taken most often; the smallest of several."""
    counts = Counter(steps)
    return min(counts, key=lambda one: (-counts[one], abs(one), one))


def _with_floors(axis: Axis, floors: list[tuple[int, int]], period: int, reach: int) -> Axis:
    """An axis with floors of its values, from floors of its places: ⌊(k + c)/q⌋ is ⌊(x - start + step*c)/(step*q)⌋."""
    pairs = []
    for divisor, remainder in floors:
        whole = axis.step * divisor
        pairs.append((whole, (axis.step * (divisor - 1 - remainder) - axis.start) % whole))
    nested = all(
        after[0] % before[0] == 0 and (after[1] - before[1]) % before[0] == 0 for before, after in pairwise(floors)
    )
    return axis.with_(degree=1, floors=tuple(pairs), period=period, nested=nested, reach=max(reach, 2 * period))
