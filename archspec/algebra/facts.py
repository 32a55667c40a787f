"""What is known about the symbols: divisibilities, inequalities and lower bounds."""

from __future__ import annotations

from archspec.algebra.atoms import Sym
from archspec.algebra.division import quotient
from archspec.algebra.poly import ONE, Dim, Poly, terms


class Facts:
    """Assumptions under which expressions are simplified and compared. Cheap to copy.

    `ratios` are expressions known to be integers, such as `d/heads`; `nonneg` are known to be at least 0.
    `memo` keeps what was proved from exactly these facts, and starts afresh with each new one.
    """

    __slots__ = ("_least", "memo", "nonneg", "ratios")

    def __init__(self) -> None:
        self.ratios: list[Poly] = []
        self.nonneg: list[Poly] = []
        self._least: dict[str, int] = {}
        self.memo: dict[object, object] = {}

    def copy(self) -> Facts:
        """Facts that can grow on their own."""
        made = Facts()
        made.ratios, made.nonneg, made._least = list(self.ratios), list(self.nonneg), dict(self._least)
        made.memo = dict(self.memo)
        return made

    def assume_divisible(self, a: Dim, b: Dim) -> None:
        """`b` divides `a`."""
        ratio = quotient(a, b)
        if isinstance(ratio, int) or ratio in self.ratios:
            return
        self.memo = {}
        self.ratios.append(ratio)
        single = _single_symbol(a)
        if single is not None and isinstance(b, int) and (self.lower(single) or 0) >= 1:
            self.assume_at_least(single.name, abs(b))

    def assume_nonneg(self, p: Dim) -> None:
        """`p >= 0`. A fact without symbols is no news and is left out."""
        if isinstance(p, int) or p in self.nonneg:
            return
        self.memo = {}
        found = list(terms(p))
        if len(found) <= 2 and found[0][0] == 1:
            rest = p.by_monomial.get(ONE, 0)
            single = _single_symbol(p - rest if isinstance(rest, int) else p)
            if single is not None and isinstance(rest, int):
                self.assume_at_least(single.name, -rest)
                return
        self.nonneg.append(p)

    def assume_at_least(self, name: str, least: int) -> None:
        """The symbol of that name is at least `least`."""
        if least > self._least.get(name, least - 1):
            self.memo = {}
            self._least[name] = least

    def lower(self, symbol: Sym) -> int | None:
        """The greatest number that `symbol` is known not to be below; None if there is none."""
        known = self._least.get(symbol.name)
        if known is None or symbol.lower is None:
            return known if symbol.lower is None else symbol.lower
        return max(known, symbol.lower)


def _single_symbol(dim: Dim) -> Sym | None:
    """The symbol that `dim` is, if it is one."""
    if isinstance(dim, int) or len(dim.by_monomial) != 1:
        return None
    ((monomial, coefficient),) = dim.by_monomial.items()
    if coefficient != 1 or len(monomial) != 1 or monomial[0][1] != 1:
        return None
    atom = monomial[0][0]
    return atom if isinstance(atom, Sym) else None


NO_FACTS = Facts()
