"""Expressions as JSON, each part once.

Three lists refer to each other by index. `atoms`: a symbol is its name, everything else `[kind, …]` with the indices of
polynomials. `products`: `[atom, exponent, …]`. `sums`: `[base, coefficient, product, …]`, a polynomial as another one
with terms added, for the moments of a training step differ by some tensors only. The first product is 1, the first sum
is 0. A coefficient that is no integer of 53 bits is a text, a fraction as `"3/2"`.

`interpreter.js` reads it.
"""

from __future__ import annotations

from typing import Any

from archspec.algebra import Atom, Dim, FloorDiv, Inverse, Log2, Max, Min, Monomial, Power, Sum, Sym, symbol, terms
from archspec.algebra.poly import Coefficient

FLOOR, POWER, MIN, MAX, LOG2, INVERSE, SUM = range(7)
_NEAR = 80
"""So many of the last polynomials are tried as a base."""
_DEEP = 40
"""The longest chain of bases: the browser follows it by recursion."""
_SAFE = 2**53


class Pool:
    """Collects expressions. The same calls in the same order give the same lists."""

    def __init__(self) -> None:
        self.atoms: list[Any] = []
        self.products: list[list[int]] = [[]]
        self.sums: list[list[Any]] = [[0]]
        self._atoms: dict[Atom, int] = {}
        self._products: dict[Monomial, int] = {(): 0}
        self._sums: dict[Dim, int] = {0: 0}
        self._terms: list[dict[int, Coefficient]] = [{}]
        self._depths = [0]

    def as_data(self) -> dict[str, Any]:
        """The three lists."""
        return {"atoms": self.atoms, "products": self.products, "sums": self.sums}

    def add(self, dim: Dim) -> int:
        """The index of an expression in `sums`."""
        if dim not in self._sums:
            # What it is made of comes first.
            found = {self._product(monomial): coefficient for coefficient, monomial in terms(dim)}
            base = self._nearest(found)
            before = self._terms[base]
            row: list[Any] = [base]
            for product in sorted({*found, *before}):
                change = found.get(product, 0) - before.get(product, 0)
                if change:
                    row += [_number(change), product]
            self._sums[dim] = len(self.sums)
            self.sums.append(row)
            self._terms.append(found)
            self._depths.append(self._depths[base] + 1 if base else 0)
        return self._sums[dim]

    def _nearest(self, wanted: dict[int, Coefficient]) -> int:
        """The polynomial from which it takes the fewest terms to get to the wanted one; 0 if none is near."""
        best, fewest = 0, len(wanted)
        items = wanted.items()
        for index in range(max(1, len(self.sums) - _NEAR), len(self.sums)):
            before = self._terms[index]
            if abs(len(before) - len(wanted)) < fewest and self._depths[index] < _DEEP:
                changed = len({product for product, _ in items ^ before.items()})
                if changed < fewest:
                    best, fewest = index, changed
        return best

    def _product(self, monomial: Monomial) -> int:
        if monomial not in self._products:
            row = [part for atom, exponent in monomial for part in (self._atom(atom), exponent)]
            self._products[monomial] = len(self.products)
            self.products.append(row)
        return self._products[monomial]

    def _atom(self, atom: Atom) -> int:
        if atom not in self._atoms:
            entry = self._entry(atom)
            self._atoms[atom] = len(self.atoms)
            self.atoms.append(entry)
        return self._atoms[atom]

    def _entry(self, atom: Atom) -> str | list[int]:
        match atom:
            case Sym(name=name):
                return str(name)
            case FloorDiv(numerator=above, denominator=below):
                return [FLOOR, self.add(above), self.add(below)]
            case Power(base=base, exponent=exponent):
                return [POWER, self.add(base), self.add(exponent)]
            case Min(args=args):
                return [MIN, *map(self.add, args)]
            case Max(args=args):
                return [MAX, *map(self.add, args)]
            case Log2(arg=arg):
                return [LOG2, self.add(arg)]
            case Inverse(arg=arg):
                return [INVERSE, self.add(arg)]
            case Sum(index=index, low=low, high=high, body=body):
                # The index is an atom: `symbol` makes the polynomial that it is.
                self.add(symbol(index.name, index.lower))
                return [SUM, self._atom(index), self.add(low), self.add(high), self.add(body)]
        raise TypeError(f"an atom of an unknown kind: {atom!r}")


def _number(value: Coefficient) -> int | str:
    return value if isinstance(value, int) and abs(value) < _SAFE else str(value)
