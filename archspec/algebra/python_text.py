"""Expressions as Python source: only `//`, `**`, `min`, `max` and integers, so that the value stays exact."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping

from archspec.algebra.atoms import FloorDiv, Log2, Max, Min, Power, Sum, Sym
from archspec.algebra.division import over_common_denominator
from archspec.algebra.poly import Atom, Dim, free_symbols, terms

_USED = frozenset(("min", "max", "sum", "range", "for", "in"))


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """A Python identifier for each symbol: itself, or for `depths[1]` and the like `depths_1`; all different."""
    ordered = sorted(names, key=lambda name: (not name.isidentifier(), name))
    found: dict[str, str] = {}
    taken = set(_USED)
    for name in ordered:
        made = "".join(c if c.isalnum() and c.isascii() else "_" for c in name.replace("]", ""))
        if not made.isidentifier() or keyword.iskeyword(made):
            made = f"{made}_" if made.isidentifier() else f"_{made}"
        while made in taken:
            made += "_"
        taken.add(made)
        found[name] = made
    return found


def to_python(dim: Dim, names: Mapping[str, str] | None = None) -> str:
    """A Python expression of the symbols whose value is `evaluate`'s. `names`: identifiers, else `identifiers`'."""
    return _Writer(identifiers(free_symbols(dim)) if names is None else dict(names)).whole(dim)


class _Writer:
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def whole(self, dim: Dim) -> str:
        """An expression without fractions, or one fraction that comes out."""
        above, below = over_common_denominator(dim)
        return self.plain(above) if below == 1 else f"{_operand(self.plain(above))}//{_operand(self.plain(below))}"

    def plain(self, dim: Dim) -> str:
        text = ""
        for coefficient, monomial in terms(dim):
            factors = [self.atom(atom) + (f"**{e}" if e != 1 else "") for atom, e in monomial]
            if abs(coefficient) != 1 or not factors:
                factors.insert(0, str(abs(coefficient)))
            sign = "-" if coefficient < 0 else "+"
            text += f" {sign} " if text else sign.strip("+")
            text += "*".join(factors)
        return text or "0"

    def atom(self, atom: Atom) -> str:
        if isinstance(atom, Sym):
            return self.names[atom.name]
        if isinstance(atom, FloorDiv):
            return f"({_operand(self.whole(atom.numerator))}//{_operand(self.whole(atom.denominator))})"
        if isinstance(atom, Power):
            return f"({_operand(self.whole(atom.base))}**{_operand(self.whole(atom.exponent))})"
        if isinstance(atom, (Min, Max)):
            name = "min" if isinstance(atom, Min) else "max"
            return f"{name}({', '.join(self.whole(arg) for arg in atom.args)})"
        if isinstance(atom, Log2):
            return f"({_operand(self.whole(atom.arg))}.bit_length() - 1)"
        assert isinstance(atom, Sum)
        return self._sum(atom)

    def _sum(self, atom: Sum) -> str:
        outer = self.names
        bounds = f"range({self.whole(atom.low)}, {self.whole(atom.high)})"
        index = "i"
        while index in outer.values() or index in _USED:
            index += "_"
        self.names = outer | {atom.index.name: index}
        body = self.whole(atom.body)
        self.names = outer
        return f"sum({body} for {index} in {bounds})"


def _operand(text: str) -> str:
    """The text of an expression as an operand: in parentheses unless it is a name, a number or in them already."""
    return text if text.isidentifier() or text.isdigit() or _is_enclosed(text) else f"({text})"


def _is_enclosed(text: str) -> bool:
    """Whether the first parenthesis closes at the very end."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position == len(text) - 1 > 0
    return False
