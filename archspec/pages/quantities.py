"""The formulas on a page: each quantity in all symbols, with its meaning."""

from __future__ import annotations

from archspec.elaborate.conditions import show
from archspec.ledger.quantities import QUANTITIES
from archspec.pages.blocks import Block, Code, Equation, Heading, Inline, Paragraph, prose
from archspec.pages.sized import Sized
from archspec.report.report import Report
from archspec.report.totals import worth_showing


def formulas(size: Sized) -> list[Block]:
    """The formulas of every quantity that is not nothing; of a layer that cannot stand alone, why it has none."""
    if size.report is None:
        return [
            Heading(2, "Formulas"),
            Paragraph(prose(f"By itself it has none, as {size.reason}. The models that use it have.")),
        ]
    report = size.report
    found: list[Block] = [Heading(2, "Formulas"), Paragraph(_under(report))]
    for name in worth_showing(report):
        found += _entry(report, name)
    return found


def training_formulas(report: Report) -> list[Block]:
    """The formulas of what only training needs, for a report with an optimizer."""
    found: list[Block] = [Heading(2, "Training"), Paragraph([f"With {report.policy.optimizer}, in all symbols."])]
    for name in worth_showing(report):
        if QUANTITIES[name].trained:
            found += _entry(report, name)
    return found


def _entry(report: Report, name: str) -> list[Block]:
    """A quantity: what it is, and its formula."""
    quantity = QUANTITIES[name]
    said = f"{quantity.meaning[0].upper()}{quantity.meaning[1:]}"
    said += f", in {quantity.unit}" if not said.lower().startswith(quantity.unit.lower()) else ""
    said += f", in {quantity.mode} mode" if quantity.mode not in (None, report.policy.mode) else ""
    bound = "" if report.is_exact(name) else " This is an upper bound."
    return [Heading(3, name), Paragraph(prose(f"{said}.{bound}")), _equation(report, name)]


def _equation(report: Report, name: str) -> Equation:
    formula = report.shown(report.dim(name))
    tree, where = formula.shown
    return Equation(name, tree, where, formula.text)


def _under(report: Report) -> list[Inline]:
    """The policy, and what had to be given."""
    policy = report.policy
    line: list[Inline] = [
        f"In all symbols, for {policy.precision}, the {policy.backend} backend, {policy.attention} attention and "
        f"{policy.mode} mode."
    ]
    if report.given:
        given = ", ".join(f"{name} = {show(value)}" for name, value in report.given.items())
        line += [" With ", Code(given), ", for without that there are none."]
    return line
