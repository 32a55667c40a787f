"""Which layers a rule of a recipe is for, by their number i of n; and how many they are, in closed form.

A rule is a union of disjoint sets: the first layers, the last layers, and every third of those between. Layers with
the numbers offset, offset + stride, … are counted, so that loops in which several tensors of a role stand count right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archspec.algebra import Dim, Facts, ceildiv, floordiv, maximum, minimum, mod


@dataclass(frozen=True)
class Series:
    """The numbers `offset + stride*t` for t from 0 to `turns - 1`."""

    offset: Dim
    stride: int
    turns: Dim

    def below(self, bound: Dim, facts: Facts) -> Dim:
        """How many of them are below a bound."""
        return maximum((0, minimum((self.turns, ceildiv(bound - self.offset, self.stride, facts)), facts)), facts)

    def every_third(self, start: Dim, stop: Dim, facts: Facts) -> Dim:
        """How many of the numbers x with `start <= x < stop` have `(x - start) % 3 == 2`."""
        low, high = self.below(start, facts), self.below(stop, facts)
        wanted = start + 2 - self.offset  # stride*t = wanted (mod 3)
        step = self.stride % 3
        if step == 0:
            # Either all of them or none: 1 - ceil(r/3) is 1 for the remainder r = 0, and 0 for 1 and 2.
            return (high - low) * (1 - ceildiv(mod(wanted, 3, facts), 3, facts))
        # 1 and 2 are their own inverses (mod 3): t = step*wanted. Of the t in [low, high) with that remainder there
        # are ceil((high - t)/3) - ceil((low - t)/3).
        turn = step * wanted
        return ceildiv(high - turn, 3, facts) - ceildiv(low - turn, 3, facts)


@dataclass(frozen=True)
class Place:
    """A set of layers. holds(i, n): whether layer i of n is in it; count: how many numbers of a series are."""

    text: str
    holds: Callable[[int, int], bool]
    count: Callable[[Series, Dim, Facts], Dim]


EVERYWHERE = Place("every layer", lambda i, n: True, lambda series, n, facts: series.turns)

EIGHTH = Place(
    "i < n//8",
    lambda i, n: i < n // 8,
    lambda series, n, facts: series.below(floordiv(n, 8, facts), facts),
)

SIXTEENTH = Place(
    "i < n//16",
    lambda i, n: i < n // 16,
    lambda series, n, facts: series.below(floordiv(n, 16, facts), facts),
)


def first(count: int) -> Place:
    """The first few layers."""
    return Place(f"i < {count}", lambda i, n: i < count, lambda series, n, facts: series.below(count, facts))


def _more_bits(series: Series, n: Dim, facts: Facts) -> Dim:
    start, stop = floordiv(n, 8, facts), floordiv(7 * n, 8, facts)
    ends = series.below(start, facts) + series.turns - series.below(stop, facts)
    return ends + series.every_third(start, stop, facts)


MORE_BITS = Place(
    "i < n//8 or i >= 7*n//8 or (i - n//8) % 3 == 2",
    lambda i, n: i < n // 8 or i >= 7 * n // 8 or (i - n // 8) % 3 == 2,
    _more_bits,
)
"""llama-quant.cpp, `use_more_bits`. In C a negative `(i - n//8) % 3` is never 2; such i are below n//8 anyway."""
