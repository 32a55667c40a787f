"""From an expanded expression to a short, grouped one.

Terms are grouped by loop counts first. Within a group what all terms share is taken out, and where it makes the text
shorter, what some of them share, again and again. Texts of equal length go to the form with fewer parentheses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd

from archspec.algebra.poly import ONE, Atom, Coefficient, Dim, Monomial, reduced
from archspec.algebra.poly import terms as terms_of
from archspec.formulas.ceilings import Ceilings
from archspec.formulas.completion import completions
from archspec.formulas.content import Terms, content
from archspec.formulas.extrema import simplified
from archspec.formulas.factors import Factors, factors_of, fraction
from archspec.formulas.order import Order, Place
from archspec.formulas.text import text
from archspec.formulas.tree import Add, Number, Raise, Tree, sign_and_size

_NESTED = 3  # how many characters parentheses in parentheses must save
_FACTORED = 4  # how much longer a product of sums may be than one sum
_APART = 10  # how much longer it may be to show each loop count by itself
_FEW, _SOME = 6, 14  # up to so many terms every, or the three best, ways to split are tried


def tidy(dim: Dim, counts: Iterable[str] = (), order: Iterable[str] = ()) -> Tree:
    """`dim` in a short form. `counts`: names of loop counts, by which terms are grouped. `order`: names of symbols
    in the order in which they are shown; the others follow by name.
    """
    return Tidier(counts, order).piece(dim).tree


def to_text(dim: Dim, counts: Iterable[str] = (), order: Iterable[str] = ()) -> str:
    """`dim` as one line for people, in a short form."""
    return text(tidy(dim, counts, order))


@dataclass(frozen=True)
class Piece:
    """A form of some terms, what it costs to read, and the place of its first term in a sum."""

    tree: Tree
    cost: int
    place: Place
    addends: tuple[Piece, ...] = ()  # the parts of a bare sum


class Tidier:
    """Tidies expressions that are shown together."""

    def __init__(self, counts: Iterable[str] = (), order: Iterable[str] = ()) -> None:
        self.counts = tuple(counts)
        self.order = Order(self.counts, order)
        self._ceilings = Ceilings()
        self._factors = Factors(self.order, lambda dim: self.piece(dim, 0).tree)
        self._sums: dict[Terms, Piece] = {}

    def piece(self, dim: Dim, apart_by: int = _APART) -> Piece:
        """The shortest form found. `apart_by`: how much longer it may be to show each loop count by itself."""
        terms = tuple(terms_of(self._ceilings.rewrite(simplified(dim))))
        groups = self._by_count(terms)
        if len(groups) <= 1:
            return self._built(terms)
        apart = _joined([self._built(group) for group in groups])
        number, shared, core = content(terms)
        inside = _joined([self._built(group) for group in self._by_count(core)])
        together = self._product(number, shared, (inside,), apart.place)
        return together if together.cost + apart_by < apart.cost else apart

    def _by_count(self, terms: Terms) -> list[Terms]:
        groups: dict[Monomial, list[tuple[Coefficient, Monomial]]] = {}
        for coefficient, monomial in terms:
            counts = tuple(factor for factor in monomial if not factor[0].symbols.isdisjoint(self.counts))
            groups.setdefault(counts, []).append((coefficient, monomial))
        return [tuple(groups[counts]) for counts in sorted(groups, key=self.order.term)]

    def _built(self, terms: Terms) -> Piece:
        """What all terms share, times the best form of the rest."""
        if not terms:
            return Piece(Number(0), 1, (0, []))
        place = min(self.order.term(monomial) for _, monomial in terms)
        found = []
        for number, shared, core in _contents(terms):
            sums = () if len(core) == 1 else (self._sum(core),)
            found.append(self._product(number, shared, sums, place))
        return min(found, key=lambda piece: piece.cost)

    def _sum(self, core: Terms) -> Piece:
        """The best form of terms that share nothing."""
        if core not in self._sums:
            flat = _sorted([self._built((one,)) for one in core])
            split = [self._split(core, atom, above) for atom, above in self._candidates(core)]
            self._sums[core] = min([flat, *split, *self._completed(core)], key=lambda piece: piece.cost)
        return self._sums[core]

    def _candidates(self, core: Terms) -> list[tuple[Atom, bool]]:
        """Factors above or below the line that some terms share, those that may save most first."""
        times = Counter((atom, exponent > 0) for _, monomial in core for atom, exponent in monomial)
        saved = {
            key: (number - 1) * len(text(self._factors.atom(key[0]))) for key, number in times.items() if number > 1
        }
        able = sorted(saved, key=lambda key: (-saved[key], self.order.rank(key[0]), key[1]))
        return able[: None if len(core) <= _FEW else 3 if len(core) <= _SOME else 1]

    def _split(self, core: Terms, atom: Atom, above: bool) -> Piece:
        """The terms with a factor, the factor taken out, and the others."""
        having: list[tuple[Coefficient, Monomial]] = []
        others: list[tuple[Coefficient, Monomial]] = []
        for one in core:
            (having if any(a is atom and (e > 0) is above for a, e in one[1]) else others).append(one)
        number, shared, inner = content(tuple(having))
        other_number, other_shared, other_inner = content(tuple(others))
        for sign in (1, -1):
            if len(inner) > 1 and other_inner == tuple((sign * c, m) for c, m in inner):
                # a*q + b*q = (a + b)*q
                outer = self._built(((number, shared), (sign * other_number, other_shared)))
                rest = self._sum(inner)
                found = self._product(1, ONE, (outer, rest), min(self.order.term(m) for _, m in core))
                return replace(found, cost=found.cost - _FACTORED)
        return _sorted([self._built(tuple(having)), self._built(tuple(others))])

    def _completed(self, core: Terms) -> Iterator[Piece]:
        """The terms as a product of sums and a rest: H*W - 2*H - 2*W + 7 as (H - 2)*(W - 2) + 3."""
        place = min(self.order.term(monomial) for _, monomial in core)
        for number, left, right, rest in completions(core):
            sums = (self._sum(left), self._sum(right))
            if left == right:
                squared = Raise(sums[0].tree, Number(2))
                product = Piece(fraction(number, [squared], []), 0, place)
                product = replace(product, cost=reading_cost(product.tree))
            else:
                product = self._product(number, ONE, sums, place)
            yield _sorted([product, self._built(rest)]) if rest else product

    def _product(self, number: Coefficient, monomial: Monomial, sums: tuple[Piece, ...], place: Place) -> Piece:
        if number == 1 and not monomial and len(sums) == 1:
            return sums[0]
        above = [*self._factors.trees(monomial, 1), *(factor for one in sums for factor in factors_of(one.tree))]
        below = self._factors.trees(monomial, -1)
        tree = fraction(number, above, below)
        return Piece(tree, reading_cost(tree), place)


def _sorted(pieces: list[Piece]) -> Piece:
    return _joined(sorted((one for piece in pieces for one in _addends(piece)), key=lambda one: one.place))


def _joined(pieces: list[Piece]) -> Piece:
    """The sum of the pieces in their order, but for a first one that would be taken away."""
    addends = [one for piece in pieces for one in _addends(piece)]
    first = next((i for i, one in enumerate(addends) if not sign_and_size(one.tree)[0]), 0)
    addends.insert(0, addends.pop(first))
    tree = Add(tuple(one.tree for one in addends))
    return Piece(tree, reading_cost(tree), min(one.place for one in addends), tuple(addends))


def _addends(piece: Piece) -> tuple[Piece, ...]:
    return piece.addends or (piece,)


def _contents(terms: Terms) -> list[tuple[Coefficient, Monomial, Terms]]:
    """What all terms share, in two readings: over the least common denominator, or only what divides them all."""
    number, shared, core = content(terms)
    common = gcd(*(c.denominator for c, _ in terms))
    if common == number.denominator:
        return [(number, shared, core)]
    less = Fraction(number.numerator, common)
    ratio = number / less
    return [(number, shared, core), (reduced(less), shared, tuple((reduced(c * ratio), m) for c, m in core))]


def reading_cost(tree: Tree) -> int:
    """The length of the text, and something for parentheses in parentheses."""
    written = text(tree)
    depth = nested = 0
    for character in written:
        if character == "(":
            nested += depth > 0
            depth += 1
        elif character == ")":
            depth -= 1
    return len(written) + _NESTED * nested
