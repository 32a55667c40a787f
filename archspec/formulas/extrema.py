"""Minima and maxima that are easier to read: without arguments that never matter, and with what all share in front."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, islice
from math import lcm

from archspec.algebra.atoms import Max, Min
from archspec.algebra.division import times_term
from archspec.algebra.errors import AlgebraError
from archspec.algebra.evaluate import evaluate
from archspec.algebra.facts import NO_FACTS
from archspec.algebra.integrality import is_integer
from archspec.algebra.poly import Atom, Dim, free_symbols, monomial_power, monomial_product, term, terms
from archspec.algebra.prove import lower_bound, nonneg
from archspec.formulas.content import content

# Weights of the first of two arguments in a mean.
_SHARES = tuple(Fraction(n, d) for n, d in ((1, 2), (1, 3), (2, 3), (1, 4), (3, 4)))
_MANY = 40  # with more arguments, which of them matter is not asked

_PROOFS = 8  # so many proofs are tried for each argument
_POINTS = 80  # at so many points arguments are compared
_SIZES = (1, 2, 3, 9, 17, 64, 4096)

Values = list[int]


def simplified(dim: Dim) -> Dim:
    """`dim` with its minima and maxima in a shorter form."""
    if isinstance(dim, int) or not any(isinstance(a, (Min, Max)) for m in dim.by_monomial for a, _ in m):
        return dim
    result: Dim = 0
    for coefficient, monomial in terms(dim):
        product = term(coefficient, tuple(factor for factor in monomial if not isinstance(factor[0], (Min, Max))))
        for atom, exponent in monomial:
            if not isinstance(atom, (Min, Max)):
                continue
            product = product * (_shorter(atom) ** exponent if exponent > 0 else term(1, ((atom, exponent),)))
        result = result + product
    return result


@lru_cache(maxsize=1 << 10)
def _shorter(atom: Min | Max) -> Dim:
    sign = 1 if isinstance(atom, Max) else -1
    args = [simplified(arg) for arg in atom.args]
    if len(args) <= _MANY:
        args = _that_matter(args, sign)
    if len(args) == 1:
        return args[0]
    number, shared, _ = content(tuple(pair for arg in args for pair in terms(arg)))
    # a*max(p, q) = max(a*p, a*q) for a >= 0.
    shared = tuple((atom, e) for atom, e in shared if e > 0 and at_least_zero(atom))
    factor, inverse = abs(Fraction(number)), monomial_power(shared, -1)
    divided = [times_term(arg, 1 / factor, inverse) for arg in args]
    if not all(map(is_integer, divided)):
        return term(1, ((type(atom)(tuple(args)), 1),))  # of d and d*H/heads, H/heads need not be an integer
    return term(factor, monomial_product(shared, ((type(atom)(tuple(divided)), 1),)))


def at_least_zero(atom: Atom) -> bool:
    """Whether a factor is never negative."""
    low = lower_bound(atom, NO_FACTS)
    return low is not None and low >= 0


def _that_matter(args: list[Dim], sign: int) -> list[Dim]:
    """The arguments without those between two others: x + y is never above 2*x and 2*y both."""
    values = _values(args, sign)
    kept = list(args)
    for arg in sorted(args, key=lambda arg: len(list(terms(arg))), reverse=True):
        others = [other for other in kept if other is not arg]
        best_of_others = map(max, zip(*(values[other] for other in others), strict=True))
        if any(own > best for own, best in zip(values[arg], best_of_others, strict=True)):
            continue
        means = _means(arg, others, values)
        if any(nonneg((mean - arg) * sign, NO_FACTS) for mean in islice(means, _PROOFS)):
            kept = others
    return kept


def _values(args: list[Dim], sign: int) -> dict[Dim, Values]:
    """What the arguments are worth at some points, the better the greater."""
    names = sorted(frozenset().union(*(free_symbols(arg) for arg in args)))
    values: dict[Dim, Values] = {arg: [] for arg in args}
    # Times a number, so that fractions come out even.
    number = lcm(*(coefficient.denominator for arg in args for coefficient, _ in terms(arg)))
    whole = [arg * number for arg in args]
    drawn = 0
    for _ in range(_POINTS):
        point = {}
        for name in names:
            drawn = (drawn * 1103515245 + 12345) % 2**31  # the same numbers in every run
            point[name] = _SIZES[(drawn >> 16) % len(_SIZES)]
        try:
            found = [evaluate(arg, point) * sign for arg in whole]
        except AlgebraError:
            continue  # a quotient of symbols that does not come out even there
        for arg, value in zip(args, found, strict=True):
            values[arg].append(value)
    return values


def _means(arg: Dim, others: list[Dim], values: dict[Dim, Values]) -> Iterator[Dim]:
    """Weighted means of two others that seem to be as good: if one is, so is one of the two."""
    own = values[arg]
    for one, other in combinations(others, 2):
        points = list(zip(own, values[one], values[other], strict=True))
        if any(x < least and y < least for least, x, y in points):
            continue
        for share in _SHARES:
            if all(share * x + (1 - share) * y >= least for least, x, y in points):
                yield times_term(one, share, ()) + times_term(other, 1 - share, ())
