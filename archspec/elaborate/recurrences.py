"""Closed forms for an axis that changes from turn to turn, guessed from its first three values.

A guess is only ever used after it was verified by running the body from it (see `loops`).
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.algebra import AlgebraError, Dim, Facts, Poly, divide, divisible, floordiv, power, substitute

LARGEST_STRIDE = 8


def solve(sizes: tuple[Dim, Dim, Dim], turn: Poly, symbolic: Dim | None, facts: Facts) -> list[Dim]:
    """Every f(turn) found with f(0), f(1), f(2) as given.

    `symbolic`: what the body leaves at turn `turn`; if that does not hang on what it entered with, f(turn + 1) is it.
    """
    first, second, third = sizes
    if first == second == third:
        return [first]
    found = (
        _affine(first, second, third, turn),
        _geometric(first, second, third, turn, facts),
        *_floors(first, second, third, turn, facts),
        _direct(sizes, turn, symbolic, facts),
    )
    return list(dict.fromkeys(size for size in found if size is not None))


def _affine(first: Dim, second: Dim, third: Dim, turn: Poly) -> Dim | None:
    step = second - first
    return first + turn * step if third - second == step else None


def _geometric(first: Dim, second: Dim, third: Dim, turn: Poly, facts: Facts) -> Dim | None:
    if divisible(second, first, facts) is not True:
        return None
    ratio = divide(second, first, facts)
    if third != second * ratio:
        return None
    try:
        return first * power(ratio, turn, facts)
    except AlgebraError:
        return None


def _floors(first: Dim, second: Dim, third: Dim, turn: Poly, facts: Facts) -> Iterator[Dim]:
    """⌊(x + a)/b⌋ again and again: ⌊(x + a·(bᵗ − 1)/(b − 1))/bᵗ⌋, as nested floors flatten and the offsets add up."""
    for base in range(2, LARGEST_STRIDE + 1):
        for offset in range(-base, base):
            if floordiv(first + offset, base, facts) != second or floordiv(second + offset, base, facts) != third:
                continue
            stride = power(base, turn, facts)
            yield floordiv(first + divide(offset * stride - offset, base - 1, facts), stride, facts)


def _direct(sizes: tuple[Dim, Dim, Dim], turn: Poly, symbolic: Dim | None, facts: Facts) -> Dim | None:
    if symbolic is None:
        return None
    (name,) = turn.symbols
    candidate = substitute(symbolic, {name: turn - 1}, facts)
    values = [substitute(candidate, {name: index}, facts) for index in range(3)]
    return candidate if values == list(sizes) else None
