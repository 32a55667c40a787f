"""What stands in the cells of a report's tables: sums over layers, as a number in short or as a formula."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.algebra import Dim, Inverse, free_symbols, substitute
from archspec.algebra.division import quotient
from archspec.report.layers import Layer
from archspec.report.report import Report
from archspec.report.tree import Node
from archspec.report.units import short

_RAISED = {"2": "²", "3": "³", "4": "⁴"}


class Cells:
    """The cells of one report. Numbers of layers are computed once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._numbers: dict[tuple[int, str], int | None] = {}

    def number(self, layers: Iterable[Layer], quantity: str) -> int | None:
        """The sum of a quantity over layers; None where a symbol has no value."""
        total = 0
        for layer in layers:
            key = id(layer), quantity
            if key not in self._numbers:
                self._numbers[key] = self.report.evaluate(layer.quantities.get(quantity, 0))
            number = self._numbers[key]
            if number is None:
                return None
            total += number
        return total

    def total(self, layers: Iterable[Layer], quantity: str) -> Dim:
        """The same as an expression, with all numbers put in."""
        whole: Dim = 0
        for layer in layers:
            whole = whole + layer.quantities.get(quantity, 0)
        return self.report.reduced(whole)

    def amount(self, layers: list[Layer], quantity: str) -> str:
        """The cell of a quantity."""
        number = self.number(layers, quantity)
        if number is None:
            return compact(self.report.text(self.total(layers, quantity)))
        return short(number, self.report.unit(quantity)) if number else ""

    def output(self, node: Node) -> str:
        """The shape that a place gives: `2×64×112×112`, `B×S×768`; over the turns of a loop `64→224`."""
        if node.folded:
            return ""
        shaped = [layer for layer in node.layers() if layer.output]
        if not shaped:
            return ""
        last = shaped[-1]
        return "×".join(self._size(size, last, bool(node.own)) for size in last.output)

    def _size(self, size: Dim, layer: Layer, is_leaf: bool) -> str:
        indices = [loop for loop in layer.loops if loop.index in free_symbols(size)]
        if not indices:
            return self._known(size)
        first = substitute(size, {loop.index: 0 for loop in indices})
        last = substitute(size, {loop.index: loop.count - 1 for loop in indices})
        return f"{self._known(first)}→{self._known(last)}" if is_leaf else self._known(last)

    def _known(self, size: Dim) -> str:
        text = compact(self.report.text(self.report.reduced(size)))
        return f"({text})" if " " in text else text

    def times(self, node: Node, parent: Dim) -> str:
        """How often a place is there for each time that the place around it is: `×layers=12`; "" for once."""
        count = node.count
        if count == parent or node.folded:
            return ""
        each = _each(count, parent)
        text, number = compact(self.report.text(each)), self.report.evaluate(each)
        if text == str(number):
            return f"×{text}"
        shown = f"({text})" if " " in text else text
        return f"×{shown}" if number is None else f"×{shown}={number}"


def _each(count: Dim, parent: Dim) -> Dim:
    """A count for each of the parent's; the count itself where that would take a fraction to write."""
    if parent in (0, 1):
        return count
    each = quotient(count, parent)
    if isinstance(each, int):
        return each
    whole = all(
        coefficient.denominator == 1 and all(exponent > 0 and not isinstance(atom, Inverse) for atom, exponent in monomial)
        for monomial, coefficient in each.by_monomial.items()
    )
    return each if whole else count


def compact(formula: str) -> str:
    """A formula for narrow places: `4·B·S²`."""
    pieces = formula.split("**")
    text = pieces[0]
    for piece in pieces[1:]:
        raised = _RAISED.get(piece[:1]) if not piece[1:2].isdigit() else None
        text += f"{raised}{piece[1:]}" if raised else f"**{piece}"
    return text.replace("**", "^").replace("*", "·")
