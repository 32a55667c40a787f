"""A report for a notebook: a table of totals, and the layers behind a click."""

from __future__ import annotations

from html import escape

from archspec.report.report import Report
from archspec.report.table import TITLES, table
from archspec.report.terminal import settings
from archspec.report.totals import free_totals, worth_showing
from archspec.report.units import with_unit


def html(report: Report) -> str:
    """The report as an HTML fragment without scripts; formulas are MathML, which browsers show by themselves."""
    policy = " · ".join(str(value) for value in report.policy_dict.values())
    name, known = escape(report.model.name), escape(" ".join(settings(report)))
    head = f"<strong>{name}</strong> <code>{known}</code> {escape(policy)}"
    notes = [f"assumes <code>{escape(text)}</code>" for text in report.assumptions]
    notes += [f"derived: {escape(report.derived)}"] if report.derived else []
    notes += [f"fixed <code>{escape(one['symbol'])} = {one['value']}</code>" for one in report.fixed]
    shown = f"<p>{'; '.join(notes)}</p>" if notes else ""
    return (
        f"<div><p>{head}</p>{_totals(report)}{shown}<details><summary>layers</summary>{_layers(report)}</details></div>"
    )


def _totals(report: Report) -> str:
    free = free_totals(report)
    rows: list[str] = []
    for name in worth_showing(report):
        number, unit = report.value(name), report.unit(name)
        cell = f"{report.shown(free[name]).mathml} {unit}" if number is None else escape(with_unit(number, unit))
        bound = "" if report.is_exact(name) else " (a bound)"
        rows.append(f"<tr><th style='text-align:left'>{name}</th><td style='text-align:left'>{cell}{bound}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _layers(report: Report) -> str:
    head = "".join(f"<th>{title}</th>" for title in TITLES)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table(report))
    return f"<table><tr>{head}</tr>{rows}</table>"
