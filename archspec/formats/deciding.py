"""Conditions that a format's rule hangs on, such as whether 256 divides a row.

What the facts about the symbols leave open is decided at the numbers that the model has, or as the format would like
it where there are none; the outcome is noted as an assumption of the formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archspec.algebra import AlgebraError, Dim, Facts, compare, divisible, evaluate, free_symbols, mod, terms
from archspec.elaborate.conditions import show
from archspec.elaborate.program import Assumption

_NOT = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class Deciding:
    """Decides conditions and remembers which it had to assume: what divides what is a fact from then on."""

    def __init__(self, facts: Facts, values: Mapping[str, int]) -> None:
        self.facts = facts.copy()
        self.values = values
        self.learned = 0
        self._assumed: dict[tuple[str, str], Assumption] = {}

    @property
    def assumptions(self) -> list[Assumption]:
        """What was assumed, in order."""
        return list(self._assumed.values())

    def shown(self, dim: Dim) -> str:
        """An expression as a number, where it has one."""
        known = free_symbols(dim) <= self.values.keys()
        return str(evaluate(dim, self.values)) if known else show(dim)

    def divides(self, divisor: int, size: Dim) -> bool:
        """Whether `divisor` divides `size`; where nothing is known, it does."""
        try:
            known = divisible(size, divisor, self.facts)
        except AlgebraError:
            known = None
        return self._settle(size, "==", 0, divisor, known, lambda number: number % divisor == 0)

    def equal(self, left: Dim, right: int) -> bool:
        """Whether an expression is a number; where nothing is known, it is not."""
        known = compare(left, "==", right, self.facts)
        return self._settle(left, "==", right, None, known, lambda number: number == 0, default=False)

    def at_least(self, left: Dim, right: Dim) -> bool:
        """Whether `left >= right`; where nothing is known, it is."""
        known = compare(left, ">=", right, self.facts)
        return self._settle(left, ">=", right, None, known, lambda number: number >= 0)

    def _settle(
        self,
        left: Dim,
        op: str,
        right: Dim,
        modulus: int | None,
        known: bool | None,
        holds: Callable[[int], bool],
        default: bool = True,
    ) -> bool:
        """An outcome that is known, else the one at numbers (`holds` gets `left - right`), else the default."""
        if known is not None:
            return known
        outcome = default
        if free_symbols(left - right) <= self.values.keys():
            outcome = holds(evaluate(left - right, self.values))
        op = op if outcome else _NOT[op]
        shown = show(left) if modulus is None else f"{_bracketed(left)} % {modulus}"
        text = f"{shown} {op} {show(right)}"
        self._assumed.setdefault((text, op), Assumption(text, op, left, right, modulus, "format"))
        if outcome and modulus is not None and sum(1 for _ in terms(left)) == 1:
            # A size of several terms shortens nothing, and each fact costs.
            self.facts.assume_divisible(left, modulus)
            self.learned += 1
        return outcome


def _bracketed(dim: Dim) -> str:
    text = show(dim)
    return text if text.isidentifier() else f"({text})"


def holds(assumption: Assumption, values: Mapping[str, int]) -> bool:
    """Whether an assumption of a format is true of numbers for all of its symbols."""
    left, right = evaluate(assumption.left, values), evaluate(assumption.right, values)
    if assumption.modulus is not None:
        left = evaluate(mod(left, assumption.modulus, Facts()), {})
    return compare(left, assumption.op, right, Facts()) is True
