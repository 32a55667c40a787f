"""Seeing that an expression has integer values though fractions stand in it."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import gcd, prod

from archspec.algebra.atoms import Inverse, Power, Sum, Sym
from archspec.algebra.division import over_common_denominator
from archspec.algebra.facts import NO_FACTS, Facts
from archspec.algebra.poly import Atom, Dim, Monomial, monomial_power, monomial_product, term, terms
from archspec.algebra.prove import nonneg

_GRID = 200  # at most so many points are tried to see that a polynomial has integer values


def is_integer(dim: Dim, facts: Facts = NO_FACTS) -> bool:
    """Whether `dim` is proved to be an integer: no fraction is left after known integer ratios are taken out."""
    if isinstance(dim, int):
        return True
    key = ("integer", dim)
    memo = facts.memo
    if key not in memo:
        memo[key] = _is_integer(dim, facts, 4)
    return memo[key] is True


def _is_integer(dim: Dim, facts: Facts, depth: int) -> bool:
    loose = next(((c, m) for c, m in terms(dim) if not is_plain(c, m, facts)), None)
    if loose is None:
        return True
    if depth == 0:
        return False
    coefficient, monomial = loose
    below = {atom for atom, e in monomial if e < 0}
    for ratio in facts.ratios:
        for m, c in ratio.by_monomial.items():
            if gcd(c.denominator, coefficient.denominator) == 1 and not any(e < 0 and a in below for a, e in m):
                continue  # does not help against this fraction
            factor = term(Fraction(coefficient) / c, monomial_product(monomial, monomial_power(m, -1)))
            # A ratio of one term leaves fewer terms, which is progress enough.
            left = depth if len(ratio.by_monomial) == 1 else depth - 1
            if _is_integer(factor, facts, depth - 1) and _is_integer(dim - ratio * factor, facts, left):
                return True
    return _has_integer_values(dim, facts)


def is_plain(coefficient: object, monomial: Monomial, facts: Facts) -> bool:
    """Whether a term is an integer by the look of it."""
    return coefficient.__class__ is int and is_plain_monomial(monomial, facts)


def is_plain_monomial(monomial: Monomial, facts: Facts) -> bool:
    """Whether it is a product of things that are integers by themselves."""
    return all(e > 0 and (atom.__class__ is Sym or _is_whole(atom, facts)) for atom, e in monomial)


def _is_whole(atom: Atom, facts: Facts) -> bool:
    if isinstance(atom, Power):
        return nonneg(atom.exponent, facts)
    if isinstance(atom, Sum):
        return is_integer(atom.body, facts)
    return not isinstance(atom, Inverse)


def _has_integer_values(dim: Dim, facts: Facts) -> bool:
    """Whether a polynomial with fractions, such as `n*(n - 1)/2`, is an integer for all integers."""
    # It is one everywhere if it is one on a grid of 0, 1, …, degree in each variable (Newton's forward differences).
    degrees: dict[Atom, int] = {}
    for _, monomial in terms(dim):
        if not is_plain_monomial(monomial, facts):
            return False
        for atom, exponent in monomial:
            degrees[atom] = max(exponent, degrees.get(atom, 0))
    if prod(d + 1 for d in degrees.values()) > _GRID:
        return False
    above, below = over_common_denominator(dim)
    pairs = list(terms(above))
    for point in product(*(range(d + 1) for d in degrees.values())):
        at = dict(zip(degrees, point, strict=True))
        if sum(int(c) * prod(at[atom] ** e for atom, e in m) for c, m in pairs) % below:
            return False
    return True
