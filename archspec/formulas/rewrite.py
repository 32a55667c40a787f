"""A sum that recurs in formulas, put in one name or product wherever that leaves fewer terms."""

from __future__ import annotations

from collections.abc import Callable, Collection
from fractions import Fraction

from archspec.algebra.atoms import Max, Min
from archspec.algebra.poly import (
    ONE,
    Atom,
    Coefficient,
    Dim,
    Monomial,
    Poly,
    collapse,
    monomial_power,
    monomial_product,
    reduced,
    term,
    terms,
)


def replaced(dim: Dim, old: Poly, lead: Monomial, new: Monomial, gone: Collection[Atom] = ()) -> Dim:
    """`dim` with the sum `old`, times whatever, as `new`, which means the same; only where that leaves fewer terms.

    `lead`: the term of `old` by which places for it are found. `gone`: factors that must not be left behind there.
    Not inside minima and maxima.
    """
    if isinstance(dim, int):
        return dim
    first = Fraction(old.by_monomial[lead])
    result: dict[Monomial, Coefficient] | None = None
    for _, monomial in terms(dim):
        if not times_in(lead, monomial):
            continue
        now = dim.by_monomial if result is None else result
        if monomial not in now:
            continue
        ratio = now[monomial] / first
        around = monomial_product(monomial, monomial_power(lead, -1))
        changed: dict[Monomial, Coefficient] = {}
        for key, value in (*old.by_monomial.items(), (new, -1)):
            place = monomial_product(around, key)
            changed[place] = changed.get(place, now.get(place, 0)) - ratio * value
        if sum((value != 0) - (place in now) for place, value in changed.items()) >= 0:
            continue
        if gone and any(value and any(atom in gone for atom, _ in place) for place, value in changed.items()):
            continue
        result = dict(now)
        for place, value in changed.items():
            if value:
                result[place] = reduced(value)
            else:
                result.pop(place, None)
    return dim if result is None else collapse(result)


def everywhere(dim: Dim, change: Callable[[Dim], Dim]) -> Dim:
    """`dim` with the change made to the arguments of its minima and maxima, and then to itself."""
    if isinstance(dim, int):
        return dim
    if not any(isinstance(atom, (Min, Max)) for monomial in dim.by_monomial for atom, _ in monomial):
        return change(dim)
    result: Dim = 0
    for coefficient, monomial in terms(dim):
        product: Monomial = ONE
        for atom, exponent in monomial:
            if isinstance(atom, (Min, Max)):
                atom = type(atom)(tuple(everywhere(arg, change) for arg in atom.args))
            product = monomial_product(product, ((atom, exponent),))
        result = result + term(coefficient, product)
    return change(result)


def parts(dim: Dim) -> list[Poly]:
    """The expression, and what stands in its minima and maxima, as far as they are sums."""
    if isinstance(dim, int):
        return []
    found = [dim]
    for monomial in dim.by_monomial:
        for atom, _ in monomial:
            if isinstance(atom, (Min, Max)):
                found.extend(part for arg in atom.args for part in parts(arg))
    return found


def length(dim: Dim) -> int:
    """How many terms there are, also in minima and maxima."""
    return sum(len(part.by_monomial) for part in parts(dim))


def times_in(part: Monomial, whole: Monomial) -> int:
    """How often a product is contained in another."""
    exponents = dict(whole)
    return max(0, min((exponents.get(atom, 0) * (1 if e > 0 else -1) // abs(e) for atom, e in part), default=0))
