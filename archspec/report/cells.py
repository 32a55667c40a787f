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


class Formulas:
    """Formulas that are shown together, so that they share their abbreviations.

    Each is asked for twice: `want` it before `settle`, then have its `text`. reduced: numbers are put in.
    """

    def __init__(self, report: Report, reduced: bool = False) -> None:
        self.report = report
        self.reduced = reduced
        self.where: list[tuple[str, str]] = []
        self._wanted: dict[Dim, str] = {}

    def want(self, dim: Dim) -> None:
        """A formula will be shown."""
        self._wanted[dim] = ""

    def settle(self) -> None:
        """Choose the abbreviations and write all formulas."""
        if not self._wanted:
            return
        from archspec.formulas import abbreviate, to_text

        report = self.report
        counts, order = report.counts, tuple(report.derivation.program.symbols)
        sizes = report.derivation.program.named
        if self.reduced:
            sizes = {name: report.reduced(size) for name, size in sizes.items()}
        short, where = abbreviate(list(self._wanted), sizes, report.values, counts, order)
        named = {name: to_text(value, counts, order) for name, value in where}
        texts = [to_text(dim, counts, order) for dim in short]
        # A name that stands for one whole formula, and is in no other, is no help; a name may use those before it.
        whole = {text for text in texts if text in named}
        bodies = [dim for dim, text in zip(short, texts, strict=True) if text not in named]
        needed = {name for dim in bodies for name in free_symbols(dim)}
        inside = dict(where)
        for name in reversed(named):
            if name in needed or name in whole:
                needed |= free_symbols(inside[name])
        for dim, text in zip(self._wanted, texts, strict=True):
            self._wanted[dim] = text if text in needed else named.get(text, text)
        self.where = [(name, text) for name, text in named.items() if name in needed]

    def text(self, dim: Dim) -> str:
        """A formula that was wanted."""
        return self._wanted[dim]


class Cells:
    """The cells of one report. Numbers of layers are computed once."""

    def __init__(self, report: Report, formulas: Formulas) -> None:
        self.report = report
        self.formulas = formulas
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

    def amount(self, layers: list[Layer], quantity: str) -> int | Dim:
        """The sum as a number, or with all numbers put in."""
        number = self.number(layers, quantity)
        if number is not None:
            return number
        whole: Dim = 0
        for layer in layers:
            whole = whole + layer.quantities.get(quantity, 0)
        return self.report.reduced(whole)

    def text(self, amount: int | Dim, quantity: str) -> str:
        """The cell of an amount; nothing is a blank. A formula must be among the wanted ones."""
        if isinstance(amount, int):
            return short(amount, self.report.unit(quantity)) if amount else ""
        return compact(self.formulas.text(amount))

    def output(self, node: Node) -> str:
        """The shape that a place gives: `2×64×112×112`, `B×S×768`; over the turns of a loop `64→224`."""
        if node.folded:
            return ""
        below = {id(layer) for layer in node.layers()}
        last = next((layer for layer in reversed(self.report.layers) if layer.output and id(layer) in below), None)
        if last is None:
            return ""
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

    def times(self, node: Node, parent: Dim) -> tuple[str, str] | None:
        """How often a place is there for each time that the place around it is, long and short: `×layers=12`, `×12`."""
        count = node.count
        if count == parent or node.folded:
            return None
        each = _each(count, parent)
        text, number = compact(self.report.text(each)), self.report.evaluate(each)
        if number is None:
            return (f"×({text})",) * 2 if " " in text else (f"×{text}",) * 2
        plain = text.replace("_", "a").replace("[", "").replace("]", "").isidentifier()
        return f"×{text}={number}" if plain else f"×{number}", f"×{number}"


def _each(count: Dim, parent: Dim) -> Dim:
    """A count for each of the parent's; the count itself where that would take a fraction to write."""
    if parent in (0, 1):
        return count
    each = quotient(count, parent)
    if isinstance(each, int):
        return each
    whole = all(
        coefficient.denominator == 1
        and all(exponent > 0 and not isinstance(atom, Inverse) for atom, exponent in monomial)
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
