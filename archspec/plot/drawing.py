"""Drawing: memory taken apart over a symbol or over a training step, and quantities as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archspec.plot.canvas import (
    COLOURS,
    FAINT,
    INK,
    LINE_COLOURS,
    amount_axis,
    blank,
    draw_legend,
    draw_limits,
    in_sight,
    settings,
    symbol_axis,
)
from archspec.report.units import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from archspec.plot.curves import Limit, Line, Lines, Stack
    from archspec.plot.moments import Step

STACK_WIDE, LINES_WIDE = 12, 10
"""Amounts that differ by more are shown in powers."""
_AXES = {"bytes": "bytes", "elements": "elements", "FLOPs": "FLOPs"}


def draw_stack(stack: Stack, limits: Sequence[Limit], title: str, about: str, scale: str) -> Figure:
    """Memory over a symbol. scale: `linear`, `log`, or `auto` for what the range asks for."""
    with settings():
        figure, (axes,) = blank(1, title, about)
        totals = stack.totals
        most = max([max(totals), *(limit.bytes for limit in in_sight(limits, max(totals)))])
        least = max(min([*totals, *(limit.bytes for limit in limits)]), 1)
        wide = scale == "log" or (scale == "auto" and max(totals) > STACK_WIDE * least)
        low = min(min(one.parts[stack.names[0]] for one in stack.held), min(totals)) if wide else 0
        amount_axis(axes, "bytes", low or min(totals), most, wide)
        below = [max(low // 1024, 1) if wide else 0] * len(totals)
        handles = []
        for name in stack.names:
            above = [low + one.parts[name] for low, one in zip(below, stack.held, strict=True)]
            handles.append(_band(axes, stack.values, below, above, COLOURS[name]))
            below = above
        axes.plot(stack.values, below, color=INK, linewidth=1.2)
        symbol_axis(axes, stack.over, stack.values)
        axes.set_ylabel(stack.quantity)
        draw_limits(axes, limits, max(totals))
        draw_legend(axes, handles, stack.names)
    return figure


def _band(axes: Axes, values: Sequence[int], below: Sequence[float], above: Sequence[float], colour: str) -> object:
    if len(values) == 1:  # a band of one value is a bar
        return axes.bar(values, [above[0] - below[0]], bottom=list(below), width=0.5, color=colour)
    return axes.fill_between(values, below, above, color=colour, linewidth=0.4, edgecolor="white")


def draw_lines(data: Lines, limits: Sequence[Limit], title: str, about: str, scale: str) -> Figure:
    """Quantities over a symbol, those of one unit in one picture."""
    units = list(dict.fromkeys(line.unit for line in data.lines))
    with settings():
        figure, all_axes = blank(len(units), title, about)
        for unit, axes in zip(units, all_axes, strict=True):
            shown = [line for line in data.lines if line.unit == unit]
            known = [number for line in shown for number in line.numbers]
            marked = limits if unit == "bytes" else []
            most = max([max(known), *(limit.bytes for limit in in_sight(marked, max(known)))])
            positive = [number for number in known if number > 0] or [1]
            wide = scale == "log" or (scale == "auto" and max(known) > LINES_WIDE * min(positive))
            amount_axis(axes, unit, min(positive), most, wide)
            for line, colour in zip(shown, LINE_COLOURS * len(shown), strict=False):
                _line(axes, data.values, line, colour)
            draw_limits(axes, marked, max(known))
            if len(shown) == 1:
                axes.set_ylabel(shown[0].name)
            else:
                axes.set_ylabel(_AXES[unit])
                axes.legend(loc="upper left", fontsize=9.5)
        symbol_axis(all_axes[-1], data.over, data.values)
    return figure


def _line(axes: Axes, values: Sequence[int], line: Line, colour: str) -> None:
    marker = "o" if len(values) <= 24 else ""
    axes.plot(values, line.numbers, color=colour, linewidth=2, marker=marker, markersize=4, label=line.name)


def draw_step(step: Step, limits: Sequence[Limit], title: str, about: str) -> Figure:
    """Memory over the moments of a training step: phases shaded, the largest moment marked."""
    with settings():
        figure, (axes,) = blank(1, title, about)
        total = step.largest.total
        most = max([total, *(limit.bytes for limit in in_sight(limits, total))])
        amount_axis(axes, "bytes", 0, most, False)
        top = axes.get_ylim()[1] * 1.07
        axes.set_ylim(0, top)
        edges = step.edges
        for number, (phase, first, end) in enumerate(step.phases):
            left, right = edges[first], edges[end]
            if number % 2 == 0:
                axes.axvspan(left, right, color="#f1f1f1", linewidth=0, zorder=0)
            axes.text((left + right) / 2, top * 0.985, phase, ha="center", va="top", fontsize=9.5, color=FAINT)
        below = [0] * len(step.held)
        handles = []
        for name in step.names:
            above = [low + one.parts[name] for low, one in zip(below, step.held, strict=True)]
            at, low, high = _corners(edges, below, above)
            handles.append(axes.fill_between(at, low, high, step="post", color=COLOURS[name], linewidth=0))
            below = above
        axes.stairs(below, edges, color=INK, linewidth=0.9, baseline=None)
        _mark(axes, step, top)
        draw_limits(axes, limits, total)
        axes.set_xlim(0, edges[-1])
        axes.set_xticks([])
        axes.set_xlabel("moments of a training step, in order")
        axes.set_ylabel("bytes held")
        draw_legend(axes, handles, step.names)
    return figure


def _corners(
    edges: Sequence[float], below: Sequence[int], above: Sequence[int]
) -> tuple[list[float], list[int], list[int]]:
    """Where a band begins, changes and ends: files are smaller without the moments between."""
    kept = [0]
    for place in range(1, len(below)):
        if (below[place], above[place]) != (below[place - 1], above[place - 1]):
            kept.append(place)
    last = len(below) - 1
    at = [*(edges[place] for place in kept), edges[-1]]
    return at, [below[place] for place in (*kept, last)], [above[place] for place in (*kept, last)]


def _mark(axes: Axes, step: Step, top: float) -> None:
    """A point at the largest moment, and beside it what it is, on the side where there is room."""
    at = (step.edges[step.peak] + step.edges[step.peak + 1]) / 2
    total = step.largest.total
    right = at < step.edges[-1] / 2
    axes.plot([at], [total], marker="o", color="#d55e00", markeredgecolor="white", markersize=8, zorder=6)
    axes.annotate(
        f"{short(total, 'bytes')}: {step.largest.phase}, {step.where}",
        (at, total),
        (10 if right else -10, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center" if total < 0.93 * top else "top",
        fontsize=9.5,
        zorder=6,
        bbox={"boxstyle": "square,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
    )
