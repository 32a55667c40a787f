"""The largest value of an expression over the turns of a loop."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

from archspec.algebra import Dim, Facts, FloorDiv, compare, free_symbols, substitute, symbol, terms
from archspec.algebra.division import quotient
from archspec.algebra.poly import atoms_of, collapse, from_atom, scaled

MAX_TRIED = 64
"""So many turns are tried one by one, where their number is known and nothing else helps."""


@dataclass(frozen=True)
class Largest:
    """Expressions of which one is the largest value. reached: it is a value; bounded: at least no value is larger."""

    sizes: list[Dim]
    reached: bool = True
    bounded: bool = True


def largest(size: Dim, index: str, low: Dim, high: Dim, facts: Facts) -> Largest:
    """The largest value for `low <= index <= high`.

    A function that rises, falls or is convex is largest at an end. Any other one is bounded from above, term by term.
    """
    if index not in free_symbols(size):
        return Largest([size])
    at_low, at_high = substitute(size, {index: low}, facts), substitute(size, {index: high}, facts)
    step = _step(size, index, facts)
    facts = _with_floors(step, facts)
    if compare(step, ">=", 0, facts) is True:
        return Largest([at_high])
    if compare(step, "<=", 0, facts) is True:
        return Largest([at_low])
    if isinstance(low, int) and isinstance(high, int) and high - low < MAX_TRIED:
        return Largest([substitute(size, {index: turn}, facts) for turn in range(low, high + 1)])
    if compare(_step(step, index, facts), ">=", 0, facts) is True:
        return Largest([at_low, at_high])
    bound = _bound(size, index, low, high, facts)
    return Largest([at_low, at_high], False, False) if bound is None else Largest([bound], False)


def _with_floors(step: Dim, facts: Facts) -> Facts:
    """With r·⌊p/(r·q)⌋ <= ⌊p/q⌋ for the floors of a step: ⌊p/(r·q)⌋ is ⌊⌊p/q⌋/r⌋."""
    floors = [atom for atom in atoms_of(step) if isinstance(atom, FloorDiv)]
    known = facts
    for one, other in permutations(floors, 2):
        ratio = quotient(one.denominator, other.denominator) if one.numerator == other.numerator else None
        if isinstance(ratio, int) and ratio > 1:
            known = facts.copy() if known is facts else known
            known.assume_nonneg(from_atom(other) - ratio * from_atom(one))
    return known


def _step(size: Dim, index: str, facts: Facts) -> Dim:
    """The difference from one turn to the next."""
    return substitute(size, {index: symbol(index, 0) + 1}, facts) - size


def _bound(size: Dim, index: str, low: Dim, high: Dim, facts: Facts) -> Dim | None:
    """The sum of each term's largest value; a negative one of unknown course is left out."""
    total: Dim = 0
    for coefficient, monomial in terms(size):
        term = collapse({monomial: 1})
        if index not in free_symbols(term):
            total = total + scaled(term, coefficient)
            continue
        step = _step(term, index, facts)
        rises = compare(step, ">=", 0, facts) is True
        if rises or compare(step, "<=", 0, facts) is True:
            end = high if rises == (coefficient > 0) else low
            total = total + scaled(substitute(term, {index: end}, facts), coefficient)
        elif coefficient > 0:
            return None
    return total
