"""A formula in every notation, made when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from archspec.algebra import Dim, free_symbols, identifiers, to_python
from archspec.formulas import markup
from archspec.formulas.abbreviate import abbreviate
from archspec.formulas.order import natural
from archspec.formulas.text import python, text
from archspec.formulas.tidy import Tidier
from archspec.formulas.tree import Add, Ceil, Divide, Floor, Greatest, Least, Logarithm, Multiply, Raise, Series, Tree

if TYPE_CHECKING:
    import sympy


class Formula:
    """An expression and how it is shown.

    `counts`: names of loop counts, by which terms are grouped. `order`: symbols in the order they are shown.
    `named`: names of the spec that may stand for what they mean.
    """

    def __init__(
        self,
        dim: Dim,
        counts: Iterable[str] = (),
        order: Iterable[str] = (),
        named: Mapping[str, Dim] | None = None,
    ) -> None:
        self.dim = dim
        self.counts, self.order, self.named = tuple(counts), tuple(order), dict(named or {})

    @cached_property
    def tree(self) -> Tree:
        """The tidy form without abbreviations."""
        return Tidier(self.counts, self.order).piece(self.dim).tree

    @cached_property
    def shown(self) -> tuple[Tree, list[tuple[str, Tree]]]:
        """The tidy form with abbreviations, and what these stand for."""
        (dim,), where = abbreviate([self.dim], self.named, (), self.counts, self.order)
        tidier = Tidier(self.counts, self.order)
        return tidier.piece(dim).tree, [(name, tidier.piece(value).tree) for name, value in where]

    @property
    def text(self) -> str:
        """One line for people: `B*h4 + h8, where h4 = ⌈H/4⌉*⌈W/4⌉, h8 = …`."""
        tree, where = self.shown
        named = ", ".join(f"{name} = {text(value)}" for name, value in where)
        return f"{text(tree)}, where {named}" if named else text(tree)

    @property
    def latex(self) -> str:
        """LaTeX for math mode."""
        return markup.latex(*self.shown)

    @property
    def mathml(self) -> str:
        """A MathML `math` element."""
        return markup.mathml(*self.shown)

    @property
    def python(self) -> str:
        """A Python expression in exact integers, without abbreviations."""
        if _has_loose_fraction(self.tree):
            return to_python(self.dim)  # fractions that only come out even together
        return python(self.tree, identifiers(free_symbols(self.dim)))

    def sympy(self) -> sympy.Expr:
        """A sympy expression grouped as shown, without abbreviations."""
        from archspec.formulas.sympy_form import tree_to_sympy

        return tree_to_sympy(self.tree)

    def to_json(self) -> dict[str, object]:
        """All notations. `text` and `latex` use the abbreviations that `where` lists, `python` does not."""
        tree, where = self.shown
        return {
            "text": text(tree),
            "latex": markup.latex(tree),
            "python": self.python,
            "symbols": sorted(free_symbols(self.dim), key=natural),
            "where": {name: {"text": text(value), "latex": markup.latex(value)} for name, value in where},
        }


def _has_loose_fraction(tree: Tree, whole: bool = True) -> bool:
    """Whether a fraction is part of a larger operation, where it need not be an integer. `whole`: `tree` is one."""
    match tree:
        case Divide(above, below):
            return not whole or _has_loose_fraction(above, False) or _has_loose_fraction(below, False)
        case Add(parts) | Multiply(parts):
            return any(_has_loose_fraction(part, False) for part in parts)
        case Raise(base, exponent):
            return _has_loose_fraction(base, False) or _has_loose_fraction(exponent)
        case Floor(above, below) | Ceil(above, below):
            # They are written as a division of what stands in them.
            return _has_loose_fraction(above, False) or _has_loose_fraction(below, False)
        case Least(args) | Greatest(args):
            return any(map(_has_loose_fraction, args))
        case Logarithm(arg):
            return _has_loose_fraction(arg)
        case Series(_, low, _, end, body):
            return any(map(_has_loose_fraction, (low, end, body)))
    return False
