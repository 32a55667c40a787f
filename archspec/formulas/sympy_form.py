"""Expressions as sympy's. The one place where sympy symbols are made: two calls give the same symbol."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import TYPE_CHECKING, Any

from archspec.algebra import Dim
from archspec.formulas.tidy import tidy
from archspec.formulas.tree import (
    Add,
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

if TYPE_CHECKING:
    import sympy


def sympy_symbol(name: str, lower: int | None = 1) -> sympy.Symbol:
    """The sympy symbol: an integer, positive for sizes, not negative for counts and indices."""
    import sympy

    if lower is None:
        return sympy.Symbol(name, integer=True)
    return (
        sympy.Symbol(name, integer=True, positive=True)
        if lower > 0
        else sympy.Symbol(name, integer=True, nonnegative=True)
    )


def to_sympy(dim: Dim, counts: Iterable[str] = (), order: Iterable[str] = ()) -> sympy.Expr:
    """`dim` as a sympy expression that is grouped as it is shown."""
    return tree_to_sympy(tidy(dim, counts, order))


def tree_to_sympy(tree: Tree) -> sympy.Expr:
    """A display tree as a sympy expression, sums and products left as they are."""
    import sympy

    return _Converter(sympy).convert(tree)


class _Converter:
    def __init__(self, sympy: Any) -> None:
        self.sympy = sympy

    def convert(self, tree: Tree) -> Any:
        sympy, convert = self.sympy, self.convert
        match tree:
            case Number(value):
                return sympy.Integer(value)
            case Symbol(name, lower):
                return sympy_symbol(name, lower)
            case Add(terms):
                return sympy.Add(*map(convert, terms), evaluate=False)
            case Multiply(factors):
                return self.product([convert(factor) for factor in factors])
            case Divide(above, below):
                factors = above.factors if isinstance(above, Multiply) else (above,)
                return self.product([*map(convert, factors), sympy.Pow(convert(below), -1)])
            case Raise(base, exponent):
                return sympy.Pow(convert(base), convert(exponent))
            case Floor(above, below):
                return sympy.floor(convert(above) / convert(below))
            case Ceil(above, below):
                return sympy.ceiling(convert(above) / convert(below))
            case Least(args):
                return sympy.Min(*map(convert, args))
            case Greatest(args):
                return sympy.Max(*map(convert, args))
            case Logarithm(arg):
                return sympy.log(convert(arg), 2)
            case Series(index, low, last, _, body):
                return sympy.Sum(convert(body), (convert(index), convert(low), convert(last)))

    def product(self, factors: list[Any]) -> Any:
        """An unevaluated product; the numbers in it are multiplied, and 1 is left out."""
        sympy = self.sympy
        number = reduce(lambda x, y: x * y, (f for f in factors if f.is_Rational), sympy.Integer(1))
        rest = [f for f in factors if not f.is_Rational]
        if number != 1 or not rest:
            rest.insert(0, number)
        return rest[0] if len(rest) == 1 else sympy.Mul(*rest, evaluate=False)
