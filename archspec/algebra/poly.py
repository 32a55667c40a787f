"""Exact polynomials: sums of products of atoms with integer, where needed rational, coefficients.

A monomial is a tuple of (atom, exponent) sorted by the atoms' keys; exponents may be negative, so `d/heads` is
`d * heads**-1`. Atoms are interned: one object stands for one meaning, and comparing them is comparing identities.
A polynomial that is a constant integer does not exist: the operators return the `int`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache

Coefficient = int | Fraction


class Atom:
    """Something that stands as a factor: a symbol, a floor, a power, …

    `key` orders atoms by what they are, so that the same input gives the same output in every run.
    `symbols` are the names of the symbols inside.
    """

    __slots__ = ("key", "symbols")
    __match_args__: tuple[str, ...]
    key: tuple[int, str, int]
    symbols: frozenset[str]

    def __repr__(self) -> str:
        return self.key[1]

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return type(self), tuple(getattr(self, name) for name in self.__match_args__)


Monomial = tuple[tuple[Atom, int], ...]
ONE: Monomial = ()


def _by_key(factor: tuple[Atom, int]) -> tuple[int, str, int]:
    return factor[0].key


@lru_cache(maxsize=1 << 15)
def monomial_product(left: Monomial, right: Monomial) -> Monomial:
    """The product of two monomials."""
    if not left:
        return right
    exponents = dict(left)
    for atom, exponent in right:
        total = exponents.get(atom, 0) + exponent
        if total:
            exponents[atom] = total
        else:
            del exponents[atom]
    return tuple(sorted(exponents.items(), key=_by_key))


def monomial_power(monomial: Monomial, exponent: int) -> Monomial:
    """A monomial raised to an integer, which may be negative."""
    return tuple((atom, power * exponent) for atom, power in monomial) if exponent else ONE


@lru_cache(maxsize=1 << 15)
def monomial_order(monomial: Monomial) -> tuple[int, tuple[tuple[tuple[int, str, int], int], ...]]:
    """The place of a monomial in a listing: high degrees first, then by the atoms."""
    return (-sum(e for _, e in monomial), tuple((atom.key, -e) for atom, e in monomial))


class Poly:
    """A sum of monomials with coefficients. Immutable; equal when the sums are equal term by term."""

    __slots__ = ("_hash", "_symbols", "by_monomial")

    def __init__(self, by_monomial: dict[Monomial, Coefficient]) -> None:
        self.by_monomial = by_monomial
        self._hash: int | None = None
        self._symbols: frozenset[str] | None = None

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Poly, (self.by_monomial,)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.by_monomial.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if other.__class__ is not Poly:
            return False
        assert isinstance(other, Poly)
        return self.by_monomial == other.by_monomial

    def __repr__(self) -> str:
        return _text(self)

    @property
    def symbols(self) -> frozenset[str]:
        """The names of the symbols in it, also inside atoms."""
        if self._symbols is None:
            self._symbols = frozenset(s for m in self.by_monomial for atom, _ in m for s in atom.symbols)
        return self._symbols

    def __neg__(self) -> Poly:
        return Poly({m: -c for m, c in self.by_monomial.items()})

    def __add__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return _added(self, ((ONE, other),)) if other else self
        if not isinstance(other, Poly):
            return NotImplemented
        small, large = self, other
        if len(small.by_monomial) > len(large.by_monomial):
            small, large = large, small
        return _added(large, small.by_monomial.items())

    __radd__ = __add__

    def __sub__(self, other: Dim) -> Dim:
        if not isinstance(other, (int, Poly)):
            return NotImplemented
        return self + -other

    def __rsub__(self, other: Dim) -> Dim:
        return -self + other

    def __mul__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return scaled(self, other)
        if not isinstance(other, Poly):
            return NotImplemented
        terms: dict[Monomial, Coefficient] = {}
        get = terms.get
        for left, a in self.by_monomial.items():
            for right, b in other.by_monomial.items():
                monomial = monomial_product(left, right)
                terms[monomial] = get(monomial, 0) + a * b
        return collapse({m: reduced(c) for m, c in terms.items() if c})

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Dim:
        if exponent < 0:
            raise ValueError("a polynomial has no negative power; divide instead")
        if len(self.by_monomial) == 1:
            ((monomial, coefficient),) = self.by_monomial.items()
            return collapse({monomial_power(monomial, exponent): reduced(coefficient**exponent)})
        result: Dim = 1
        square: Dim = self
        while exponent:
            if exponent & 1:
                result = result * square
            exponent >>= 1
            if exponent:
                square = square * square
        return result


Dim = int | Poly


def reduced(coefficient: Coefficient) -> Coefficient:
    """The coefficient as an `int` where it is one."""
    if coefficient.__class__ is int or coefficient.denominator != 1:
        return coefficient
    return coefficient.numerator


def collapse(terms: dict[Monomial, Coefficient]) -> Dim:
    """A polynomial of terms without zero coefficients, or the `int` it is."""
    if len(terms) > 1:
        return Poly(terms)
    if not terms:
        return 0
    constant = terms.get(ONE)
    return constant if isinstance(constant, int) else Poly(terms)


def _added(start: Poly, more: Iterable[tuple[Monomial, Coefficient]]) -> Dim:
    """`start` plus the terms `more`."""
    terms = dict(start.by_monomial)
    get = terms.get
    for monomial, coefficient in more:
        total = get(monomial, 0) + coefficient
        if total:
            terms[monomial] = reduced(total)
        else:
            terms.pop(monomial, None)
    return collapse(terms)


def scaled(dim: Dim, factor: Coefficient) -> Dim:
    """`dim` times a number."""
    if factor == 1:
        return dim
    if not factor:
        return 0
    if isinstance(dim, int):
        return collapse({ONE: reduced(dim * factor)}) if dim else 0
    return collapse({m: reduced(c * factor) for m, c in dim.by_monomial.items()})


def term(coefficient: Coefficient, monomial: Monomial) -> Dim:
    """One term alone."""
    return collapse({monomial: reduced(coefficient)}) if coefficient else 0


def from_atom(atom: Atom) -> Poly:
    """The polynomial that is one atom."""
    return Poly({((atom, 1),): 1})


def terms(dim: Dim) -> Iterator[tuple[Coefficient, Monomial]]:
    """The terms in listing order, as (coefficient, monomial)."""
    if isinstance(dim, int):
        if dim:
            yield dim, ONE
        return
    by_monomial = dim.by_monomial
    for monomial in sorted(by_monomial, key=monomial_order):
        yield by_monomial[monomial], monomial


def constant_term(dim: Dim) -> Coefficient:
    """The coefficient of the empty monomial."""
    return dim if isinstance(dim, int) else dim.by_monomial.get(ONE, 0)


def free_symbols(dim: Dim) -> frozenset[str]:
    """The names of the symbols in `dim`, also inside floors, powers and sums (not a sum's own index)."""
    return frozenset() if isinstance(dim, int) else dim.symbols


def atoms_of(dim: Dim) -> dict[Atom, None]:
    """The atoms that stand as factors in `dim`, in listing order."""
    return {atom: None for _, monomial in terms(dim) for atom, _ in monomial}


def replace_atom(dim: Dim, old: Atom, new: Dim) -> Dim:
    """`dim` with a factor replaced where it stands with a positive exponent; not inside other atoms."""
    result: Dim = 0
    for coefficient, monomial in terms(dim):
        exponent = dict(monomial).get(old, 0)
        if exponent <= 0:
            result = result + term(coefficient, monomial)
            continue
        rest = tuple(factor for factor in monomial if factor[0] is not old)
        result = result + term(coefficient, rest) * new**exponent
    return result


def _text(poly: Poly) -> str:
    text = ""
    for coefficient, monomial in terms(poly):
        above = [_factor(atom, e) for atom, e in monomial if e > 0]
        below = [_factor(atom, -e) for atom, e in monomial if e < 0]
        number = -coefficient if coefficient < 0 else coefficient
        if number.denominator != 1:
            below.insert(0, str(number.denominator))
        if number.numerator != 1 or not above:
            above.insert(0, str(number.numerator))
        piece = "*".join(above)
        if below:
            piece += "/" + (below[0] if len(below) == 1 else "(" + "*".join(below) + ")")
        sign = "-" if coefficient < 0 else "+"
        text += f" {sign} {piece}" if text else (piece if sign == "+" else f"-{piece}")
    return text


def _factor(atom: Atom, exponent: int) -> str:
    return repr(atom) if exponent == 1 else f"{atom!r}**{exponent}"
