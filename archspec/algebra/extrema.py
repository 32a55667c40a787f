"""Minimum and maximum."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.algebra.atoms import Max, Min
from archspec.algebra.errors import AlgebraError
from archspec.algebra.facts import NO_FACTS, Facts
from archspec.algebra.poly import Dim, Poly, from_atom
from archspec.algebra.prove import nonneg
from archspec.algebra.witness import sample


def minimum(args: Iterable[Dim], facts: Facts = NO_FACTS) -> Dim:
    """The least of the arguments, without those that are known to be at least another."""
    return _extremum(Min, args, facts)


def maximum(args: Iterable[Dim], facts: Facts = NO_FACTS) -> Dim:
    """The greatest of the arguments, without those that are known to be at most another."""
    return _extremum(Max, args, facts)


def _extremum(kind: type[Min] | type[Max], args: Iterable[Dim], facts: Facts) -> Dim:
    sign = 1 if kind is Max else -1
    kept: list[Dim] = []
    for arg in dict.fromkeys(inner for outer in args for inner in _flat(kind, outer)):
        if any(_covers(other, arg, sign, facts) for other in kept):
            continue
        kept = [other for other in kept if not _covers(arg, other, sign, facts)]
        kept.append(arg)
    if not kept:
        raise AlgebraError(f"the {'maximum' if kind is Max else 'minimum'} of nothing")
    if len(kept) == 1:
        return kept[0]
    return from_atom(kind(tuple(sorted(kept, key=_order))))


def _covers(a: Dim, b: Dim, sign: int, facts: Facts) -> bool:
    """Whether `a` is known to be at least `b` (`sign` 1) or at most (-1)."""
    # Most pairs are told apart by a look at a few points.
    for x, y in zip(sample(a, facts), sample(b, facts), strict=True):
        if x is not None and y is not None and (x - y) * sign < 0:
            return False
    return nonneg((a - b) * sign, facts)


def _flat(kind: type[Min] | type[Max], arg: Dim) -> tuple[Dim, ...]:
    """The arguments of an extremum of the same kind that stands alone, or the argument itself."""
    if isinstance(arg, Poly) and len(arg.by_monomial) == 1:
        ((monomial, coefficient),) = arg.by_monomial.items()
        if coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1 and isinstance(monomial[0][0], kind):
            return monomial[0][0].args
    return (arg,)


def _order(dim: Dim) -> tuple[bool, str]:
    return isinstance(dim, int), repr(dim)
