"""Names for sums that recur in formulas: `c1` for `stem + growth*depths[0]`, the channels after a block."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import combinations

from archspec.algebra.atoms import Sym
from archspec.algebra.facts import NO_FACTS
from archspec.algebra.poly import Atom, Coefficient, Dim, Monomial, Poly, monomial_power, monomial_product, terms
from archspec.algebra.prove import lower_bound
from archspec.formulas.rewrite import everywhere, length, parts, replaced

_PRODUCTS = 3  # so many products of two counts are a sign of sizes that grow along loops
_CROWD = 12  # what stands with so many different things is no sign of a sum
_TRIED = 4  # how many sums are tried for each name
_NAMES = 8  # how many names are given
_GAIN = 3  # how many terms a name must save

Pair = tuple[Monomial, int, Monomial, int]


def with_sums(
    dims: Sequence[Dim], used: set[str], counts: Collection[str] = ()
) -> tuple[list[Dim], list[tuple[str, Dim]]]:
    """The expressions with names for sums of two terms, which may be sums by name, and what the names mean.

    The names are added to `used`. `counts`: names of loop counts. Only what multiplies several of them gets names:
    sizes that grow along loops, on which later loops depend. Other formulas are easier to read count by count.
    """
    dims = list(dims)
    where: list[tuple[str, Dim]] = []
    letter = next((one for one in "cmnpqsxyz" if not any(f"{one}{i + 1}" in used for i in range(_NAMES))), None)
    if letter is None or len(_products(dims, counts)) < _PRODUCTS:
        return dims, where
    while len(where) < _NAMES:
        name = f"{letter}{len(where) + 1}"
        found = _best(dims, name, counts)
        if found is None:
            break
        dims, meaning = found
        used.add(name)
        where.append((name, meaning))
    return dims, where


def _products(dims: list[Dim], counts: Collection[str]) -> set[tuple[str, ...]]:
    """Which counts are multiplied with each other."""
    together: set[tuple[str, ...]] = set()
    for part in (part for dim in dims for part in parts(dim)):
        for monomial in part.by_monomial:
            names = [name for atom, _ in monomial for name in atom.symbols if name in counts]
            if len(names) > 1:
                together.add(tuple(sorted(names)))
    return together


def _best(dims: list[Dim], name: str, counts: Collection[str]) -> tuple[list[Dim], Dim] | None:
    """The expressions with the sum named that saves most, and the sum."""
    before = sum(map(length, dims))
    best: tuple[list[Dim], Dim] | None = None
    least = before - _GAIN
    for one, number, other, other_number in _recurring(dims, counts):
        old = Poly({one: number, other: other_number})
        change = partial(replaced, old=old, lead=one, new=((Sym(name, _lower(old)), 1),))
        tried = [everywhere(dim, change) for dim in dims]
        after = sum(map(length, tried))
        if after <= least:
            best, least = (tried, old), after - 1
    return best


def _lower(dim: Poly) -> int | None:
    """A bound of a sum whose terms are positive."""
    bounds = [lower_bound(atom, NO_FACTS) for monomial in dim.by_monomial for atom, _ in monomial]
    return 1 if min(dim.by_monomial.values()) > 0 and all(low is not None and low > 0 for low in bounds) else None


def _recurring(dims: list[Dim], counts: Collection[str]) -> list[Pair]:
    """The sums of two terms that stand most often with something."""
    times: dict[Pair, int] = {}
    for part in (part for dim in dims for part in parts(dim)):
        around: dict[Monomial, list[tuple[Monomial, Coefficient]]] = {}
        for coefficient, monomial in terms(part):
            for inside in _inside(monomial, counts):
                rest = monomial_product(monomial, monomial_power(inside, -1))
                if rest:
                    around.setdefault(rest, []).append((inside, coefficient))
        for together in around.values():
            if 1 < len(together) <= _CROWD:
                for pair in _pairs(together):
                    times[pair] = times.get(pair, 0) + 1
    return sorted((pair for pair in times if times[pair] >= _GAIN), key=lambda pair: -times[pair])[:_TRIED]


def _pairs(together: list[tuple[Monomial, Coefficient]]) -> Iterator[Pair]:
    for (one, number), (other, other_number) in combinations(together, 2):
        if {atom for atom, _ in one}.isdisjoint(atom for atom, _ in other) and (number > 0) is (other_number > 0):
            ratio = Fraction(number) / other_number
            yield one, abs(ratio.numerator), other, ratio.denominator


def _inside(monomial: Monomial, counts: Collection[str]) -> Iterator[Monomial]:
    """The symbols in a product, and the products of two of them; no counts alone."""
    symbols: list[Atom] = [atom for atom, e in monomial if isinstance(atom, Sym) and e > 0]
    for number, atom in enumerate(symbols):
        is_count = not atom.symbols.isdisjoint(counts)
        if not is_count:
            yield ((atom, 1),)
        for other in symbols[number + 1 :]:
            if not is_count or other.symbols.isdisjoint(counts):
                yield (atom, 1), (other, 1)
