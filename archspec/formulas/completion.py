"""Products of sums in sums: H*W - 2*H - 2*W + 7 is (H - 2)*(W - 2) + 3."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from archspec.algebra.poly import Atom, Coefficient, Monomial, monomial_product, reduced
from archspec.formulas.content import Terms

_MOST = 16  # with more terms nothing is looked for
_LONG = 4  # how many terms each of the two sums may have

Completion = tuple[Coefficient, Terms, Terms, Terms]


def completions(terms: Terms) -> Iterator[Completion]:
    """A number, two sums and a rest: number*one*other + rest; where the rest is short enough to be a gain."""
    if not 3 < len(terms) <= _MOST and not (len(terms) == 3 and any(m and m[0][1] == 2 for _, m in terms)):
        return
    by_monomial = {monomial: coefficient for coefficient, monomial in terms}
    for coefficient, monomial in terms:
        pair = _two(monomial)
        found = None if pair is None else _completed(by_monomial, coefficient, *pair)
        if found is not None:
            yield found


def _two(monomial: Monomial) -> tuple[Atom, Atom] | None:
    """The factors of a product of two, or of a square."""
    if len(monomial) == 1 and monomial[0][1] == 2:
        return monomial[0][0], monomial[0][0]
    if len(monomial) == 2 and monomial[0][1] == monomial[1][1] == 1:
        return monomial[0][0], monomial[1][0]
    return None


def _completed(known: dict[Monomial, Coefficient], number: Coefficient, one: Atom, other: Atom) -> Completion | None:
    """(one + c)*(other + e), where `e` stands with `one` and `c` with `other` in the sum."""
    whole = Fraction(number) * (2 if one is other else 1)
    with_one = _with(known, one, other, whole)
    with_other = with_one if one is other else _with(known, other, one, whole)
    if not with_one or not with_other or len(with_one) >= _LONG or len(with_other) >= _LONG:
        return None
    left: dict[Monomial, Coefficient] = {((one, 1),): 1, **with_other}
    right: dict[Monomial, Coefficient] = {((other, 1),): 1, **with_one}
    product: dict[Monomial, Coefficient] = {}
    for a, x in left.items():
        for b, y in right.items():
            key = monomial_product(a, b)
            product[key] = product.get(key, 0) + number * x * y
    rest = dict(known)
    for key, value in product.items():
        left_over = rest.pop(key, 0) - value
        if left_over and key:
            return None  # a part of a term would be left behind
        if left_over:
            rest[key] = reduced(left_over)
    if len(rest) + 2 > len(known) or any(c.denominator != 1 for c in (*left.values(), *right.values())):
        return None
    return number, _terms(left), _terms(right), _terms(rest)


def _with(known: dict[Monomial, Coefficient], atom: Atom, other: Atom, whole: Fraction) -> dict[Monomial, Coefficient]:
    """What stands with a factor that has neither it nor the other one in it, divided by a number."""
    found: dict[Monomial, Coefficient] = {}
    for monomial, coefficient in known.items():
        if dict(monomial).get(atom) == 1:
            rest = tuple(factor for factor in monomial if factor[0] is not atom)
            if all(left is not other for left, _ in rest):
                found[rest] = reduced(coefficient / whole)
    return found


def _terms(by_monomial: dict[Monomial, Coefficient]) -> Terms:
    return tuple((coefficient, monomial) for monomial, coefficient in by_monomial.items())
