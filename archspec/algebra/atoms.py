"""The atoms: what a polynomial is made of. Each class interns its objects; build them with the functions of the
package (`symbol`, `floordiv`, `power`, …), which bring the parts into normal form first.
"""

from __future__ import annotations

from typing import TypeVar, cast

from archspec.algebra.poly import Atom, Dim, Poly, free_symbols, from_atom


class Sym(Atom):
    """An integer symbol that is at least `lower`; None: any integer."""

    __match_args__ = ("name", "lower")
    __slots__ = __match_args__
    name: str
    lower: int | None

    def __new__(cls, name: str, lower: int | None = 1) -> Sym:
        """The one atom with these parts."""
        return _intern(cls, (name, lower))

    def _describe(self) -> tuple[tuple[int, str, int], frozenset[str]]:
        return (0, self.name, -1 if self.lower is None else self.lower), frozenset((self.name,))


class FloorDiv(Atom):
    """`numerator // denominator`, in the normal form of `floordiv`."""

    __match_args__ = ("numerator", "denominator")
    __slots__ = __match_args__
    numerator: Dim
    denominator: Dim

    def __new__(cls, numerator: Dim, denominator: Dim) -> FloorDiv:
        """The one atom with these parts."""
        return _intern(cls, (numerator, denominator))

    def _describe(self) -> tuple[tuple[int, str, int], frozenset[str]]:
        text = f"({_operand(self.numerator)}//{_operand(self.denominator)})"
        return (1, text, 0), _union((self.numerator, self.denominator))


class Power(Atom):
    """`base ** exponent` with a prime or symbolic base and, mostly, one monomial as exponent (see `power`)."""

    __match_args__ = ("base", "exponent")
    __slots__ = __match_args__
    base: Dim
    exponent: Poly

    def __new__(cls, base: Dim, exponent: Poly) -> Power:
        """The one atom with these parts."""
        return _intern(cls, (base, exponent))

    def _describe(self) -> tuple[tuple[int, str, int], frozenset[str]]:
        text = f"({_operand(self.base)}**{_operand(self.exponent)})"
        return (2, text, 0), _union((self.base, self.exponent))


class Min(Atom):
    """The least of its arguments, of which none is known to be at least another."""

    __match_args__ = ("args",)
    __slots__ = __match_args__
    args: tuple[Dim, ...]

    def __new__(cls, args: tuple[Dim, ...]) -> Min:
        """The one atom with these parts."""
        return _intern(cls, (args,))

    def _describe(self) -> tuple[tuple[int, str, int], frozenset[str]]:
        return (3, f"min({', '.join(map(repr, self.args))})", 0), _union(self.args)


class Max(Atom):
    """The greatest of its arguments, of which none is known to be at most another."""

    __match_args__ = ("args",)
    __slots__ = __match_args__
    args: tuple[Dim, ...]

    def __new__(cls, args: tuple[Dim, ...]) -> Max:
        """The one atom with these parts."""
        return _intern(cls, (args,))

    def _describe(self) -> tuple[tuple[int, str, int], frozenset[str]]:
        return (4, f"max({', '.join(map(repr, self.args))})", 0), _union(self.args)


class Log2(Atom):
    """The whole number `n` with `2**n == arg`."""

    __match_args__ = ("arg",)
    __slots__ = __match_args__
    arg: Poly

    def __new__(cls, arg: Poly) -> Log2:
        """The one atom with these parts."""
        return _intern(cls, (arg,))

    def _describe(self) -> tuple[tuple[int, str, int], frozenset[str]]:
        return (5, f"log2({self.arg!r})", 0), self.arg.symbols


class Inverse(Atom):
    """One divided by a sum, where the division does not come out."""

    __match_args__ = ("arg",)
    __slots__ = __match_args__
    arg: Poly

    def __new__(cls, arg: Poly) -> Inverse:
        """The one atom with these parts."""
        return _intern(cls, (arg,))

    def _describe(self) -> tuple[tuple[int, str, int], frozenset[str]]:
        return (6, f"(1/({self.arg!r}))", 0), self.arg.symbols


class Sum(Atom):
    """The sum of `body` over `index` from `low` to `high - 1`, where it has no closed form."""

    __match_args__ = ("index", "low", "high", "body")
    __slots__ = __match_args__
    index: Sym
    low: Dim
    high: Dim
    body: Poly

    def __new__(cls, index: Sym, low: Dim, high: Dim, body: Poly) -> Sum:
        """The one atom with these parts."""
        return _intern(cls, (index, low, high, body))

    def _describe(self) -> tuple[tuple[int, str, int], frozenset[str]]:
        text = f"sum({self.body!r} for {self.index!r} in range({self.low!r}, {self.high!r}))"
        return (7, text, 0), (self.body.symbols - {self.index.name}) | _union((self.low, self.high))


_A = TypeVar("_A", Sym, FloorDiv, Power, Min, Max, Log2, Inverse, Sum)
_INTERNED: dict[tuple[object, ...], Atom] = {}


def _intern(cls: type[_A], parts: tuple[object, ...]) -> _A:
    """The one atom of that class with these parts, given in the order of `__match_args__`."""
    found = _INTERNED.get((cls, parts))
    if found is not None:
        return cast("_A", found)
    made = object.__new__(cls)
    for name, part in zip(cls.__match_args__, parts, strict=True):
        setattr(made, name, part)
    made.key, made.symbols = made._describe()
    return cast("_A", _INTERNED.setdefault((cls, parts), made))


def symbol(name: str, lower: int | None = 1) -> Poly:
    """The integer symbol of that name, at least `lower` (1: a size, 0: a count or index, None: any integer)."""
    return from_atom(Sym(name, lower))


def _union(dims: tuple[Dim, ...]) -> frozenset[str]:
    return frozenset(name for dim in dims for name in free_symbols(dim))


def _operand(dim: Dim) -> str:
    """The text of an operand, in parentheses where it is more than one name or number."""
    text = repr(dim)
    simple = isinstance(dim, int) or (len(dim.by_monomial) == 1 and not any(c in text for c in " */"))
    return text if simple or (text[0] == "(" and text.find(")") == len(text) - 1) else f"({text})"
