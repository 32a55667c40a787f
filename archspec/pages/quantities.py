"""The formulas on a page: each quantity in all symbols, with its meaning."""

from __future__ import annotations

from archspec.algebra import Dim
from archspec.algebra.atoms import Max, Min
from archspec.algebra.poly import terms
from archspec.elaborate.conditions import show
from archspec.ledger.quantities import QUANTITIES
from archspec.pages.blocks import Block, Code, Equation, Heading, Inline, Paragraph, prose
from archspec.pages.sized import Sized
from archspec.report.report import Report
from archspec.report.totals import worth_showing

_READABLE = 600
"""Terms. Longer formulas, such as the maximum over hundreds of moments of a step, nobody reads."""


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
    """A quantity: what it is, and its formula. One that is too long to read is left to the command line."""
    quantity = QUANTITIES[name]
    said = f"{quantity.meaning[0].upper()}{quantity.meaning[1:]}"
    said += f", in {quantity.unit}" if not said.lower().startswith(quantity.unit.lower()) else ""
    said += f", in {quantity.mode} mode" if quantity.mode not in (None, report.policy.mode) else ""
    bound = "" if report.is_exact(name) else " This is an upper bound."
    found: list[Block] = [Heading(3, name), Paragraph(prose(f"{said}.{bound}"))]
    size = length(report.dim(name))
    if size <= _READABLE:
        return [*found, _equation(report, name)]
    command = f"archspec formula {report.model.name} {name}"
    command += f" --train {report.policy.optimizer}" if quantity.trained else ""
    return [*found, Paragraph([f"Its formula has {size:,} terms. ", Code(command), " writes it."])]


def length(dim: Dim) -> int:
    """How many terms a formula has, with those in its minima and maxima."""
    if isinstance(dim, int):
        return 1
    inside = (atom.args for _, product in terms(dim) for atom, _ in product if isinstance(atom, Min | Max))
    return len(dim.by_monomial) + sum(length(one) for args in inside for one in args)


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
