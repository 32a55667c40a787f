"""Proofs of inequalities between expressions, by the signs of coefficients.

Every symbol is written as its lower bound plus something that is at least 0; if then no coefficient is negative, the
expression is at least 0. What is known besides (facts, `n*f <= p` for a floor `f = p//n`, …) is subtracted, times
something that is at least 0, as long as it removes a negative term.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from math import gcd, prod
from typing import cast

from archspec.algebra.atoms import FloorDiv, Inverse, Log2, Max, Min, Power, Sum, Sym
from archspec.algebra.division import common_monomial, over_common_denominator, times_term
from archspec.algebra.facts import NO_FACTS, Facts
from archspec.algebra.poly import (
    ONE,
    Atom,
    Coefficient,
    Dim,
    Monomial,
    Poly,
    atoms_of,
    collapse,
    constant_term,
    from_atom,
    replace_atom,
)
from archspec.algebra.search import Search
from archspec.algebra.witness import refuted, values_of

_ATOMS = 20  # how many atoms one proof looks into
_TERMS = 2000  # how many terms an expression may expand to


def positive(dim: Dim, facts: Facts = NO_FACTS) -> bool:
    """Whether `dim > 0` can be proved."""
    if isinstance(dim, int):
        return dim > 0
    # Over a positive denominator, an expression is positive when its numerator is at least 1.
    return nonneg(_without_content(_positive_multiple(dim, facts), facts, 1) - 1, facts)


def nonneg(dim: Dim, facts: Facts = NO_FACTS) -> bool:
    """Whether `dim >= 0` can be proved."""
    if isinstance(dim, int):
        return dim >= 0
    memo = facts.memo
    known = memo.get(dim)
    if known is None:
        memo[dim] = False  # what a proof needs on the way cannot be the thing itself
        core = _without_content(_positive_multiple(dim, facts), facts, 0)
        known = memo[dim] = _prove_nonneg(core, facts)
    return known is True


def _positive_multiple(dim: Dim, facts: Facts) -> Dim:
    """`dim` times a positive expression, without fractions, negative exponents and inverses."""
    above, below = over_common_denominator(dim)
    if isinstance(below, int):
        return above
    factors: Dim = 1
    if len(below.by_monomial) == 1:
        # Squares are positive, and so is what stands below a fraction line and is not negative.
        for atom, exponent in next(iter(below.by_monomial)):
            low = lower_bound(atom, facts)
            if exponent % 2 and (low is None or low < 0):
                factors = factors * from_atom(atom)
        return above * factors
    return above if positive(below, facts) else above * below


def _without_content(dim: Dim, facts: Facts, least: int) -> Dim:
    """`dim` without what all its terms share, as far as that is known to be at least `least`."""
    if isinstance(dim, int) or ONE in dim.by_monomial:
        return dim
    number = gcd(*(int(c) for c in dim.by_monomial.values()))
    shared = []
    for atom, exponent in common_monomial(list(dim.by_monomial)):
        low = lower_bound(atom, facts)
        if low is not None and low >= least:
            shared.append((atom, -exponent))
    return times_term(dim, Fraction(1, number), tuple(shared)) if shared or number > 1 else dim


def lower_bound(atom: Atom, facts: Facts) -> int | None:
    """A number that `atom` is never below, if one is known."""
    if isinstance(atom, Sym):
        return facts.lower(atom)
    memo = facts.memo
    if atom not in memo:
        memo[atom] = None
        memo[atom] = _find_bound(atom, facts)
    return memo[atom]  # type: ignore[return-value]


def _find_bound(atom: Atom, facts: Facts) -> int | None:
    if isinstance(atom, FloorDiv):
        low = _least_value(atom.numerator, facts)
        if low is None:
            return 0 if nonneg(atom.numerator, facts) else None
        # p >= low gives p // n >= low // n, which for an unknown n >= 1 is at least min(low, 0).
        return low // atom.denominator if isinstance(atom.denominator, int) else min(low, 0)
    if isinstance(atom, Power):
        base = _least_value(atom.base, facts)
        if base is None or base < 0:
            return None
        return 1 if base and nonneg(atom.exponent, facts) else 0
    if isinstance(atom, (Min, Max)):
        bounds = [_least_value(arg, facts) for arg in atom.args]
        known = [low for low in bounds if low is not None]
        if isinstance(atom, Max):
            return max(known, default=None)
        return min(known) if len(known) == len(bounds) else None
    if isinstance(atom, Log2):
        return 0
    if isinstance(atom, Sum):
        return 0 if nonneg(atom.low, facts) and nonneg(atom.body, facts) else None
    return 0 if isinstance(atom, Inverse) and positive(atom.arg, facts) else None


def _least_value(dim: Dim, facts: Facts) -> int | None:
    """A number that an expression with integer values is never below, read off its shifted coefficients."""
    shifted = _shifted(dim, facts)
    if shifted is None or isinstance(shifted, int):
        return shifted
    if any(c < 0 or not _all_bounded(m, facts) for m, c in shifted.by_monomial.items() if m):
        return None
    return -(-constant_term(shifted) // 1)


def _all_bounded(monomial: Monomial, facts: Facts) -> bool:
    return all(e > 0 and lower_bound(atom, facts) is not None for atom, e in monomial)


def _shifted(dim: Dim, facts: Facts) -> Dim | None:
    """`dim` with every atom standing for itself less its lower bound; None if that gets too long."""
    if isinstance(dim, int):
        return dim
    size = sum(prod(e + 1 for atom, e in m if e > 0 and lower_bound(atom, facts)) for m in dim.by_monomial)
    if size > _TERMS:
        return None
    powers: dict[tuple[Atom, int], Dim] = {}
    same: dict[Monomial, Coefficient] = {}
    result: Dim = 0
    for monomial, coefficient in dim.by_monomial.items():
        product: Dim = 1
        kept: list[tuple[Atom, int]] = []
        for factor in monomial:
            low = lower_bound(factor[0], facts)
            if not low or factor[1] < 0:
                kept.append(factor)
                continue
            if factor not in powers:
                powers[factor] = (from_atom(factor[0]) + low) ** factor[1]
            product = product * powers[factor]
        if isinstance(product, int):
            same[monomial] = coefficient
        else:
            result = result + times_term(product, coefficient, tuple(kept))
    return result + collapse(same)


def _prove_nonneg(dim: Dim, facts: Facts) -> bool:
    if isinstance(dim, int):
        return dim >= 0
    for atom in atoms_of(dim):
        if isinstance(atom, (Min, Max)) and not refuted(dim, facts):
            return _prove_each(dim, atom, facts)
    # Without a shift: a sum of products that are at least 0, or less something that is at least 1.
    if all(_all_bounded_by_zero(m, facts) for m in dim.by_monomial):
        if all(c > 0 for c in dim.by_monomial.values()):
            return True
        if all(c < 0 for c in dim.by_monomial.values()) and _plainly_positive(-dim, facts):
            return False
    if refuted(dim, facts):
        return False
    shifted = _shifted(dim, facts)
    if shifted is None or isinstance(shifted, int):
        return shifted is not None and shifted >= 0
    return _search(dim, shifted, facts)


def _all_bounded_by_zero(monomial: Monomial, facts: Facts) -> bool:
    for atom, exponent in monomial:
        low = lower_bound(atom, facts)
        if (low is None or low < 0) and exponent % 2:
            return False
    return True


def _plainly_positive(dim: Dim, facts: Facts) -> bool:
    low = _least_value(dim, facts)
    return low is not None and low > 0


def _prove_each(dim: Poly, atom: Min | Max, facts: Facts) -> bool:
    """A minimum or maximum is one of its arguments; the proof must hold for each being it."""
    sign = 1 if isinstance(atom, Max) else -1
    for arg in atom.args:
        case = facts.copy()
        for other in atom.args:
            if other is not arg:
                case.assume_nonneg((arg - other) * sign)
        if not nonneg(replace_atom(dim, atom, arg), case):
            return False
    return True


def _search(dim: Poly, shifted: Poly, facts: Facts) -> bool:
    known = _inequalities(dim, facts)
    atoms = list({atom: None for poly in (shifted, *known) for monomial in poly.by_monomial for atom, _ in monomial})
    bounds = {atom: lower_bound(atom, facts) for atom in atoms}
    points = [
        {atom: value - (bounds[atom] or 0) for atom, value in zip(atoms, values, strict=True)}
        for values in values_of(atoms, facts)
    ]
    return Search(known, frozenset(atom for atom in atoms if bounds[atom] is None), points).proves(shifted)


def _inequalities(dim: Poly, facts: Facts) -> list[Poly]:
    """What is known to be at least 0 about what stands in `dim`, shifted."""
    found, known = _from_facts(facts)
    seen: dict[Atom, None] = dict.fromkeys(known)
    pending: list[Poly] = [dim]
    while pending and len(seen) < _ATOMS:
        for atom in atoms_of(pending.pop(0)):
            if atom in seen or isinstance(atom, Sym):
                continue
            seen[atom] = None
            for fact in _about(atom, facts):
                shifted = _shifted(fact, facts)
                if isinstance(fact, Poly) and isinstance(shifted, Poly):
                    pending.append(fact)
                    found.append(shifted)
    floors = [atom for atom in seen if isinstance(atom, FloorDiv)]
    for one, other in permutations(floors, 2):
        compared = _floors_compared(one, other, facts)
        shifted = None if compared is None else _shifted(compared, facts)
        if isinstance(shifted, Poly):
            found.append(shifted)
    return found


def _from_facts(facts: Facts) -> tuple[list[Poly], list[Atom]]:
    """What the facts say to be at least 0, shifted, and the atoms that were looked into for that."""
    memo = facts.memo
    if "known" not in memo:
        memo["known"] = [], []  # for the proofs needed on the way
        found: list[Dim] = [_positive_multiple(fact, facts) for fact in facts.nonneg]
        # A ratio known to be an integer is at least 1 where its numerator is positive.
        for ratio in facts.ratios:
            above, below = over_common_denominator(ratio)
            if _plainly_positive(above, facts) and _plainly_positive(below, facts):
                found.append(above - below)
        atoms = list(dict.fromkeys(a for fact in found for a in atoms_of(fact) if not isinstance(a, Sym)))
        found.extend(fact for atom in atoms for fact in _about(atom, facts))
        shifted = [_shifted(fact, facts) for fact in found]
        memo["known"] = [fact for fact in shifted if isinstance(fact, Poly)], atoms
    shifted_facts, seen = cast("tuple[list[Poly], list[Atom]]", memo["known"])
    return list(shifted_facts), seen


def _about(atom: Atom, facts: Facts) -> list[Dim]:
    """Expressions without fractions that are at least 0 because of what `atom` is."""
    return [_positive_multiple(fact, facts) for fact in _meaning(atom, facts)]


def _meaning(atom: Atom, facts: Facts) -> list[Dim]:
    me = from_atom(atom)
    if isinstance(atom, FloorDiv):
        # n*f <= p <= n*f + n - 1
        rest = atom.numerator - me * atom.denominator
        return [rest, atom.denominator - 1 - rest]
    if isinstance(atom, Power) and lower_bound(atom, facts) == 1:
        # Bernoulli: b**e >= 1 + e*(b - 1) for b >= 1, e >= 0
        return [me - 1 - atom.exponent * (atom.base - 1)]
    if isinstance(atom, Log2):
        return [atom.arg - 1 - me]  # 2**n >= 1 + n
    return []


def _floors_compared(one: FloorDiv, other: FloorDiv, facts: Facts) -> Dim | None:
    """Something that is at least 0 about two floors f = p//n and g = q//m where p - q is a number."""
    n, m = one.denominator, other.denominator
    apart = one.numerator - other.numerator
    if not isinstance(n, int) or not isinstance(m, int) or not isinstance(apart, int):
        return None
    # n*f <= p = q + apart <= m*g + m - 1 + apart; dividing by n or m, the number may be rounded down.
    rest = m - 1 + apart
    if n % m == 0:
        return from_atom(other) + rest // m - from_atom(one) * (n // m)
    if m % n == 0:
        return from_atom(other) * (m // n) + rest // n - from_atom(one)
    # p/n <= q/m where apart*m <= q*(n - m), and then the floors are in that order too.
    low = _least_value(other.numerator, facts)
    return from_atom(other) - from_atom(one) if n > m and low is not None and low * (n - m) >= apart * m else None
