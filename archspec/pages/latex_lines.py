r"""Long formulas on several lines of LaTeX: broken between the terms of sums and the arguments of functions.

What fits on a line stays together, with brackets that grow. A sum in brackets that does not fit is opened, and its
lines are indented; its brackets are `\bigl(` and `\bigr)`, which need not stand on one line. Widths are estimates, in
points of ten-point Computer Modern.
"""

from __future__ import annotations

from dataclasses import dataclass

from archspec.formulas.markup import latex, split_name
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

_INDENT, _WIDE, _MUCH = 10.0, 40.0, 0.8
_DIGIT, _LETTER, _UPRIGHT, _SMALL, _SIGN, _THIN, _BRACKET, _WORD = 5.0, 6.5, 5.5, 4.2, 12.3, 1.7, 4.5, 18.0


def lines(tree: Tree, room: float) -> tuple[list[str], bool]:
    r"""A formula as lines of about `room` points, and whether all are no wider. What `&` is to stand before begins each
    but the first.
    """
    breaker = _Breaker(room)
    breaker.put(tree, 0)
    return breaker.lines()


def width(tree: Tree) -> float:
    """How wide a formula is set."""
    match tree:
        case Number(value):
            return _DIGIT * len(str(abs(value))) + (_BRACKET if value < 0 else 0)
        case Symbol(name):
            base, index = split_name(name)
            return (_LETTER if len(base) == 1 else _UPRIGHT * len(base)) + _SMALL * len(index)
        case Add(terms):
            return sum(map(_factor, terms)) + _SIGN * (len(terms) - 1)
        case Multiply(factors):
            return sum(_factor(factor) + 2 * _THIN for factor in factors)
        case Divide(above, below):
            return max(width(above), width(below)) + 3
        case Raise(base, exponent):
            return _factor(base) + _SMALL / _DIGIT * width(exponent)
        case Floor(above, below) | Ceil(above, below):
            return max(width(above), width(below)) + 3 + 3 * _BRACKET
        case Least(args) | Greatest(args):
            return _WORD + 2 * _BRACKET + sum(width(arg) + _DIGIT for arg in args)
        case Logarithm(arg):
            return _WORD + 3 * _BRACKET + width(arg)
        case Series():
            return 2 * _WORD + _factor(tree.body)


def _factor(tree: Tree) -> float:
    return width(tree) + (3 * _BRACKET if isinstance(tree, Add) else 0)


def _without_number(tree: Tree) -> tuple[int, Tree]:
    """The number in front of a product, and the rest."""
    match tree:
        case Multiply((Number(value), *rest)):
            return value, rest[0] if len(rest) == 1 else Multiply(tuple(rest))
    return 1, tree


@dataclass
class _Chunk:
    """What stands together, and what comes before it: within a line, and at the beginning of one.

    forced: it always begins a line.
    """

    depth: int = 0
    forced: bool = False
    within: str = ""
    beginning: str = ""
    text: str = ""
    width: float = 0


class _Breaker:
    """Writes a formula as chunks."""

    def __init__(self, room: float) -> None:
        self.room = room
        self.chunks = [_Chunk()]

    def lines(self) -> tuple[list[str], bool]:
        """The chunks, as many on each line as there is room for; whether there is room for every chunk."""
        written: list[str] = []
        left = 0.0
        fits = True
        for chunk in self.chunks:
            if not written:
                written.append(chunk.text)
                left = self.room - chunk.width
            elif chunk.forced or chunk.width > left:
                written.append(r"\quad " * chunk.depth + "{}" + chunk.beginning + chunk.text)
                left = self.room - chunk.depth * _INDENT - chunk.width
            else:
                written[-1] += chunk.within + chunk.text
                left -= chunk.width
            fits = fits and left >= 0
        return written, fits

    def put(self, tree: Tree, depth: int) -> None:
        """Write a formula whose lines are indented so far."""
        if self._fits(tree, depth):
            self._add(latex(tree), width(tree))
            return
        match tree:
            case Add(terms):
                self._sum(terms, depth)
            case Multiply():
                self._product(tree, depth)
            case Divide(above, below):
                number, rest = _without_number(above)
                self._add(rf"\frac{{{number}}}{{{latex(below)}}} \, ", width(below) + 3)
                self._operand(rest, depth)
            case Least(args) | Greatest(args):
                self._function("min" if isinstance(tree, Least) else "max", args, depth)
            case _:
                self._add(latex(tree), width(tree))

    def _fits(self, tree: Tree, depth: int) -> bool:
        return width(tree) <= self.room - depth * _INDENT

    def _add(self, text: str, wide: float) -> None:
        self.chunks[-1].text += text
        self.chunks[-1].width += wide

    def _sum(self, terms: tuple[Tree, ...], depth: int) -> None:
        before = True
        for place, term in enumerate(terms):
            negative, size = sign_and_size(term)
            fits = self._fits(term, depth)
            sign = "-" if negative else "+"
            if place:
                # A term that takes several lines has them for itself.
                forced = not (fits and before)
                self.chunks.append(_Chunk(depth, forced, f" {sign} ", f"{sign} ", width=_SIGN))
            elif negative:
                self._add("-", _SIGN)
            self._operand(size, depth)
            before = fits

    def _product(self, tree: Multiply, depth: int) -> None:
        """The widest sum is opened; where the rest does not fit either, lines may also end before wide factors."""
        negative, size = sign_and_size(tree)
        if negative:
            self._add("-", _SIGN)
        factors = size.factors if isinstance(size, Multiply) else (size,)
        sums = sorted(
            (place for place, one in enumerate(factors) if isinstance(one, Add)), key=lambda n: width(factors[n])
        )
        rest = width(size) - (width(factors[sums[-1]]) if sums else 0)
        for place, factor in enumerate(factors):
            if place and place not in sums[-1:] and width(factor) > _WIDE and rest > _MUCH * self.room:
                self.chunks.append(_Chunk(depth + 1, False, r" \, ", r"\cdot ", width=2 * _THIN))
            elif place:
                starts = not isinstance(factor, Add) and latex(factor)[0].isdigit()
                self._add(r" \cdot " if starts else r" \, ", _SIGN / 2 if starts else 2 * _THIN)
            if place in sums[-1:]:
                self._open(factor, depth)
            else:
                self._operand(factor, depth)

    def _operand(self, tree: Tree, depth: int) -> None:
        """A factor or a term: a sum stands in brackets."""
        if not isinstance(tree, Add):
            self.put(tree, depth)
        elif self._fits(tree, depth + 1):
            self._add(rf"\left({latex(tree)}\right)", _factor(tree))
        else:
            self._open(tree, depth)

    def _open(self, tree: Tree, depth: int) -> None:
        """A sum in brackets, on several lines."""
        assert isinstance(tree, Add)
        self._add(r"\bigl(", _BRACKET)
        self._sum(tree.terms, depth + 1)
        self._add(r"\bigr)", _BRACKET)

    def _function(self, name: str, args: tuple[Tree, ...], depth: int) -> None:
        self._add(rf"\{name}\bigl(", _WORD + _BRACKET)
        before = True
        for place, arg in enumerate(args):
            fits = self._fits(arg, depth + 1)
            if place:
                self._add(",", _DIGIT)
                self.chunks.append(_Chunk(depth + 1, not (fits and before), " "))
            self.put(arg, depth + 1)
            before = fits
        self._add(r"\bigr)", _BRACKET)
