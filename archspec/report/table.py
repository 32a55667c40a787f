"""The layers of a report as a plain table, one row for each primitive: for Markdown, CSV and HTML."""

from __future__ import annotations

from archspec.report.layers import PER_LAYER
from archspec.report.report import Report

TITLES = ("path", "kind", "count", "output", *PER_LAYER)


def table(report: Report) -> list[list[str]]:
    """The rows below `TITLES`: exact numbers, and formulas where a symbol has no value."""
    rows: list[list[str]] = []
    for layer in report.layers:
        row = [
            layer.path or report.model.name,
            layer.kind,
            report.text(layer.count),
            "[" + ", ".join(report.text(size) for size in layer.output) + "]",
        ]
        for name in PER_LAYER:
            dim = layer.quantities.get(name, 0)
            number = report.evaluate(dim)
            row.append(str(number) if number is not None else report.text(report.reduced(dim)))
        rows.append(row)
    return rows
