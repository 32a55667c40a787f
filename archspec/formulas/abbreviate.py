"""Short names for what recurs in formulas: `h4` for `⌈H/4⌉*⌈W/4⌉`, and names the spec itself gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from archspec.algebra.atoms import FloorDiv, Log2, Max, Min, Sum, Sym
from archspec.algebra.division import times_term
from archspec.algebra.poly import (
    ONE,
    Atom,
    Coefficient,
    Dim,
    Monomial,
    collapse,
    free_symbols,
    from_atom,
    monomial_power,
    monomial_product,
    term,
    terms,
)
from archspec.formulas.extrema import at_least_zero, simplified
from archspec.formulas.order import natural
from archspec.formulas.rewrite import times_in
from archspec.formulas.shifts import shifted
from archspec.formulas.sums import with_sums
from archspec.formulas.tidy import Tidier

Family = tuple[str, ...]
Kinds = tuple[type[Atom], ...]

_BULKY: tuple[Kinds, ...] = ((FloorDiv, Log2), (Min, Max, Sum))  # what is long, the inner before the outer
_WORTH = 8  # characters that naming a family must save


def abbreviate(
    dims: Sequence[Dim],
    named: Mapping[str, Dim] | None = None,
    taken: Iterable[str] = (),
    counts: Iterable[str] = (),
    order: Iterable[str] = (),
) -> tuple[list[Dim], list[tuple[str, Dim]]]:
    """The expressions with names put in, and what the names stand for.

    `named`: names that the spec gives, used where they make a formula shorter. Products of floors, minima and the like
    that recur get new names, different from all symbols and from `taken`. What a name stands for may use names before
    it. One call serves formulas shown together.
    """
    tidier = Tidier(counts, order)
    dims = shifted([simplified(dim) for dim in dims])
    where: list[tuple[str, Dim]] = []
    for name, value in (named or {}).items():
        rewritten = [_with_name(dim, name, value, tidier) for dim in dims]
        if rewritten != dims:
            where.append((name, value))
            dims = rewritten
    used = {*taken, *(named or ()), *(name for dim in dims for name in free_symbols(dim))}
    dims, sums = with_sums(dims, used, tidier.counts)
    where.extend(sums)
    for kinds in _BULKY:
        for product, name in sorted(_new_names(dims, kinds, used, tidier).items(), key=lambda pair: natural(pair[1])):
            where.append((name, term(1, product)))
            name_of_it = Sym(name, 0 if all(map(at_least_zero, dict(product))) else None)
            dims = [_replaced(dim, product, kinds, name_of_it) for dim in dims]
    return dims, where


def _with_name(dim: Dim, name: str, value: Dim, tidier: Tidier) -> Dim:
    """`dim` in terms of a named value, if that is shorter: with S = m + r, the product m is S - r."""
    if isinstance(dim, int) or isinstance(value, int):
        return dim
    pairs = [(c, m) for c, m in terms(value) if m]
    if not pairs:
        return dim
    coefficient, lead = max(pairs, key=lambda pair: sum(abs(e) for _, e in pair[1]))
    inverse = 1 / Fraction(coefficient)
    if inverse.denominator != 1 or len(value.by_monomial) == len(lead) == 1:
        return dim
    instead = (from_atom(Sym(name, 1)) - (value - term(coefficient, lead))) * int(inverse)
    result: Dim = 0
    for c, monomial in terms(dim):
        times = times_in(lead, monomial)
        rest = monomial_product(monomial, monomial_power(lead, -times))
        result = result + times_term(instead**times, c, rest)
    return result if tidier.piece(result).cost < tidier.piece(dim).cost else dim


def _bulky(monomial: Monomial, kinds: Kinds) -> Monomial:
    """The part of a product that is long to write."""
    return tuple(factor for factor in monomial if isinstance(factor[0], kinds) and factor[1] > 0)


def _monomials(dim: Dim) -> Iterator[Monomial]:
    """The products in an expression, also in minima and maxima."""
    for _, monomial in terms(dim):
        yield monomial
        for atom, _ in monomial:
            if isinstance(atom, (Min, Max)):
                for arg in atom.args:
                    yield from _monomials(arg)


def _new_names(dims: Sequence[Dim], kinds: Kinds, used: set[str], tidier: Tidier) -> dict[Monomial, str]:
    """Names for the products that recur, and for those that differ from one that recurs only in the divisors."""
    families: dict[Family, dict[Monomial, int]] = {}
    for dim in dims:
        for monomial in _monomials(dim):
            product = _bulky(monomial, kinds)
            if product:
                members = families.setdefault(_family(product), {})
                members[product] = members.get(product, 0) + 1
    found: dict[Monomial, str] = {}
    for members in families.values():
        saved = sum((times - 1) * (tidier.piece(term(1, product)).cost - 2) for product, times in members.items())
        if saved < _WORTH:
            continue
        for product, name in _named(members, used).items():
            used.add(name)
            found[product] = name
    return found


def _family(product: Monomial) -> Family:
    """What products have in common that differ only in the numbers they are divided by."""
    return tuple(
        sorted(
            f"{sorted(atom.symbols)}/n**{e}" if isinstance(atom, FloorDiv) and _divisor(atom) else f"{atom!r}**{e}"
            for atom, e in product
        )
    )


def _divisor(atom: FloorDiv) -> int:
    return atom.denominator if isinstance(atom.denominator, int) else 0


def _named(members: Mapping[Monomial, int], used: set[str]) -> dict[Monomial, str]:
    """`h4`, `h8`, … after the first symbol and the common divisor, or `t1`, `t2`, …"""
    products = list(members)
    divisors = [{_divisor(atom) if isinstance(atom, FloorDiv) else 0 for atom, _ in product} for product in products]
    by_divisor = all(len(found) == 1 and found != {0} for found in divisors)
    numbers = [found.pop() for found in divisors] if by_divisor else []
    if not by_divisor or len(set(numbers)) < len(numbers):
        numbers = list(range(1, len(products) + 1))
        by_divisor = False
    first = min(name for product in products for atom, _ in product for name in atom.symbols)
    letters = (first[0].lower() if by_divisor else "t") + "tuvqxyz"
    for letter in letters:
        names = [f"{letter}{number}" for number in numbers]
        if used.isdisjoint(names):
            return dict(zip(products, names, strict=True))
    return dict(zip(products, [f"abbreviation_{number}" for number in numbers], strict=True))


def _replaced(dim: Dim, product: Monomial, kinds: Kinds, name: Sym) -> Dim:
    """`dim` with the product replaced where it is the whole bulky part of a term."""
    if isinstance(dim, int):
        return dim
    swapped: dict[Monomial, Coefficient] = {}
    for monomial, coefficient in dim.by_monomial.items():
        new: Monomial = ONE
        if _bulky(monomial, kinds) == product:
            monomial = tuple(factor for factor in monomial if factor not in product)
            new = ((name, 1),)
        for atom, exponent in monomial:
            if isinstance(atom, (Min, Max)):
                atom = type(atom)(tuple(_replaced(arg, product, kinds, name) for arg in atom.args))
            new = monomial_product(new, ((atom, exponent),))
        swapped[new] = coefficient
    return collapse(swapped)
