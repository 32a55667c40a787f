"""A report as CSV: one line for each layer, exact numbers."""

from __future__ import annotations

from archspec.report.report import Report
from archspec.report.table import TITLES, table


def comma(report: Report) -> str:
    """The layers as CSV (RFC 4180, but lines end in LF)."""
    return "\n".join(",".join(map(_field, row)) for row in [list(TITLES), *table(report)])


def _field(text: str) -> str:
    if any(sign in text for sign in ',"\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
