"""Sizes of pictures as they are: `⌊(H + 1)/4⌋ - 1` is `⌊(H - 3)/4⌋`, so that their products are single terms.

The algebra takes what is whole out of a floor, which multiplies products of such sizes out: of
`(⌊(H + 1)/4⌋ - 1)*(⌊(W + 1)/4⌋ - 1)` four terms are left. They are found and put together again here, for showing.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from archspec.algebra.atoms import FloorDiv
from archspec.algebra.integrality import is_integer
from archspec.algebra.poly import Coefficient, Dim, Monomial, Poly, collapse, from_atom, monomial_product, reduced
from archspec.formulas.rewrite import everywhere, length, parts, replaced, times_in

_LONG = 3  # how many terms a shift may have

Shift = tuple[FloorDiv, Dim, FloorDiv, Dim]


def shifted(dims: Sequence[Dim]) -> list[Dim]:
    """The expressions, products of floors with something added as products of floors, where that is shorter."""
    dims = list(dims)
    for one, more, other, others_more in _shifts(dims):
        old = (from_atom(one) + more) * (from_atom(other) + others_more)
        if not isinstance(old, Poly):
            continue
        lead = monomial_product(((one, 1),), ((other, 1),))
        new = monomial_product(((_moved(one, more), 1),), ((_moved(other, others_more), 1),))
        gone = {one, other} - {atom for atom, _ in new}
        change = partial(replaced, old=old, lead=lead, new=new, gone=gone)
        tried = [everywhere(dim, change) for dim in dims]
        if sum(map(length, tried)) < sum(map(length, dims)):
            dims = tried
    return dims


def _moved(floor: FloorDiv, more: Dim) -> FloorDiv:
    """The floor with something whole added: floor(p/q) + k = floor((p + k*q)/q)."""
    return FloorDiv(floor.numerator + more * floor.denominator, floor.denominator)


def _shifts(dims: Sequence[Dim]) -> list[Shift]:
    """What may have been multiplied out: two floors, and what was added to each; the most frequent first."""
    found: dict[Shift, int] = {}
    for part in (part for dim in dims for part in parts(dim)):
        floors = {monomial: _floors(monomial) for monomial in part.by_monomial}
        alone = [monomial for monomial, inside in floors.items() if len(inside) == 1]
        for product in (monomial for monomial, inside in floors.items() if alone and len(inside) == 2):
            shift = _completion(part, product, floors[product], alone)
            if shift is not None:
                found[shift] = found.get(shift, 0) + 1
    return sorted(found, key=lambda shift: -found[shift])


def _floors(monomial: Monomial) -> list[FloorDiv]:
    """The floors in a product, those that are squared twice."""
    return [atom for atom, e in monomial if isinstance(atom, FloorDiv) for _ in range(min(e, 3))]


def _completion(part: Poly, product: Monomial, floors: list[FloorDiv], alone: list[Monomial]) -> Shift | None:
    """For x*y + e*x + c*y + … in `part`, times something, what makes it (x + c)*(y + e)."""
    one, other = floors
    around = tuple(factor for factor in product if not isinstance(factor[0], FloorDiv))
    whole = Fraction(part.by_monomial[product]) * (2 if one is other else 1)
    added: dict[FloorDiv, dict[Monomial, Coefficient]] = {one: {}, other: {}}
    for monomial in alone:
        rest = tuple(factor for factor in monomial if not isinstance(factor[0], FloorDiv))
        if around and not times_in(around, rest):
            continue
        (floor,) = _floors(monomial)
        partner = other if floor is one else one if floor is other else None
        if partner is None:
            continue
        left = monomial_product(rest, tuple((atom, -e) for atom, e in around))
        added[partner][left] = reduced(part.by_monomial[monomial] / whole)
    more, others_more = collapse(added[one]), collapse(added[other])
    if (more, others_more) == (0, 0) or max(len(added[one]), len(added[other])) > _LONG:
        return None
    return (one, more, other, others_more) if is_integer(more) and is_integer(others_more) else None
