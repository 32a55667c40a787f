"""Sums over an index in closed form: polynomials in the index, geometric ones, and their products."""

from __future__ import annotations

from fractions import Fraction
from functools import cache, lru_cache
from math import comb

from archspec.algebra.atoms import Power, Sum, Sym
from archspec.algebra.facts import NO_FACTS, Facts
from archspec.algebra.poly import Dim, Monomial, Poly, free_symbols, from_atom, scaled, term, terms
from archspec.algebra.powers import power
from archspec.algebra.substitute import substitute

_WRITTEN_OUT = 64  # a sum without closed form over at most so many turns is added up


def sum_over(body: Dim, index: str, low: Dim, high: Dim, facts: Facts = NO_FACTS) -> Dim:
    """The sum of `body` for `index` from `low` to `high - 1`; 0 for `high == low`. `high >= low` is taken for granted.

    Powers of the index (of any degree), times `r**index` with a number `r`, are summed in closed form. Of the rest,
    what does not hold the index is taken out and a `Sum` atom remains.
    """
    if index not in free_symbols(body):
        return body * (high - low)
    closed: dict[Fraction, dict[int, Dim]] = {}
    bases: dict[Fraction, dict[int, int]] = {}
    loose: dict[Monomial, Dim] = {}
    for coefficient, monomial in terms(body):
        inside = tuple(factor for factor in monomial if index in factor[0].symbols)
        outside = term(coefficient, tuple(factor for factor in monomial if index not in factor[0].symbols))
        shape = _closed_shape(inside, index)
        if shape is None:
            loose[inside] = loose.get(inside, 0) + outside
            continue
        degree, primes = shape
        ratio = Fraction(1)
        for prime, exponent in primes.items():
            ratio *= Fraction(prime) ** exponent
        bases[ratio] = primes
        by_degree = closed.setdefault(ratio, {})
        by_degree[degree] = by_degree.get(degree, 0) + outside
    result: Dim = 0
    for ratio, by_degree in closed.items():
        for degree, factor in by_degree.items():
            result = result + factor * _sum_closed(degree, ratio, bases[ratio], low, high)
    for inside, factor in loose.items():
        result = result + factor * _sum_loose(inside, index, low, high, facts)
    return result


def _closed_shape(inside: Monomial, index: str) -> tuple[int, dict[int, int]] | None:
    """A product of `index**k` and `p**index` as k and the exponents of the primes p; None if it is not one."""
    degree = 0
    primes: dict[int, int] = {}
    for atom, exponent in inside:
        if isinstance(atom, Sym) and exponent > 0:
            degree = exponent
        elif isinstance(atom, Power) and isinstance(atom.base, int) and _is_symbol(atom.exponent, index):
            primes[atom.base] = exponent
        else:
            return None
    return degree, primes


def _is_symbol(dim: Poly, name: str) -> bool:
    """Whether `dim` is that symbol alone."""
    ((monomial, coefficient), *rest) = dim.by_monomial.items()
    if rest or coefficient != 1 or len(monomial) != 1 or monomial[0][1] != 1:
        return False
    atom = monomial[0][0]
    return isinstance(atom, Sym) and atom.name == name


def _sum_closed(degree: int, ratio: Fraction, primes: dict[int, int], low: Dim, high: Dim) -> Dim:
    """The sum of `i**degree * ratio**i` over i from `low` to `high - 1`."""
    coefficients = _antidifference(degree, ratio)
    result: Dim = 0
    for sign, end in ((1, high), (-1, low)):
        at_end: Dim = 0
        for exponent, coefficient in enumerate(coefficients):
            if coefficient:
                at_end = at_end + scaled(end**exponent, coefficient)
        for prime, exponent in primes.items():
            at_end = at_end * power(prime, end * exponent)
        result = result + at_end * sign
    return result


@lru_cache(maxsize=256)
def _antidifference(degree: int, ratio: Fraction) -> tuple[Fraction, ...]:
    """Coefficients of the polynomial q with `q(i+1)*r**(i+1) - q(i)*r**i = i**degree * r**i`, lowest first."""
    if ratio == 1:
        # Faulhaber: the sum of i**k below n is 1/(k+1) times the sum of C(k+1, j) B(j) n**(k+1-j).
        found = [Fraction(comb(degree + 1, j)) * bernoulli(j) / (degree + 1) for j in range(degree + 1)]
        return (Fraction(0), *reversed(found))
    # r*q(i+1) - q(i) = i**degree, solved from the highest coefficient down.
    solved = [Fraction(0)] * (degree + 1)
    for k in range(degree, -1, -1):
        known = sum(ratio * solved[m] * comb(m, k) for m in range(k + 1, degree + 1))
        solved[k] = ((1 if k == degree else 0) - known) / (ratio - 1)
    return tuple(solved)


@cache
def bernoulli(n: int) -> Fraction:
    """The Bernoulli number with B(1) = -1/2."""
    if n == 0:
        return Fraction(1)
    return -sum((comb(n + 1, k) * bernoulli(k) for k in range(n)), Fraction(0)) / (n + 1)


def _sum_loose(inside: Monomial, index: str, low: Dim, high: Dim, facts: Facts) -> Dim:
    """A sum without closed form: added up where the turns are few and numbered, else left as it is."""
    body = term(1, inside)
    turns = high - low
    if isinstance(turns, int) and turns <= _WRITTEN_OUT:
        return sum((substitute(body, {index: low + turn}, facts) for turn in range(turns)), 0)
    assert isinstance(body, Poly)
    return from_atom(Sum(Sym(index, 0), low, high, body))
