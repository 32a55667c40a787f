"""Formulas as lines of text: for people (`⌈H/4⌉`), or as Python (`-(-H // 4)`)."""

from __future__ import annotations

from collections.abc import Mapping

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
    sign_and_size,
)

_SUM, _PRODUCT, _FACTOR, _POWER, _WHOLE = range(5)  # how tightly the outermost operation of a text binds


def text(tree: Tree) -> str:
    """The formula for people, with `*`, `/`, `**`, `⌊ ⌋`, `⌈ ⌉`, `max`, `min` and `Σ`."""
    return _People().write(tree)[0]


def python(tree: Tree, names: Mapping[str, str]) -> str:
    """The formula as a Python expression; `names` are the symbols' identifiers. A fraction must come out even."""
    return _Python(names).write(tree)[0]


class _People:
    """Each method gives a text and how tightly it binds."""

    def write(self, tree: Tree) -> tuple[str, int]:
        match tree:
            case Number(value):
                return str(value), _WHOLE if value >= 0 else _SUM
            case Symbol(name):
                return self.name(name), _WHOLE
            case Add(terms):
                return self.sum(terms), _SUM
            case Multiply(factors):
                negative, size = sign_and_size(tree)
                if negative:
                    return f"-{self.at(size, _PRODUCT)}", _SUM
                first, *rest = factors
                return "*".join([self.at(first, _PRODUCT), *(self.at(factor, _FACTOR) for factor in rest)]), _PRODUCT
            case Divide(above, below):
                return self.fraction(above, below), _PRODUCT
            case Raise(base, exponent):
                return f"{self.at(base, _WHOLE)}**{self.at(exponent, _WHOLE)}", _POWER
            case Floor(above, below):
                return self.floor(above, below)
            case Ceil(above, below):
                return self.ceiling(above, below)
            case Least(args):
                return f"min({self.list(args)})", _WHOLE
            case Greatest(args):
                return f"max({self.list(args)})", _WHOLE
            case Logarithm(arg):
                return self.logarithm(arg)
            case Series():
                return self.series(tree)

    def at(self, tree: Tree, binding: int) -> str:
        """The text of an operand, in parentheses if it binds less than is needed there."""
        written, own = self.write(tree)
        return written if own >= binding else f"({written})"

    def sum(self, terms: tuple[Tree, ...]) -> str:
        written = ""
        for tree in terms:
            negative, size = sign_and_size(tree)
            sign = "-" if negative else "+"
            written += f" {sign} " if written else sign.strip("+")
            written += self.at(size, _PRODUCT)
        return written

    def list(self, args: tuple[Tree, ...]) -> str:
        return ", ".join(self.write(arg)[0] for arg in args)

    def name(self, name: str) -> str:
        return name

    def fraction(self, above: Tree, below: Tree) -> str:
        return f"{self.at(above, _PRODUCT)}/{self.at(below, _POWER)}"

    def floor(self, above: Tree, below: Tree) -> tuple[str, int]:
        return f"⌊{self.fraction(above, below)}⌋", _WHOLE

    def ceiling(self, above: Tree, below: Tree) -> tuple[str, int]:
        return f"⌈{self.fraction(above, below)}⌉", _WHOLE

    def logarithm(self, arg: Tree) -> tuple[str, int]:
        return f"log2({self.write(arg)[0]})", _WHOLE

    def series(self, tree: Series) -> tuple[str, int]:
        body, low, last = (self.write(part)[0] for part in (tree.body, tree.low, tree.last))
        return f"Σ({body}, {tree.index.name} = {low}…{last})", _WHOLE


class _Python(_People):
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)

    def name(self, name: str) -> str:
        return self.names[name]

    def fraction(self, above: Tree, below: Tree) -> str:
        return f"{self.at(above, _PRODUCT)} // {self.at(below, _POWER)}"

    def floor(self, above: Tree, below: Tree) -> tuple[str, int]:
        return f"({self.fraction(above, below)})", _WHOLE

    def ceiling(self, above: Tree, below: Tree) -> tuple[str, int]:
        # -(-p // q) rounds up; the minus binds before the division.
        return f"-(-{self.at(above, _WHOLE)} // {self.at(below, _POWER)})", _SUM

    def logarithm(self, arg: Tree) -> tuple[str, int]:
        return f"({self.at(arg, _WHOLE)}.bit_length() - 1)", _WHOLE

    def series(self, tree: Series) -> tuple[str, int]:
        outer = self.names
        low, end = self.write(tree.low)[0], self.write(tree.end)[0]
        index = "i"
        while index in outer.values():
            index += "_"
        self.names = outer | {tree.index.name: index}
        body = self.write(tree.body)[0]
        self.names = outer
        return f"sum({body} for {index} in range({low}, {end}))", _WHOLE
