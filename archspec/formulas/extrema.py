"""Minima and maxima that are easier to read: without arguments that never matter, and with what all share in front."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import combinations

from archspec.algebra.atoms import Max, Min
from archspec.algebra.division import times_term
from archspec.algebra.facts import NO_FACTS
from archspec.algebra.poly import Atom, Coefficient, Dim, monomial_power, monomial_product, term, terms
from archspec.algebra.prove import lower_bound, nonneg
from archspec.algebra.witness import sample
from archspec.formulas.content import content

_SHARES = tuple(Fraction(n, d) for n, d in ((1, 2), (1, 3), (2, 3), (1, 4), (3, 4)))
_MANY = 40  # with more arguments, which of them matter is not asked


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
            short = _shorter(atom)
            if exponent < 0 or isinstance(short, int):
                short, exponent = term(1, ((atom, exponent),)), 1
            product = product * short**exponent
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
    number, inverse = abs(number), monomial_power(shared, -1)
    inner = type(atom)(tuple(times_term(arg, 1 / Fraction(number), inverse) for arg in args))
    return term(number, monomial_product(shared, ((inner, 1),)))


def at_least_zero(atom: Atom) -> bool:
    """Whether a factor is never negative."""
    low = lower_bound(atom, NO_FACTS)
    return low is not None and low >= 0


def _that_matter(args: list[Dim], sign: int) -> list[Dim]:
    """The arguments without those between two others: x + y is never above 2*x and 2*y both."""
    kept = list(args)
    for arg in sorted(args, key=lambda arg: len(list(terms(arg))), reverse=True):
        others = [other for other in kept if other is not arg]
        if len(others) > 1 and not _is_best_somewhere(arg, others, sign) and _is_between(arg, others, sign):
            kept = others
    return kept


def _values(dim: Dim, sign: int) -> list[Coefficient | None]:
    return [None if value is None else value * sign for value in sample(dim, NO_FACTS)]


def _is_best_somewhere(arg: Dim, others: list[Dim], sign: int) -> bool:
    """Whether there is a point at which no other argument is as good."""
    best = list(zip(*(_values(other, sign) for other in others), strict=True))
    for value, compared in zip(_values(arg, sign), best, strict=True):
        if value is not None and all(other is not None and other < value for other in compared):
            return True
    return False


def _is_between(arg: Dim, others: list[Dim], sign: int) -> bool:
    """Whether a weighted mean of two others is proved to be as good, so that one of the two is."""
    values = _values(arg, sign)
    for (one, ones), (other, others_values) in combinations([(dim, _values(dim, sign)) for dim in others], 2):
        points = [p for p in zip(values, ones, others_values, strict=True) if None not in p]
        if any(max(x, y) < value for value, x, y in points):
            continue
        for share in _SHARES:
            if all(share * x + (1 - share) * y >= value for value, x, y in points):
                mean = times_term(one, share, ()) + times_term(other, 1 - share, ())
                if nonneg((mean - arg) * sign, NO_FACTS):
                    return True
    return False
