"""Comparing expressions for all values of their symbols."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import gcd

from archspec.algebra.atoms import Sym
from archspec.algebra.division import over_common_denominator
from archspec.algebra.facts import NO_FACTS, Facts
from archspec.algebra.poly import Dim, Poly, atoms_of, constant_term
from archspec.algebra.prove import nonneg, positive
from archspec.algebra.witness import signs

_HOLDS: dict[str, Callable[[int], bool]] = {
    "==": lambda sign: sign == 0,
    "!=": lambda sign: sign != 0,
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def compare(a: Dim, op: str, b: Dim, facts: Facts = NO_FACTS) -> bool | None:
    """Whether `a op b` holds for all values of the symbols (True), for none (False), or is not known (None).

    `op` is one of `== != < <= > >=`.
    """
    if op == "!=":
        equal = compare(a, "==", b, facts)
        return None if equal is None else not equal
    if op in ("<", "<="):
        return compare(b, ">" if op == "<" else ">=", a, facts)
    difference = a - b
    if isinstance(difference, int):
        return difference == 0 if op == "==" else difference > 0 or (op == ">=" and difference == 0)
    if op == ">=":
        return True if nonneg(difference, facts) else False if positive(-difference, facts) else None
    if op == ">":
        return True if positive(difference, facts) else False if nonneg(-difference, facts) else None
    if op != "==":
        raise ValueError(f"{op!r} is not a comparison")
    if never_zero(difference) or positive(difference, facts) or positive(-difference, facts):
        return False
    return True if nonneg(difference, facts) and nonneg(-difference, facts) else None


def compare_at_small(
    a: Dim, op: str, b: Dim, facts: Facts = NO_FACTS, least: int = 2
) -> tuple[bool | None, tuple[tuple[str, int], ...]]:
    """Like `compare`; where that is undecided, with symbols assumed to be at least `least` (or less, where that
    is enough): first one symbol, then as few as are needed. Returns the outcome and what was assumed.
    """
    outcome = compare(a, op, b, facts)
    if outcome is not None:
        return outcome, ()
    key = ("small", a, op, b, least)
    memo = facts.memo
    if key not in memo:
        memo[key] = _raise_symbols(a, op, b, facts, least)
    return memo[key]  # type: ignore[return-value]


def _raise_symbols(
    a: Dim, op: str, b: Dim, facts: Facts, least: int
) -> tuple[bool | None, tuple[tuple[str, int], ...]]:
    difference = a - b
    symbols = {name: low for name, low in _bounded_symbols(difference, facts).items() if low < least}
    for level in range(min(symbols.values(), default=least) + 1, least + 1):
        raised = [name for name in sorted(symbols) if symbols[name] < level]
        for chosen in [*combinations(raised, 1), tuple(raised)]:
            outcome = _compare_raised(a, op, b, facts, chosen, level)
            if outcome is None:
                continue
            for name in chosen if len(chosen) > 1 else ():
                fewer = tuple(other for other in chosen if other != name)
                if _compare_raised(a, op, b, facts, fewer, level) is outcome:
                    chosen = fewer
            return outcome, tuple((name, level) for name in chosen)
    return None, ()


def _compare_raised(a: Dim, op: str, b: Dim, facts: Facts, names: tuple[str, ...], least: int) -> bool | None:
    # Where examples and counterexamples are known, no assumption about size helps.
    if len({_HOLDS[op](sign) for sign in signs(a - b, facts, names, least)}) == 2:
        return None
    raised = facts.copy()
    for name in names:
        raised.assume_at_least(name, least)
    return compare(a, op, b, raised)


def _bounded_symbols(dim: Dim, facts: Facts) -> dict[str, int]:
    """The symbols that stand in `dim`, also inside atoms, and their lower bounds where they have one."""
    found: dict[str, int] = {}
    for atom in atoms_of(dim):
        if isinstance(atom, Sym):
            low = facts.lower(atom)
            if low is not None:
                found[atom.name] = low
            continue
        for name in atom.__match_args__:
            part = getattr(atom, name)
            for inner in part if isinstance(part, tuple) else (part,):
                if isinstance(inner, Poly):
                    found.update(_bounded_symbols(inner, facts))
    return {name: low for name, low in found.items() if name in (() if isinstance(dim, int) else dim.symbols)}


def never_zero(dim: Dim) -> bool:
    """Proof that `dim` is not 0 by a divisor that all terms but the constant have (`2*n + 1`)."""
    above, _ = over_common_denominator(dim)
    constant = constant_term(above)
    common = 0 if isinstance(above, int) else gcd(*(int(c) for m, c in above.by_monomial.items() if m))
    return constant % common != 0 if common else constant != 0
