"""In which order factors and terms are shown."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.algebra.atoms import Sym
from archspec.algebra.poly import Atom, Monomial

Rank = tuple[int, int, tuple[tuple[int, int, str], ...]]
Place = tuple[int, list[tuple[Rank, int]]]


class Order:
    """Loop counts first, then symbols as listed, the others by name, then what is more than a symbol."""

    def __init__(self, counts: Iterable[str], listed: Iterable[str]) -> None:
        self._counts = {name: place for place, name in enumerate(counts)}
        self._listed = {name: place for place, name in enumerate(listed)}
        self._ranks: dict[Atom, Rank] = {}

    def rank(self, atom: Atom) -> Rank:
        """The place of a factor in a product."""
        found = self._ranks.get(atom)
        if found is None:
            found = self._ranks[atom] = self._find(atom)
        return found

    def _find(self, atom: Atom) -> Rank:
        if not isinstance(atom, Sym):
            return 3, atom.key[0], natural(atom.key[1])
        if atom.name in self._counts:
            return 0, self._counts[atom.name], ()
        if atom.name in self._listed:
            return 1, self._listed[atom.name], ()
        return 2, 0, natural(atom.name)

    def factors(self, monomial: Monomial) -> list[tuple[Atom, int]]:
        """The factors of a monomial in their order."""
        return sorted(monomial, key=lambda factor: self.rank(factor[0]))

    def term(self, monomial: Monomial) -> Place:
        """The place of a term in a sum: high degrees first."""
        factors = [(self.rank(atom), -exponent) for atom, exponent in self.factors(monomial)]
        return -sum(exponent for _, exponent in monomial if exponent > 0), factors


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sorting key in which `h4` comes before `h16`."""
    pieces: list[tuple[int, int, str]] = []
    digits = ""
    for character in name + "\0":
        if character.isdigit():
            digits += character
            continue
        if digits:
            pieces.append((0, int(digits), ""))
            digits = ""
        pieces.append((1, 0, character))
    return tuple(pieces)
