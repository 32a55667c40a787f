"""The table of devices and precisions for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.report.grid import Column, fit, rows
from archspec.report.style import Style
from archspec.report.terminal import settings
from archspec.report.units import short

if TYPE_CHECKING:
    from archspec.solving.fitting import Fit


def fit_text(table: Fit, width: int, colour: bool) -> str:
    """What is needed in each precision, and for each device whether it fits and how much is left or missing."""
    style, report = Style(colour), table.report
    title = style(report.model.name, "name") + f"  {table.quantity}  {style(' '.join(settings(report)), 'dim')}"
    policy = {name: value for name, value in report.policy_dict.items() if name not in ("precision", "mode")}
    chosen = " · ".join(str(value) if name == "backend" else f"{name} = {value}" for name, value in policy.items())
    # A narrow terminal loses the columns at the right first.
    columns = [Column("device", 0, right=False), Column("memory", 0)]
    columns += [Column(name, rank) for rank, name in enumerate(table.needs)]
    first = ["needs", "", *(_needed(one.bytes) for one in table.needs.values())]
    lines = [first] + [
        [device.name, short(device.memory, "bytes"), *(_left(table.headroom(device, name)) for name in table.needs)]
        for device in table.devices
    ]
    for line in lines:
        for column, cell in zip(columns, line, strict=True):
            column.cells.append(cell)
    shown = rows(fit(columns, width), style, [number == 0 for number in range(len(lines))])
    notes = [f"{name}: {one.reason}" for name, one in table.needs.items() if one.reason]
    notes += [f"{name}: a bound" for name, one in table.needs.items() if one.bytes is not None and not one.exact]
    if report.assumptions:
        notes.append(f"assumes {', '.join(report.assumptions)}")
    return "\n".join([title, chosen, "", *shown, *(["", *notes] if notes else [])])


def _needed(size: int | None) -> str:
    return "-" if size is None else short(size, "bytes")


def _left(left: int | None) -> str:
    if left is None:
        return "-"
    return f"yes  {short(left, 'bytes'):>9}" if left >= 0 else f"no  {short(left, 'bytes'):>9}"
