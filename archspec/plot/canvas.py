"""The canvas of a picture: matplotlib with settings under which a file is the same wherever it is made, and the axes,
colours and labels that all pictures share.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from archspec.report.units import short
from archspec.solving.problems import fail

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from archspec.plot.curves import Limit
    from archspec.plot.values import Range

FORMATS = ("svg", "png", "pdf")
WIDTH, HEIGHT = 9.0, 5.2
"""Inches."""
INK, FAINT, GRID = "#222222", "#5f5f5f", "#e2e2e2"
COLOURS = {
    "weights": "#0072b2",
    "gathered weights": "#cc79a7",
    "optimizer": "#56b4e9",
    "teacher": "#999999",
    "gradients": "#009e73",
    "kept activations": "#e69f00",
    "temporaries": "#f0e442",
    "cache": "#cc79a7",
    "activations": "#e69f00",
}
"""The colours of Okabe and Ito, which people see apart whatever their colour vision."""
LINE_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222")
_TITLE: dict[str, Any] = {"fontsize": 13, "fontweight": "bold"}
_ABOUT: dict[str, Any] = {"fontsize": 9.5, "color": FAINT}
_LABEL: dict[str, Any] = {
    "textcoords": "offset points",
    "fontsize": 9,
    "zorder": 5,
    "bbox": {"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
}
FAR = 3
"""A device that has so many times what is needed is not drawn, but named."""
CLOSE = 0.055
"""Two labels need so much of a picture's height."""
_SETTINGS: dict[Any, Any] = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.unicode_minus": False,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
    "font.size": 10.5,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "archspec",
    "pdf.fonttype": 42,
    "path.simplify": False,
}


def need_matplotlib() -> None:
    """Raise `SpecError`, with the command that helps, where matplotlib is missing."""
    try:
        import matplotlib.figure  # noqa: F401  # only to see whether it is there
    except ImportError:
        fail("needs-matplotlib")


@contextmanager
def settings() -> Iterator[None]:
    """Pictures are drawn and saved inside of this; what the user set for pictures of their own stays as it is."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def blank(rows: int, title: str, about: str) -> tuple[Figure, list[Axes]]:
    """A figure with one picture above the other, a title and a line below it. No window is opened."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT if rows == 1 else 2.6 * rows + 1.2), layout="constrained")
    axes = figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)  # type: ignore[union-attr,call-arg]  # it was just chosen
    high = 44 if rows == 1 else 26
    for text, up, style in ((title, high, _TITLE), (about, high - 16, _ABOUT)):
        axes[0].annotate(text, (0, 1), (0, up), "axes fraction", "offset points", **style)
    return figure, list(axes)


def save(figure: Figure, path: str) -> None:
    """Write a picture; the ending of the name says what it is. The same picture gives the same bytes.

    Raises `SpecError` for another ending.
    """
    form = picture_format(path)
    metadata: dict[str, Any] = {"Creator": "archspec"}
    if form == "png":
        metadata = {"Software": "archspec"}
    else:
        metadata["Date" if form == "svg" else "CreationDate"] = None
    with settings():
        figure.savefig(path, format=form, metadata=metadata, dpi=160)


def picture_format(path: str) -> str:
    """What a file is to be. Raises `SpecError`."""
    form = os.path.splitext(path)[1][1:].lower()
    if form not in FORMATS:
        fail("unknown-value", name="the ending of a picture", value=form, choices=", ".join(FORMATS))
    return form


# --- axes -------------------------------------------------------------------------------------------


def symbol_axis(axes: Axes, over: Range, values: Sequence[int]) -> None:
    """The axis of the symbol: powers of two where the range is wide."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

    axes.set_xlabel(over.name)
    low, high = values[0], values[-1]
    if low == high:
        axes.xaxis.set_major_locator(FixedLocator([low]))
    elif over.is_wide:
        axes.set_xscale("log", base=2)
        powers = [1 << n for n in range((low - 1).bit_length(), high.bit_length())]
        step = -(-len(powers) // 11)
        axes.xaxis.set_major_locator(FixedLocator(powers[(len(powers) - 1) % step :: step]))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(10, integer=True, steps=[1, 2, 4, 5, 8, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(value):,}"))
    if low < high:
        axes.set_xlim(low, high)


def amount_axis(axes: Axes, unit: str, low: int, high: int, wide: bool) -> None:
    """The axis of bytes, elements or FLOPs from a number to another; logarithmic where `wide`."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, MultipleLocator, NullLocator

    base = 2 if unit == "bytes" else 10
    if wide:
        axes.set_yscale("log", base=base)
        powers = list(_powers(max(low, 1), high, base))
        step = -(-len(powers) // 11)
        axes.set_ylim(powers[0], high * 1.25)
        axes.yaxis.set_major_locator(FixedLocator(powers[::step]))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.set_ylim(0, max(high, 1) * 1.06)
        locator = MultipleLocator(_round_step(high)) if unit == "bytes" else MaxNLocator(8, integer=True)
        axes.yaxis.set_major_locator(locator)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: "0" if not value else _tick(round(value), unit)))


def _powers(low: int, high: int, base: int) -> Iterator[int]:
    """The powers from the last one not above `low` on, up to `high`."""
    power = 1
    while power * base <= low:
        power *= base
    while power <= high:
        yield power
        power *= base


def _round_step(high: int) -> int:
    """A step of ticks of 1, 2, 4, … or 5, 10, 20, 50, 100 … of a unit of 1024: at most nine ticks."""
    unit = 1
    while unit * 1024 <= high:
        unit *= 1024
    steps = [1, 2, 5, 10, 20, 50, 100, 200, 256]
    below = [unit // 1024 * step for step in (128, 256, 512)] if unit > 1 else []
    return next((step for step in (*below, *(unit * one for one in steps)) if high <= 9 * step), unit * 256)


def _tick(value: int, unit: str) -> str:
    """`20 GiB`, `512 MiB`, `1.5 TFLOPs`: without zeros behind the point."""
    text = short(value, unit)
    number, space, letter = text.partition(" ")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number}{space}{letter}{'FLOPs' if unit == 'FLOPs' else ''}"


# --- marks ------------------------------------------------------------------------------------------


def in_sight(limits: Sequence[Limit], most: int) -> list[Limit]:
    """The limits beside which amounts can still be read."""
    return [limit for limit in limits if limit.bytes <= FAR * most]


def draw_limits(axes: Axes, limits: Sequence[Limit], most: int) -> None:
    """Devices as dashed lines with their names; those out of sight in words."""
    shown = in_sight(limits, most)
    labels: list[tuple[Limit, str]] = []
    for limit in shown:
        axes.axhline(limit.bytes, color=INK, linewidth=1.1, linestyle=(0, (5, 3)), zorder=4)
        if labels and _height(axes, limit) - _height(axes, labels[-1][0]) < CLOSE:
            labels[-1] = (limit, f"{labels[-1][1]}, {limit.label}")
        else:
            labels.append((limit, limit.label))
    for limit, text in labels:
        axes.annotate(text, (0, limit.bytes), (6, 4), ("axes fraction", "data"), **_LABEL)
    above = [limit.label for limit in limits if limit not in shown]
    if above:
        axes.annotate(f"far above: {', '.join(above)}", (1, 1), (0, 8), "axes fraction", ha="right", **_LABEL)


def _height(axes: Axes, limit: Limit) -> float:
    """Where a limit is, from 0 at the bottom of the picture to 1 at the top."""
    place = axes.transLimits.transform(axes.transScale.transform((axes.get_xlim()[1], limit.bytes)))
    return float(place[1])


def draw_legend(axes: Axes, handles: Sequence[Any], names: Sequence[str]) -> None:
    """The names of the parts in one line above the picture, in the order in which they are stacked."""
    axes.legend(
        handles,
        names,
        loc="lower left",
        bbox_to_anchor=(-0.008, 0.995),
        ncols=len(names),
        fontsize=9.5,
        handlelength=1.1,
        handleheight=1.0,
        columnspacing=1.3,
        borderaxespad=0.1,
    )
