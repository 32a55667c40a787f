"""The closed forms that count layers, against counting them."""

from __future__ import annotations

import pytest

from archspec.algebra import Facts, evaluate, symbol
from archspec.formats.places import EIGHTH, EVERYWHERE, MORE_BITS, SIXTEENTH, Series, first
from archspec.formulas import to_text

PLACES = (EVERYWHERE, EIGHTH, SIXTEENTH, MORE_BITS, first(2), first(4))


def facts() -> Facts:
    known = Facts()
    known.assume_at_least("n", 1)
    return known


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.text)
@pytest.mark.parametrize("stride", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("before", [0, 1, 3])
def test_a_series_in_the_middle_of_others(place, stride: int, before: int) -> None:  # type: ignore[no-untyped-def]
    turns = symbol("n", 1)
    total = before + stride * turns + 2
    for offset in (before, before + stride - 1):
        counted = place.count(Series(offset, stride, turns), total, facts())
        for n in range(1, 50):
            layers = before + stride * n + 2
            expected = sum(place.holds(offset + stride * t, layers) for t in range(n))
            assert evaluate(counted, {"n": n}) == expected, (n, offset)


def test_more_bits_in_one_line() -> None:
    n = symbol("n", 1)
    counted = MORE_BITS.count(Series(0, 1, n), n, facts())
    assert to_text(counted) == "n + ⌊(7*n + 16*⌊n/8⌋)/24⌋ - ⌊7*n/8⌋"
    assert [evaluate(counted, {"n": layers}) for layers in (12, 32, 80)] == [6, 16, 40]
