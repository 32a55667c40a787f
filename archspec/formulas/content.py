"""What the terms of a sum share."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from archspec.algebra.poly import Coefficient, Monomial, monomial_power, monomial_product, reduced

Terms = tuple[tuple[Coefficient, Monomial], ...]


def content(terms: Terms) -> tuple[Coefficient, Monomial, Terms]:
    """What all terms share, and the terms without it. Negative if all terms are."""
    number = Fraction(gcd(*(c.numerator for c, _ in terms)), lcm(*(c.denominator for c, _ in terms)))
    if all(c < 0 for c, _ in terms):
        number = -number
    exponents = dict(terms[0][1])
    for _, monomial in terms[1:]:
        others = dict(monomial)
        exponents = {atom: _nearer(e, others[atom]) for atom, e in exponents.items() if atom in others}
    shared = tuple((atom, e) for atom, e in exponents.items() if e)
    inverse = monomial_power(shared, -1)
    return reduced(number), shared, tuple((reduced(c / number), monomial_product(m, inverse)) for c, m in terms)


def _nearer(left: int, right: int) -> int:
    """The exponent that both hold; 0 if one is above and the other below the line."""
    return 0 if (left > 0) is not (right > 0) else min(left, right, key=abs)
