"""Expressions as functions of numbers and numpy arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import mul
from typing import Any

from archspec.algebra import AlgebraError, Atom, Dim, FloorDiv, Max, Min, Power, Sym, evaluate, free_symbols, terms
from archspec.algebra.division import over_common_denominator
from archspec.algebra.poly import from_atom


def to_callable(dim: Dim, symbols: Sequence[str]) -> Callable[..., Any]:
    """A function of the symbols, by position or by name, that takes integers or numpy arrays of them.

    Exact for Python integers and object arrays; for int64 arrays as long as no product leaves 64 bits.
    Raises AlgebraError for a symbol of `dim` that is not among `symbols`.
    """
    missing = sorted(free_symbols(dim) - set(symbols))
    if missing:
        raise AlgebraError(f"{missing[0]} has no value")

    def function(*args: Any, **named: Any) -> Any:
        if len(args) > len(symbols) or {*symbols[len(args) :]} != named.keys():
            raise TypeError(f"the function takes {len(symbols)} values: {', '.join(symbols)}")
        values = {**dict(zip(symbols, args, strict=False)), **named}
        if all(isinstance(value, int) for value in values.values()):
            return evaluate(dim, values)
        return _Arrays(values).whole(dim)

    function.__doc__ = f"The formula at ({', '.join(symbols)})."
    return function


class _Arrays:
    """`evaluate` with arrays as values, one of them at least."""

    def __init__(self, values: dict[str, Any]) -> None:
        import numpy

        self.numpy = numpy
        self.values = values

    def whole(self, dim: Dim) -> Any:
        above, below = over_common_denominator(dim)
        return self.plain(above) if below == 1 else self.plain(above) // self.plain(below)

    def plain(self, dim: Dim) -> Any:
        """An expression without fractions."""
        return sum(reduce(mul, (self.atom(a) ** e for a, e in m), int(c)) for c, m in terms(dim))

    def atom(self, atom: Atom) -> Any:
        if isinstance(atom, Sym):
            return self.values[atom.name]
        if isinstance(atom, FloorDiv):
            return self.whole(atom.numerator) // self.whole(atom.denominator)
        if isinstance(atom, Power):
            return self.whole(atom.base) ** self.whole(atom.exponent)
        if isinstance(atom, (Min, Max)):
            choose = self.numpy.minimum if isinstance(atom, Min) else self.numpy.maximum
            return reduce(choose, map(self.whole, atom.args))
        # Sums and logarithms, element by element.
        names = sorted(atom.symbols)

        def element(*numbers: Any) -> int:
            return evaluate(from_atom(atom), dict(zip(names, map(int, numbers), strict=True)))

        return self.numpy.frompyfunc(element, len(names), 1)(*(self.values[name] for name in names))
