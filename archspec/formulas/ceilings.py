"""Floors that are easier to read as ceilings."""

from __future__ import annotations

from archspec.algebra.atoms import FloorDiv
from archspec.algebra.poly import Atom, Dim, Monomial, Poly, atoms_of, constant_term, from_atom, replace_atom


class Ceiling(Atom):
    """`numerator / denominator` rounded up; only ever made for showing."""

    __match_args__ = ("numerator", "denominator")
    __slots__ = __match_args__
    numerator: Dim
    denominator: Dim

    def __init__(self, numerator: Dim, denominator: Dim) -> None:
        self.numerator, self.denominator = numerator, denominator
        inside = [part.symbols for part in (numerator, denominator) if isinstance(part, Poly)]
        self.symbols = frozenset().union(*inside)
        self.key = (1, f"ceil({numerator!r}, {denominator!r})", 0)


class Ceilings:
    """Rewrites expressions with ceilings; one object for each meaning."""

    def __init__(self) -> None:
        self._made: dict[tuple[Dim, Dim], Ceiling] = {}

    def rewrite(self, dim: Dim) -> Dim:
        """`dim` with `floor((p + n - 1)/n)` as the ceiling of p/n, and `floor((p - 1)/q) + 1` as that of p/q."""
        if isinstance(dim, int) or not any(isinstance(a, FloorDiv) for m in dim.by_monomial for a, _ in m):
            return dim
        for atom in atoms_of(dim):
            if not isinstance(atom, FloorDiv) or isinstance(atom.numerator, int):
                continue
            numerator, denominator = atom.numerator, atom.denominator
            constant = constant_term(numerator)
            if isinstance(denominator, int) and constant == denominator - 1:
                dim = _renamed(dim, atom, self._ceiling(numerator - int(constant), denominator))
            elif constant == -1:
                rewritten = replace_atom(dim, atom, from_atom(self._ceiling(numerator + 1, denominator)) - 1)
                if isinstance(rewritten, Poly) and len(rewritten.by_monomial) <= len(dim.by_monomial):
                    dim = rewritten
        return dim

    def _ceiling(self, numerator: Dim, denominator: Dim) -> Ceiling:
        key = numerator, denominator
        if key not in self._made:
            self._made[key] = Ceiling(numerator, denominator)
        return self._made[key]


def _renamed(dim: Poly, old: Atom, new: Atom) -> Poly:
    """`dim` with an atom in the place of another, whatever its exponent."""
    return Poly({_swapped(monomial, old, new): c for monomial, c in dim.by_monomial.items()})


def _swapped(monomial: Monomial, old: Atom, new: Atom) -> Monomial:
    factors = [(new if atom is old else atom, exponent) for atom, exponent in monomial]
    return tuple(sorted(factors, key=lambda factor: factor[0].key))
