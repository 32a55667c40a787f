"""The formulas on a page: each quantity in all symbols, with its meaning."""

from __future__ import annotations

from archspec.ledger.quantities import QUANTITIES
from archspec.pages.blocks import Block, Code, Equation, Heading, Inline, Paragraph
from archspec.pages.sized import Sized
from archspec.report.report import Report
from archspec.report.totals import worth_showing
from archspec.values_text import shown_value


def formulas(size: Sized) -> list[Block]:
    """The formulas of every quantity that is not nothing; of a layer that cannot stand alone, why it has none."""
    if size.report is None:
        return [Heading(2, "Formulas"), Paragraph([f"By itself it has none: {size.reason}. Where it is used, it has."])]
    report = size.report
    found: list[Block] = [Heading(2, "Formulas"), Paragraph(_under(report))]
    for name in worth_showing(report):
        meaning = QUANTITIES[name].meaning
        bound = "" if report.is_exact(name) else "; an upper bound"
        said = f"{meaning[0].upper()}{meaning[1:]}" + (f" ({report.unit(name)}{bound})" if report.unit(name) not in meaning.split() or bound else "")
        found += [Heading(3, name), Paragraph([f"{said}."]), _equation(report, name)]
    return found


def _equation(report: Report, name: str) -> Equation:
    formula = report.shown(report.dim(name))
    tree, where = formula.shown
    return Equation(name, tree, where, formula.text)


def _under(report: Report) -> list[Inline]:
    """The policy, and what had to be given."""
    policy = report.policy
    line: list[Inline] = [
        f"In all symbols, for {policy.precision}, the {policy.backend} backend, {policy.attention} attention, "
        f"{policy.mode} mode; `activations.peak`, `kv_cache` and `memory.inference` in eval mode."
    ]
    if report.given:
        given = ", ".join(f"{name} = {shown_value(value)}" for name, value in report.given.items())
        line += [" With ", Code(given), ", for without that there are none."]
    return line
