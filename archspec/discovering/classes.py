"""Functions that are another polynomial for each remainder of a variable: found remainder by remainder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from time import monotonic

from archspec.discovering.axis import Axis
from archspec.discovering.interpolate import Found, Reach, Sampler, interpolate
from archspec.discovering.line import LONG_PERIODS, NotPolynomial, Periodic, Refused
from archspec.verify.errors import CannotVerify

MOST_CLASSES = 16
"""Where there are more combinations of remainders, only the first is found."""
_ROUNDS = 4


@dataclass(frozen=True)
class Pieces:
    """What was found: one polynomial, or one for each combination of remainders.

    found: the first is that of multiples, where there are periods. periods: by the names of variables; how many values
    there are in one. missing: combinations for which nothing was found, and why.
    """

    found: tuple[Found, ...]
    periods: dict[str, int]
    missing: int = 0
    why: str = ""


def by_class(
    axes: Sequence[Axis],
    value: Sampler,
    seed: int = 0,
    reach: Reach | None = None,
    left: Callable[[], float] = lambda: float("inf"),
) -> Pieces:
    """The polynomials that a function of whole numbers consists of. left: the seconds that may still pass.

    Raises `NotPolynomial` and what the function raises.
    """
    periods: dict[str, int] = {}
    for _ in range(_ROUNDS):
        multiples = [axis.multiples(periods.get(axis.name, 1)) for axis in axes]
        begin = monotonic()
        try:
            first = interpolate(_restricted(axes, periods, multiples), value, seed, reach)
        except Periodic as error:
            periods[error.name] = periods.get(error.name, 1) * error.period
            continue
        break
    else:
        said = ", ".join(f"{name} by {period}" for name, period in periods.items())
        raise NotPolynomial(f"it hangs on remainders ({said}), and is no polynomial for each: periods are longer than "
                            f"{max(LONG_PERIODS)}")  # fmt: skip
    others = [one for one in _remainders(axes, periods) if list(one) != multiples]
    many = prod(periods.values()) - 1
    if many >= MOST_CLASSES:
        return Pieces((first,), periods, many, f"at most {MOST_CLASSES} are looked at")
    seconds = monotonic() - begin
    if seconds * many > left():
        return Pieces((first,), periods, many, "they would take too long")
    return _all(first, others, axes, periods, value, seed, reach)


def _all(
    first: Found, others: list[tuple[int, ...]], axes: Sequence[Axis], periods: dict[str, int],
    value: Sampler, seed: int, reach: Reach | None,
) -> Pieces:  # fmt: skip
    """The formulas of other remainders too, as far as they are found."""
    found, missing, why = [first], 0, ""
    for remainders in others:
        try:
            found.append(interpolate(_restricted(axes, periods, remainders), value, seed, reach))
        except (NotPolynomial, Periodic, Refused, CannotVerify) as error:
            missing += 1
            why = why or str(error).partition("\n")[0]
            if isinstance(error, CannotVerify):  # the process is gone
                missing = len(others) + 1 - len(found)
                break
    return Pieces(tuple(found), periods, missing, why)


def _restricted(axes: Sequence[Axis], periods: dict[str, int], remainders: Sequence[int]) -> list[Axis]:
    """The axes at one remainder each."""
    return [
        axis.only(remainder, periods[axis.name]) if axis.name in periods else axis
        for axis, remainder in zip(axes, remainders, strict=True)
    ]


def _remainders(axes: Sequence[Axis], periods: dict[str, int]) -> Iterator[tuple[int, ...]]:
    """All combinations of the first places of classes; 0 for axes without a period."""
    return product(*(range(periods.get(axis.name, 1)) for axis in axes))
