"""Formulas as LaTeX and as presentation MathML, in the grouping of the display tree.

Written here and not with sympy's printers: importing sympy takes longer than a whole report.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

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

Where = Sequence[tuple[str, Tree]]


def latex(tree: Tree, where: Where = ()) -> str:
    """LaTeX for math mode; the abbreviations of `where` follow the formula."""
    written = _Latex().write(tree)
    if not where:
        return written
    named = (f"{_Latex().symbol(name)} = {_Latex().write(value)}" for name, value in where)
    separator = r",\; "
    return rf"{written} \quad \text{{where }} {separator.join(named)}"


def mathml(tree: Tree, where: Where = ()) -> str:
    """A `math` element, shown as a block."""
    writer = _MathML()
    written = writer.write(tree)
    for place, (name, value) in enumerate(where):
        lead = "<mspace width='1em'/><mtext>where </mtext>" if place == 0 else "<mo>,</mo><mspace width='0.5em'/>"
        written += f"{lead}{writer.symbol(name)}<mo>=</mo>{writer.write(value)}"
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mrow>{written}</mrow></math>'


def split_name(name: str) -> tuple[str, str]:
    """A symbol's name and its subscript: `depths[1]`, `h4` and `x_in` have one, `bytes_act` has none."""
    if name.endswith("]"):
        base, _, index = name[:-1].partition("[")
        return base, index.replace("][", ",")
    base = name.rstrip("0123456789")
    if len(base) == 1:
        return base, name[1:]
    return (name[0], name[2:]) if name[1:2] == "_" and name[2:] else (name, "")


class _Markup(ABC):
    """The walk over a tree; the two notations say how each thing is put."""

    def write(self, tree: Tree) -> str:
        match tree:
            case Number(value):
                return self.number(value)
            case Symbol(name):
                return self.symbol(name)
            case Add(terms):
                return self.sum(terms)
            case Multiply(factors):
                negative, size = sign_and_size(tree)
                if negative:
                    return self.minus(self.factor(size))
                return self.product([self.factor(factor) for factor in factors], factors)
            case Divide(above, below):
                return self.fraction(self.write(above), self.write(below))
            case Raise(base, exponent):
                simple = isinstance(base, Symbol) or (isinstance(base, Number) and base.value >= 0)
                return self.power(self.write(base) if simple else self.enclosed(base, "(", ")"), self.write(exponent))
            case Floor(above, below):
                return self.enclosed(Divide(above, below), "⌊", "⌋")
            case Ceil(above, below):
                return self.enclosed(Divide(above, below), "⌈", "⌉")
            case Least(args):
                return self.function("min", args)
            case Greatest(args):
                return self.function("max", args)
            case Logarithm(arg):
                return self.logarithm(arg)
            case Series():
                return self.series(tree)

    def factor(self, tree: Tree) -> str:
        """An operand of a product."""
        negative = isinstance(tree, Number) and tree.value < 0
        return self.enclosed(tree, "(", ")") if isinstance(tree, Add) or negative else self.write(tree)

    def sum(self, terms: tuple[Tree, ...]) -> str:
        written = ""
        for tree in terms:
            negative, size = sign_and_size(tree)
            piece = self.factor(size)
            if written:
                written += self.operator("-" if negative else "+") + piece
            else:
                written = self.minus(piece) if negative else piece
        return written

    @abstractmethod
    def number(self, value: int) -> str: ...

    @abstractmethod
    def symbol(self, name: str) -> str: ...

    @abstractmethod
    def operator(self, sign: str) -> str: ...

    @abstractmethod
    def minus(self, written: str) -> str: ...

    @abstractmethod
    def product(self, written: list[str], factors: tuple[Tree, ...]) -> str: ...

    @abstractmethod
    def fraction(self, above: str, below: str) -> str: ...

    @abstractmethod
    def power(self, base: str, exponent: str) -> str: ...

    @abstractmethod
    def enclosed(self, tree: Tree, left: str, right: str) -> str: ...

    @abstractmethod
    def function(self, name: str, args: tuple[Tree, ...]) -> str: ...

    @abstractmethod
    def logarithm(self, arg: Tree) -> str: ...

    @abstractmethod
    def series(self, tree: Series) -> str: ...


_BRACKETS = {"(": "(", ")": ")", "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil "}


class _Latex(_Markup):
    def number(self, value: int) -> str:
        return str(value)

    def symbol(self, name: str) -> str:
        base, index = split_name(name)
        written = base if len(base) == 1 else rf"\mathrm{{{_escaped(base)}}}"
        if not index:
            return written
        return f"{written}_{{{index if index.isdigit() or len(index) == 1 else _upright(index)}}}"

    def operator(self, sign: str) -> str:
        return f" {sign} "

    def minus(self, written: str) -> str:
        return f"-{written}"

    def product(self, written: list[str], factors: tuple[Tree, ...]) -> str:
        result = written[0]
        for piece in written[1:]:
            result += (r" \cdot " if piece[0].isdigit() else r" \, ") + piece
        return result

    def fraction(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}"

    def enclosed(self, tree: Tree, left: str, right: str) -> str:
        return rf"\left{_BRACKETS[left]}{self.write(tree)}\right{_BRACKETS[right]}".rstrip()

    def function(self, name: str, args: tuple[Tree, ...]) -> str:
        return rf"\{name}\left({', '.join(map(self.write, args))}\right)"

    def logarithm(self, arg: Tree) -> str:
        return rf"\log_{{2}}\left({self.write(arg)}\right)"

    def series(self, tree: Series) -> str:
        low, last = self.write(tree.low), self.write(tree.last)
        return rf"\sum_{{{self.symbol(tree.index.name)}={low}}}^{{{last}}} {self.factor(tree.body)}"


def _escaped(name: str) -> str:
    return name.replace("_", r"\_")


def _upright(name: str) -> str:
    return name if name.replace(",", "").isdigit() else rf"\mathrm{{{_escaped(name)}}}"


class _MathML(_Markup):
    def number(self, value: int) -> str:
        return f"<mn>{value}</mn>" if value >= 0 else self.minus(f"<mn>{-value}</mn>")

    def symbol(self, name: str) -> str:
        base, index = split_name(name)
        if not index:
            return f"<mi>{base}</mi>"
        below = f"<mn>{index}</mn>" if index.replace(",", "").isdigit() else f"<mi>{index}</mi>"
        return f"<msub><mi>{base}</mi>{below}</msub>"

    def operator(self, sign: str) -> str:
        return f"<mo>{'−' if sign == '-' else sign}</mo>"

    def minus(self, written: str) -> str:
        return f"<mrow><mo form='prefix'>−</mo>{written}</mrow>"

    def product(self, written: list[str], factors: tuple[Tree, ...]) -> str:
        result = written[0]
        for piece, factor in zip(written[1:], factors[1:], strict=True):
            digits = isinstance(factor.base if isinstance(factor, Raise) else factor, Number)
            result += ("<mo>⋅</mo>" if digits else "<mo rspace='0.17em'>&#x2062;</mo>") + piece
        return f"<mrow>{result}</mrow>"

    def fraction(self, above: str, below: str) -> str:
        return f"<mfrac><mrow>{above}</mrow><mrow>{below}</mrow></mfrac>"

    def power(self, base: str, exponent: str) -> str:
        return f"<msup>{base}<mrow>{exponent}</mrow></msup>"

    def enclosed(self, tree: Tree, left: str, right: str) -> str:
        return f"<mrow><mo>{left}</mo>{self.write(tree)}<mo>{right}</mo></mrow>"

    def function(self, name: str, args: tuple[Tree, ...]) -> str:
        inside = "<mo>,</mo>".join(map(self.write, args))
        return f"<mrow><mi>{name}</mi><mo>&#x2061;</mo><mo>(</mo>{inside}<mo>)</mo></mrow>"

    def logarithm(self, arg: Tree) -> str:
        return f"<mrow><msub><mi>log</mi><mn>2</mn></msub><mo>&#x2061;</mo>{self.enclosed(arg, '(', ')')}</mrow>"

    def series(self, tree: Series) -> str:
        low = f"<mrow>{self.symbol(tree.index.name)}<mo>=</mo>{self.write(tree.low)}</mrow>"
        last = f"<mrow>{self.write(tree.last)}</mrow>"
        return f"<mrow><munderover><mo>∑</mo>{low}{last}</munderover>{self.factor(tree.body)}</mrow>"
