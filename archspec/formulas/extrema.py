"""Minima and maxima that are easier to read: without arguments that never matter, and with what all share in front."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import lcm

from archspec.algebra.atoms import Max, Min
from archspec.algebra.division import times_term
from archspec.algebra.errors import AlgebraError
from archspec.algebra.evaluate import evaluate
from archspec.algebra.facts import NO_FACTS
from archspec.algebra.poly import Atom, Dim, free_symbols, monomial_power, monomial_product, term, terms
from archspec.algebra.prove import lower_bound, nonneg
from archspec.formulas.content import content

# Weights of the first of two arguments in a mean.
_SHARES = tuple(Fraction(n, d) for n, d in ((1, 2), (1, 3), (2, 3), (1, 4), (3, 4)))
_MANY = 40  # with more arguments, which of them matter is not asked

_POINTS = ((1, 4096), (4096, 1), (1, 3), (3, 1))  # where arguments are compared: most symbols, and one of them

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
    inner = type(atom)(tuple(times_term(arg, 1 / factor, inverse) for arg in args))
    return term(factor, monomial_product(shared, ((inner, 1),)))


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
        if any(_is_between(arg, pair, values, sign) for pair in combinations(others, 2)):
            kept = others
    return kept


def _values(args: list[Dim], sign: int) -> dict[Dim, Values]:
    """What the arguments are worth at some points, the better the greater: one symbol is large there, or small."""
    names = sorted(frozenset().union(*(free_symbols(arg) for arg in args)))
    values: dict[Dim, Values] = {arg: [] for arg in args}
    # Times a number, so that fractions come out even.
    number = lcm(*(coefficient.denominator for arg in args for coefficient, _ in terms(arg)))
    whole = [arg * number for arg in args]
    for most, one in _POINTS:
        for name in ("", *names):
            point = {**dict.fromkeys(names, most), name: one}
            try:
                found = [evaluate(arg, point) * sign for arg in whole]
            except AlgebraError:
                continue  # a quotient of symbols that does not come out even there
            for arg, value in zip(args, found, strict=True):
                values[arg].append(value)
    return values


def _is_between(arg: Dim, pair: tuple[Dim, Dim], values: dict[Dim, Values], sign: int) -> bool:
    """Whether a weighted mean of two others is proved to be as good, so that one of the two is."""
    one, other = pair
    points = list(zip(values[arg], values[one], values[other], strict=True))
    if any(x < own and y < own for own, x, y in points):
        return False
    for share in _SHARES:
        if all(share * x + (1 - share) * y >= own for own, x, y in points):
            mean = times_term(one, share, ()) + times_term(other, 1 - share, ())
            if nonneg((mean - arg) * sign, NO_FACTS):
                return True
    return False
