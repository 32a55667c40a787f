"""Putting expressions in the place of symbols."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.algebra.atoms import FloorDiv, Inverse, Log2, Max, Min, Power, Sum, Sym, symbol
from archspec.algebra.division import quotient, without_inverses
from archspec.algebra.extrema import maximum, minimum
from archspec.algebra.facts import NO_FACTS, Facts
from archspec.algebra.floors import floordiv
from archspec.algebra.poly import Atom, Coefficient, Dim, Monomial, collapse, free_symbols, from_atom, scaled
from archspec.algebra.powers import log2, power


def substitute(dim: Dim, values: Mapping[str, Dim], facts: Facts = NO_FACTS) -> Dim:
    """`dim` with the named symbols replaced, all at once, and every floor, power, … brought into normal form again.

    Raises AlgebraError where a number makes no sense in its place (a denominator of 0, the logarithm of 3).
    """
    if isinstance(dim, int) or dim.symbols.isdisjoint(values):
        return dim
    return _Substitution(values, facts).apply(dim)


class _Substitution:
    def __init__(self, values: Mapping[str, Dim], facts: Facts) -> None:
        self.values = values
        self.facts = facts
        self.replaced: dict[Atom, Dim] = {}

    def apply(self, dim: Dim) -> Dim:
        if isinstance(dim, int) or dim.symbols.isdisjoint(self.values):
            return dim
        values = self.values
        same: dict[Monomial, Coefficient] = {}
        result: Dim = 0
        for monomial, coefficient in dim.by_monomial.items():
            if all(atom.symbols.isdisjoint(values) for atom, _ in monomial):
                same[monomial] = coefficient
                continue
            above: Dim = 1
            below: Dim = 1
            for atom, exponent in monomial:
                if exponent > 0:
                    above = above * self.atom(atom) ** exponent
                else:
                    below = below * self.atom(atom) ** -exponent
            above = scaled(above, coefficient)
            result = result + (above if below == 1 else quotient(above, below))
        return without_inverses(result + collapse(same))

    def atom(self, atom: Atom) -> Dim:
        """What stands in the place of `atom`."""
        if isinstance(atom, Sym):
            return self.values[atom.name] if atom.name in self.values else from_atom(atom)
        if atom.symbols.isdisjoint(self.values):
            return from_atom(atom)
        if atom not in self.replaced:
            self.replaced[atom] = self._rebuilt(atom)
        return self.replaced[atom]

    def _rebuilt(self, atom: Atom) -> Dim:
        apply, facts = self.apply, self.facts
        if isinstance(atom, FloorDiv):
            return floordiv(apply(atom.numerator), apply(atom.denominator), facts)
        if isinstance(atom, Power):
            return power(apply(atom.base), apply(atom.exponent), facts)
        if isinstance(atom, Min):
            return minimum([apply(arg) for arg in atom.args], facts)
        if isinstance(atom, Max):
            return maximum([apply(arg) for arg in atom.args], facts)
        if isinstance(atom, Log2):
            return log2(apply(atom.arg))
        if isinstance(atom, Inverse):
            return quotient(1, apply(atom.arg))
        assert isinstance(atom, Sum)
        return self._sum(atom)

    def _sum(self, atom: Sum) -> Dim:
        """The index is bound: it is not replaced, and gets another name where a value brings its name in."""
        from archspec.algebra.sums import sum_over

        values = {name: value for name, value in self.values.items() if name != atom.index.name}
        taken = {name for value in values.values() for name in free_symbols(value)}
        index = atom.index.name
        while index in taken:
            index += "_"
        body = substitute(atom.body, values | {atom.index.name: symbol(index, 0)}, self.facts)
        return sum_over(body, index, self.apply(atom.low), self.apply(atom.high), self.facts)
