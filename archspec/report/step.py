"""The time points of a training step in a report: where in each phase most is held, and how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archspec.report.style import Style, bar
from archspec.report.units import with_unit

if TYPE_CHECKING:
    from archspec.algebra import Dim
    from archspec.report.report import Report

_BAR = 20


@dataclass(frozen=True)
class TimePoint:
    """The largest moment of a phase. path, kind: the operation, where there is one. value: None without all numbers."""

    phase: str
    path: str
    kind: str
    size: Dim
    value: int | None


def time_points(report: Report) -> list[TimePoint]:
    """One for each phase of a training step; none where no optimizer was chosen."""
    if not report.policy.optimizer:
        return []
    from archspec.ledger.training import PHASES

    training, program = report.model.training(report.policy, report.given)
    found: list[TimePoint] = []
    for phase in PHASES:
        points = [point for point in training.points if point.phase == phase]
        values = [report.evaluate(point.size) for point in points]
        known = [value for value in values if value is not None]
        if points and len(known) == len(points):
            at = known.index(max(known))
            found.append(TimePoint(phase, points[at].path, points[at].kind, points[at].size, known[at]))
        elif points:
            found.append(TimePoint(phase, "", "", training.largest(program, phase), None))
    return found


def as_data(report: Report, formulas: bool) -> list[dict[str, Any]]:
    """The time points in the JSON report."""
    entries: list[dict[str, Any]] = []
    for point in time_points(report):
        entry: dict[str, Any] = {"phase": point.phase, "path": point.path, "value": point.value}
        if formulas or point.value is None:
            entry["formula"] = report.shown(point.size).text
        entries.append(entry)
    return entries


def step_lines(report: Report, width: int, style: Style) -> list[str]:
    """The time points for a terminal, with bars; nothing where a symbol has no value."""
    points = [point for point in time_points(report) if point.value is not None]
    if not points:
        return []
    most = max(point.value or 0 for point in points)
    lines = [style("over a training step", "bold")]
    for point in points:
        value = point.value or 0
        mark = style("  largest", "label") if value == most else ""
        amount = with_unit(value, "bytes").partition(" (")[0]
        place = f"  {point.path}" if point.path else ""
        lines.append(
            f"{style(f'{point.phase:<9}', 'label')}{amount:>11}  {bar(value, most, _BAR):<{_BAR}}{place}{mark}"
        )
    return lines
