"""Exact division, and bringing a quotient over one denominator."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from archspec.algebra.atoms import Inverse
from archspec.algebra.errors import AlgebraError
from archspec.algebra.poly import (
    ONE,
    Atom,
    Coefficient,
    Dim,
    Monomial,
    Poly,
    collapse,
    from_atom,
    monomial_power,
    monomial_product,
    reduced,
    scaled,
    term,
    terms,
)


def quotient(a: Dim, b: Dim) -> Dim:
    """`a / b` as an exact expression, which may be a fraction."""
    if isinstance(b, int):
        if b == 0:
            raise AlgebraError("a division by zero")
        return scaled(a, Fraction(1, b))
    if len(b.by_monomial) == 1:
        ((monomial, coefficient),) = b.by_monomial.items()
        return times_term(a, 1 / Fraction(coefficient), monomial_power(monomial, -1))
    factor, monomial = content(b)
    core = times_term(b, 1 / Fraction(factor), monomial_power(monomial, -1))
    assert isinstance(core, Poly)
    a = times_term(a, 1 / Fraction(factor), monomial_power(monomial, -1))
    exact = divide_exactly(a, core)
    return a * from_atom(Inverse(core)) if exact is None else exact


def times_term(dim: Dim, coefficient: Coefficient, monomial: Monomial) -> Dim:
    """`dim` times one term."""
    if isinstance(dim, int):
        return term(dim * coefficient, monomial)
    return collapse({monomial_product(m, monomial): reduced(c * coefficient) for m, c in dim.by_monomial.items()})


def content(poly: Poly) -> tuple[Coefficient, Monomial]:
    """The greatest term that divides every term; its sign is that of the leading term."""
    pairs = list(terms(poly))
    numerator = gcd(*(c.numerator for c, _ in pairs))
    number = reduced(Fraction(numerator, lcm(*(c.denominator for c, _ in pairs))))
    return (-number if pairs[0][0] < 0 else number), common_monomial([m for _, m in pairs])


def common_monomial(monomials: list[Monomial]) -> Monomial:
    """The greatest monomial that divides them all, with negative exponents where one has them."""
    exponents = dict(monomials[0])
    for monomial in monomials[1:]:
        others = dict(monomial)
        for atom in exponents.keys() | others.keys():
            exponents[atom] = min(exponents.get(atom, 0), others.get(atom, 0))
    return tuple(sorted(((a, e) for a, e in exponents.items() if e), key=lambda factor: factor[0].key))


def divide_exactly(a: Dim, b: Poly) -> Dim | None:
    """`a / b` if it comes out as a polynomial (exponents of `a` may be negative, those of `b` are not)."""
    if isinstance(a, int):
        return 0 if a == 0 else None
    shift = monomial_power(common_monomial([ONE, *a.by_monomial]), -1)
    whole, rest = divmod_poly(times_term(a, 1, shift), b, integers=False)
    return None if rest != 0 else times_term(whole, 1, monomial_power(shift, -1))


def divmod_poly(a: Dim, b: Poly, *, integers: bool) -> tuple[Dim, Dim]:
    """Quotient and remainder of the division by leading terms, exponents not negative.

    With `integers` only integer coefficients enter the quotient.
    """
    atoms = sorted({atom for m in b.by_monomial for atom, _ in m} | _atoms(a), key=lambda atom: atom.key)

    def graded(monomial: Monomial) -> tuple[int, ...]:
        exponents = dict(monomial)
        return (sum(exponents.values()), *(exponents.get(atom, 0) for atom in atoms))

    lead = max(b.by_monomial, key=graded)
    whole: Dim = 0
    rest: Dim = 0
    # Each step removes the leading monomial of `a`, and a graded order has no infinite descent.
    while isinstance(a, Poly) or a:
        by_monomial = a.by_monomial if isinstance(a, Poly) else {ONE: a}
        top = max(by_monomial, key=graded)
        ratio = monomial_product(top, monomial_power(lead, -1))
        factor = reduced(Fraction(by_monomial[top], 1) / b.by_monomial[lead])
        if any(e < 0 for _, e in ratio) or (integers and factor.denominator != 1):
            rest = rest + term(by_monomial[top], top)
            a = a - term(by_monomial[top], top)
            continue
        whole = whole + term(factor, ratio)
        a = a - times_term(b, factor, ratio)
    return whole, rest


def _atoms(dim: Dim) -> set[Atom]:
    return set() if isinstance(dim, int) else {atom for m in dim.by_monomial for atom, _ in m}


def over_common_denominator(dim: Dim) -> tuple[Dim, Dim]:
    """Numerator and denominator: integer coefficients, no negative exponents, no inverses; the least such pair
    up to the inverses, and with a denominator that is a positive number times atoms and inverted sums.
    """
    if _is_plain(dim):
        return dim, 1
    numerator, denominator = dim, _clear_inverses(dim)
    if denominator != 1:
        numerator = without_inverses(dim * denominator)
    if isinstance(numerator, int):
        return numerator, denominator
    number = lcm(*(c.denominator for c in numerator.by_monomial.values()))
    below = monomial_power(common_monomial([ONE, *numerator.by_monomial]), -1)
    return times_term(numerator, number, below), times_term(denominator, number, below)


def _is_plain(dim: Dim) -> bool:
    if isinstance(dim, int):
        return True
    for monomial, coefficient in dim.by_monomial.items():
        if coefficient.__class__ is not int:
            return False
        for atom, exponent in monomial:
            if exponent < 0 or atom.__class__ is Inverse:
                return False
    return True


def _clear_inverses(dim: Dim) -> Dim:
    """The product of the inverted sums at their highest powers."""
    powers: dict[Inverse, int] = {}
    for monomial in () if isinstance(dim, int) else dim.by_monomial:
        for atom, exponent in monomial:
            if isinstance(atom, Inverse):
                powers[atom] = max(exponent, powers.get(atom, 0))
    product: Dim = 1
    for atom, exponent in powers.items():
        product = product * atom.arg**exponent
    return product


def without_inverses(dim: Dim) -> Dim:
    """`dim` with every inverse divided out where that comes out exactly."""
    if isinstance(dim, int) or not any(isinstance(atom, Inverse) for m in dim.by_monomial for atom, _ in m):
        return dim
    for inverse in dict.fromkeys(a for _, m in terms(dim) for a, _ in m if isinstance(a, Inverse)):
        result: Dim = 0
        powers: dict[int, Dim] = {}
        for coefficient, monomial in terms(dim):
            exponent = dict(monomial).get(inverse, 0)
            rest = tuple(factor for factor in monomial if factor[0] is not inverse)
            powers[exponent] = powers.get(exponent, 0) + term(coefficient, rest)
        # From the highest power down, what divides joins the power below.
        for exponent in range(max(powers), 0, -1):
            exact = divide_exactly(powers.get(exponent, 0), inverse.arg)
            if exact is None:
                result = result + powers[exponent] * from_atom(inverse) ** exponent
            else:
                powers[exponent - 1] = powers.get(exponent - 1, 0) + exact
        dim = result + powers.get(0, 0)
    return dim
