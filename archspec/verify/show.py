"""The outcome as text: a table of formula, derived, traced and delta for each choice of numbers, and a verdict."""

from __future__ import annotations

from archspec.report.grid import Column, fit, rows
from archspec.report.style import Style
from archspec.report.units import exact
from archspec.verify.outcome import Comparison, Difference, Outcome, Row

MOST = 40
"""So many differences are shown of one comparison."""


def shown(outcome: Outcome, width: int = 120, colour: bool = False) -> str:
    """The whole outcome."""
    style = Style(colour)
    parts = [text(one, width, style) for one in outcome.comparisons]
    parts.append("\n".join(_closing(outcome, style)))
    return "\n\n".join(part for part in parts if part)


def text(comparison: Comparison, width: int, style: Style) -> str:
    """One comparison: its head, table, notes and differences."""
    values = ", ".join(f"{name} = {value}" for name, value in comparison.values.items())
    head = f"{style(comparison.model, 'name')} against {comparison.against}"
    lines = [f"{head}  {style(values, 'dim')}", *(table(comparison.rows, width, style) if comparison.rows else ())]
    if comparison.aligned > comparison.aligned_by_name:
        rest = comparison.aligned - comparison.aligned_by_name
        lines.append(
            f"{comparison.aligned} tensors aligned: {comparison.aligned_by_name} by name, {rest} by order and shape"
        )
    lines.extend(style(f"note: {note}", "dim") for note in comparison.notes)
    lines.extend(style(f"unverified: {one}", "dim") for one in comparison.left_out)
    lines.extend(differences(comparison.differences, style))
    return "\n".join(lines)


def table(items: list[Row], width: int, style: Style) -> list[str]:
    """The rows, as wide as asked."""
    quantity, formula = Column("quantity", 0, right=False, style="label"), Column("formula", 1, right=False, least=20)
    derived, traced, delta = Column("derived", 0), Column("traced", 0), Column("delta", 0, style="bold")
    columns = [quantity, formula, derived, traced, delta]
    for row in items:
        quantity.cells.append(f"{row.quantity}")
        formula.cells.append(row.formula)
        derived.cells.append(exact(row.derived))
        traced.cells.append("not measured" if row.traced is None else exact(row.traced))
        delta.cells.append("" if row.delta is None else f"{row.delta:+,}" if row.delta else "0")
    # The formula takes what the other columns leave.
    others = sum(column.natural + 2 for column in columns if column is not formula)
    formula.least = max(min(formula.natural, width - others), 0) if formula.natural else None
    if formula.least is not None and formula.least < 12:
        columns.remove(formula)
    return rows(fit(columns, width), style, [False] * len(items))


def differences(found: list[Difference], style: Style) -> list[str]:
    """One line each."""
    lines = [f"{style('differs', 'bad')} {one}" for one in found[:MOST]]
    if len(found) > MOST:
        lines.append(f"… and {len(found) - MOST} more differences")
    return lines


def _closing(outcome: Outcome, style: Style) -> list[str]:
    lines: list[str] = []
    torch = sum(1 for one in outcome.comparisons if one.against.endswith("torch"))
    if outcome.proved:
        axes = _axes(outcome)
        count = len({condition for one in outcome.proofs for condition in one.conditions})
        plural = "" if count == 1 else "s"
        where = f", with {count} condition{plural} of torch's that --format json lists" if count else ""
        trials = "" if torch == 1 else f" in {len(outcome.proofs)} of {torch} trials"
        lines.append(f"proved{trials} for every {axes} (of at least 2{where}): {', '.join(outcome.proved)}")
    if outcome.unproved:
        lines.append(style(f"note: not proved for every size of the inputs: {outcome.unproved}", "dim"))
    if outcome.sampled:
        lines.append(f"only drawn: {', '.join(outcome.sampled)}")
    if outcome.chance:
        bounds = ", ".join(f"{quantity} {bound:.2g}" for quantity, bound in outcome.chance.items())
        lines.append(
            f"a wrong polynomial of no higher degrees passes with a chance of at most: {bounds} (Schwartz–Zippel)"
        )
    lines.append(verdict(outcome, style))
    return lines


def _axes(outcome: Outcome) -> str:
    """The axes of all proofs; where trials differ in the multiples that are allowed, that is said in words."""
    found: dict[str, set[str]] = {}
    for one in outcome.proofs:
        for symbol, axis in zip(one.symbols, one.axes, strict=False):
            found.setdefault(symbol, set()).add(axis)
    return ", ".join(axes.pop() if len(axes) == 1 else f"{symbol} as required" for symbol, axes in found.items())


def verdict(outcome: Outcome, style: Style) -> str:
    """The last line."""
    total = sum(1 for one in outcome.comparisons if one.rows)
    failed = sum(1 for one in outcome.comparisons if not one.passed)
    if failed:
        count = sum(len(one.differences) for one in outcome.comparisons)
        places = "difference" if count == 1 else "differences"
        return f"{style('NOT VERIFIED', 'bad')}: {failed} of {total} comparisons differ, {count} {places}"
    if not outcome.passed:
        return f"{style('NOT VERIFIED', 'bad')}: nothing could be compared"
    quantities = sorted({row.quantity for one in outcome.comparisons for row in one.rows if row.traced is not None})
    which = "comparison" if total == 1 else "comparisons"
    return f"{style('verified', 'bold')}: delta 0 in {', '.join(quantities)} ({total} {which})"
