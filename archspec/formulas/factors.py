"""The display trees of atoms, and of products of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from archspec.algebra.atoms import FloorDiv, Inverse, Log2, Max, Min, Power, Sum, Sym
from archspec.algebra.poly import Atom, Coefficient, Dim, Monomial
from archspec.formulas.ceilings import Ceiling
from archspec.formulas.order import Order
from archspec.formulas.tree import (
    Ceil,
    Divide,
    Floor,
    Greatest,
    Least,
    Logarithm,
    Multiply,
    Number,
    Raise,
    Series,
    Symbol,
    Tree,
)


class Factors:
    """Trees of atoms. `tree` makes the tree of an expression inside one."""

    def __init__(self, order: Order, tree: Callable[[Dim], Tree]) -> None:
        self._order = order
        self._tree = tree
        self._atoms: dict[Atom, Tree] = {}

    def atom(self, atom: Atom) -> Tree:
        """The tree of an atom."""
        found = self._atoms.get(atom)
        if found is None:
            found = self._atoms[atom] = self._made(atom)
        return found

    def _made(self, atom: Atom) -> Tree:
        tree = self._tree
        if isinstance(atom, Sym):
            return Symbol(atom.name, atom.lower)
        if isinstance(atom, FloorDiv):
            return Floor(tree(atom.numerator), tree(atom.denominator))
        if isinstance(atom, Ceiling):
            return Ceil(tree(atom.numerator), tree(atom.denominator))
        if isinstance(atom, Power):
            return Raise(tree(atom.base), tree(atom.exponent))
        if isinstance(atom, (Min, Max)):
            args = tuple(tree(arg) for arg in atom.args)
            return Least(args) if isinstance(atom, Min) else Greatest(args)
        if isinstance(atom, Log2):
            return Logarithm(tree(atom.arg))
        if isinstance(atom, Inverse):
            return Divide(Number(1), tree(atom.arg))
        series = cast("Sum", atom)
        index = Symbol(series.index.name, series.index.lower)
        return Series(index, tree(series.low), tree(series.high - 1), tree(series.high), tree(series.body))

    def trees(self, monomial: Monomial, sign: int) -> list[Tree]:
        """The factors above (1) or below (-1) the fraction line, in their order."""
        found: list[Tree] = []
        powers: dict[Dim, int] = {}
        for atom, exponent in self._order.factors(monomial):
            if isinstance(atom, Inverse):
                if sign < 0:
                    found.append(_raised(self._tree(atom.arg), exponent))
            elif exponent * sign <= 0:
                continue
            elif isinstance(atom, Power) and isinstance(atom.base, int):
                # (2**i)**2 * 3**i is shown as 12**i
                powers[atom.exponent] = powers.get(atom.exponent, 1) * atom.base ** abs(exponent)
            elif isinstance(atom, Power):
                found.append(Raise(self._tree(atom.base), self._tree(atom.exponent * abs(exponent))))
            else:
                found.append(_raised(self.atom(atom), abs(exponent)))
        return [*(Raise(Number(base), self._tree(exponent)) for exponent, base in powers.items()), *found]


def _raised(tree: Tree, exponent: int) -> Tree:
    return tree if exponent == 1 else Raise(tree, Number(exponent))


def fraction(number: Coefficient, above: list[Tree], below: list[Tree]) -> Tree:
    """A number times the factors above the line, divided by those below."""
    negative, numerator = number < 0, abs(number.numerator)
    front = [Number(-numerator if negative else numerator)] if numerator != 1 or not above or negative else []
    if negative and numerator == 1 and not above:
        front = [Number(-1)]
    tree = _product([*front, *above])
    if number.denominator != 1:
        below = [Number(number.denominator), *below]
    return Divide(tree, _product(below)) if below else tree


def _product(factors: list[Tree]) -> Tree:
    return factors[0] if len(factors) == 1 else Multiply(tuple(factors))


def factors_of(tree: Tree) -> tuple[Tree, ...]:
    """The factors of a product; anything else is one factor."""
    return tree.factors if isinstance(tree, Multiply) else (tree,)
