"""Division of integers: exact, rounded down, rounded up, and remainders.

Normal form of `floor(a / b)`: what is a whole number is taken out; what remains has integer coefficients over the
least denominator; floors of floors are one floor. So equal floors are, with few exceptions, equal objects.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from archspec.algebra.atoms import FloorDiv, Inverse, Sym
from archspec.algebra.division import common_monomial, divmod_poly, over_common_denominator, quotient, times_term
from archspec.algebra.errors import AlgebraError
from archspec.algebra.facts import NO_FACTS, Facts
from archspec.algebra.integrality import is_integer, is_plain, is_plain_monomial
from archspec.algebra.poly import (
    ONE,
    Dim,
    Monomial,
    Poly,
    atoms_of,
    constant_term,
    from_atom,
    monomial_power,
    term,
    terms,
)
from archspec.algebra.prove import nonneg, positive


def divide(a: Dim, b: Dim, facts: Facts = NO_FACTS) -> Dim:
    """The exact quotient `a / b`. That it is an integer is the caller's to prove, with `divisible`.

    Raises AlgebraError when `b` is 0, or both are integers and `b` does not divide `a`.
    """
    if not isinstance(a, int) or not isinstance(b, int):
        return quotient(a, b)
    if b == 0 or a % b:
        raise AlgebraError(f"{a} is not divisible by {b}")
    return a // b


def divisible(a: Dim, b: Dim, facts: Facts = NO_FACTS) -> bool | None:
    """Whether `b` divides `a` for all values of the symbols (True), for none (False), or is not known (None)."""
    if isinstance(a, int) and isinstance(b, int):
        if b == 0:
            raise AlgebraError("a division by zero")
        return a % b == 0
    if is_integer(quotient(a, b), facts):
        return True
    if isinstance(b, int) and isinstance(a, Poly) and all(is_plain(c, m, facts) for m, c in a.by_monomial.items()):
        common = gcd(b, *(int(c) for m, c in a.by_monomial.items() if m))
        if constant_term(a) % common:
            return False
    return False if positive(a, facts) and positive(b - a, facts) else None


def floordiv(a: Dim, b: Dim, facts: Facts = NO_FACTS) -> Dim:
    """`a // b`: the quotient rounded down. `b` is taken to be positive; AlgebraError if it is a number that is not."""
    if isinstance(b, int):
        if b <= 0:
            raise AlgebraError(f"a division by {b}")
        if isinstance(a, int):
            return a // b
    key = ("floor", a, b)
    memo = facts.memo
    if key not in memo:
        memo[key] = _floordiv(a, b, facts)
    return memo[key]  # type: ignore[return-value]


def _floordiv(a: Dim, b: Dim, facts: Facts) -> Dim:
    exact = quotient(a, b)
    if is_integer(exact, facts):
        return exact
    assert isinstance(exact, Poly)
    if any(isinstance(atom, Inverse) for atom in atoms_of(exact)):
        return _floor_by_sum(*_without_fractions(a, b), facts)
    whole, loose = _without_integers(exact, facts)
    signs = {c > 0 for c, m in terms(loose) if m}
    if not signs:
        return whole + constant_term(loose) // 1
    if signs == {False}:
        # floor(-x) = -ceil(x), and ceil(p/q) = floor((p + q - 1)/q).
        above, below = over_common_denominator(-loose)
        return whole - floordiv(above + below - 1, below, facts)
    for coefficient, monomial in terms(loose):
        if is_plain_monomial(monomial, facts):
            unit = _known_divisor(monomial, facts)
            part = term(Fraction(coefficient * unit // 1, unit), monomial)
            whole, loose = whole + part, loose - part
    return whole + _floor(*over_common_denominator(loose), facts)


def ceildiv(a: Dim, b: Dim, facts: Facts = NO_FACTS) -> Dim:
    """The quotient `a / b` rounded up."""
    # With integers, ceil(a/b) = floor((a + b - 1)/b).
    return floordiv(a + b - 1, b, facts)


def mod(a: Dim, b: Dim, facts: Facts = NO_FACTS) -> Dim:
    """The remainder `a % b`, at least 0 and below `b`."""
    return a - b * floordiv(a, b, facts)


def roundup(n: Dim, m: Dim, facts: Facts = NO_FACTS) -> Dim:
    """The least multiple of `m` that is not below `n`."""
    return m * ceildiv(n, m, facts)


def _floor_by_sum(above: Dim, below: Poly, facts: Facts) -> Dim:
    whole, rest = divmod_poly(above, below, integers=True)
    return whole + _floor(rest, below, facts)


def _without_fractions(a: Dim, b: Dim) -> tuple[Dim, Poly]:
    """`a` and `b` times something positive that leaves integer coefficients and no common factor of all terms."""
    # A denominator with an inverted sum may be negative; its square is not.
    (above_a, below_a), (above_b, below_b) = over_common_denominator(a), over_common_denominator(b)
    if isinstance(below_a, Poly) and len(below_a.by_monomial) > 1:
        above_a, below_a = above_a * below_a, below_a * below_a
    if isinstance(below_b, Poly) and len(below_b.by_monomial) > 1:
        above_b, below_b = above_b * below_b, below_b * below_b
    above, below = above_a * below_b, above_b * below_a
    both = [*terms(above), *terms(below)]
    number = Fraction(1, gcd(*(int(c) for c, _ in both)))
    shared = monomial_power(common_monomial([m for _, m in both]), -1)
    below = times_term(below, number, shared)
    assert isinstance(below, Poly)  # a denominator of one term leaves no inverse
    return times_term(above, number, shared), below


def _floor(above: Dim, below: Dim, facts: Facts) -> Dim:
    """`above // below`, both with integer coefficients and integer values, `below` positive."""
    above, below = _cancel(above, below, facts)
    if isinstance(above, int) and isinstance(below, int):
        return above // below
    if below == 1:
        return above
    for coefficient, monomial in terms(above):
        inner = monomial[0][0] if monomial else None
        if coefficient == 1 and isinstance(inner, FloorDiv) and len(monomial) == 1 and monomial[0][1] == 1:
            # floor((floor(p/q) + c)/n) = floor((p + c*q)/(n*q)) for integers c, n, q.
            flat = inner.numerator + (above - from_atom(inner)) * inner.denominator
            return floordiv(flat, below * inner.denominator, facts)
    if isinstance(below, Poly) or any(not isinstance(atom, Sym) for atom in atoms_of(above)):
        if nonneg(above, facts) and positive(below - above, facts):
            return 0
        if positive(-above, facts) and nonneg(above + below, facts):
            return -1
    return from_atom(FloorDiv(above, below))


def _cancel(above: Dim, below: Dim, facts: Facts) -> tuple[Dim, Dim]:
    """The same floor with the common divisor of all terms but the constant taken out."""
    if isinstance(above, int):
        return above, below
    number = gcd(*(int(c) for c, _ in terms(below)))
    # With p and q multiples of g: floor((p + k)/q) = floor((p + g*floor(k/g))/q).
    common = gcd(number, *(int(c) * _known_divisor(m, facts) for m, c in above.by_monomial.items() if m))
    above = above - int(constant_term(above)) % common
    divisor = gcd(number, *(int(c) for c, _ in terms(above)))
    if divisor == 1:
        return above, below
    return times_term(above, Fraction(1, divisor), ONE), times_term(below, Fraction(1, divisor), ONE)


def _without_integers(dim: Poly, facts: Facts) -> tuple[Dim, Dim]:
    """The terms that are integers, alone or together as a known ratio, and the others."""
    whole: Dim = 0
    loose: Dim = 0
    for coefficient, monomial in terms(dim):
        one = term(coefficient, monomial)
        if is_integer(one, facts):
            whole = whole + one
        else:
            loose = loose + one
    for ratio in facts.ratios:
        coefficient, monomial = next(terms(ratio))
        if isinstance(loose, Poly) and len(ratio.by_monomial) > 1 and monomial in loose.by_monomial:
            times = Fraction(loose.by_monomial[monomial]) / coefficient // 1
            rest = loose - ratio * times
            if isinstance(rest, int) or len(rest.by_monomial) < len(loose.by_monomial):
                whole, loose = whole + ratio * times, rest
    return whole, loose


def _known_divisor(monomial: Monomial, facts: Facts) -> int:
    """A number that divides the monomial by the facts: 32 for `H`, if `H/32` is an integer."""
    # If (a/b)*m is an integer and a, b have no common factor, b divides m.
    return lcm(*(r.by_monomial[monomial].denominator for r in facts.ratios if r.by_monomial.keys() == {monomial}))
