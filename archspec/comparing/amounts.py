"""Amounts and their changes as cells: with a sign, in short, in per cent."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from archspec.report.cells import compact
from archspec.report.units import short

if TYPE_CHECKING:
    from archspec.algebra import Dim
    from archspec.comparing.difference import Diff

_TIMES = 10
"""From this factor on a growth is shown as a factor, not in per cent."""


def cell(diff: Diff, amount: Dim, unit: str) -> str:
    """An amount in short, or its formula; nothing is a 0."""
    return short(amount, unit) if isinstance(amount, int) else compact(diff.shown(amount).text)


def signed(diff: Diff, amount: Dim, unit: str) -> str:
    """A difference with its sign: `+1.29 B`, `-512.0 MiB`, `-6·B·S`; nothing is a 0."""
    if not isinstance(amount, int):
        falls = diff.falls(amount)
        text = compact(diff.shown(-amount if falls else amount).text)
        return f"-({text})" if falls and " " in text else f"-{text}" if falls else f"+{text}"
    return short(amount, unit) if amount <= 0 else f"+{short(amount, unit)}"


def change_text(left: Dim, right: Dim) -> str:
    """How much it grew: `+19.2 %`, `-75.0 %`, `×12.5`, `new`, `gone`; nothing where that hangs on a symbol."""
    if left == right:
        return "="
    if left == 0:
        return "new"
    if right == 0:
        return "gone"
    ratio = factor(left, right)
    if ratio is None:
        return ""
    if ratio >= _TIMES:
        return f"×{_decimal(ratio)}"
    percent = _decimal(abs(ratio - 1) * 100)
    sign = "+" if ratio > 1 else "-"
    return f"{sign}{percent} %" if percent != "0.0" else f"{sign}<0.1 %"


def factor(left: Dim, right: Dim) -> Fraction | None:
    """`right / left` where it is a number: of two numbers, or of formulas that are multiples of each other."""
    if isinstance(left, int) or isinstance(right, int):
        return Fraction(right, left) if isinstance(left, int) and isinstance(right, int) and left > 0 else None
    mine, others = left.by_monomial, right.by_monomial
    if mine.keys() != others.keys():
        return None
    ratios = {Fraction(others[monomial]) / Fraction(mine[monomial]) for monomial in mine}
    return ratios.pop() if len(ratios) == 1 else None


def _decimal(number: Fraction) -> str:
    """One decimal, rounded half up."""
    tenths = (20 * number.numerator + number.denominator) // (2 * number.denominator)
    return f"{tenths // 10:,}.{tenths % 10}"
