"""Memory over each free axis of a model: as bars, for training and for inference, at a row of lengths."""

from __future__ import annotations

from archspec.algebra import AlgebraError, evaluate, free_symbols
from archspec.pages.bars import Bar, bars
from archspec.pages.blocks import Block, Code, Heading, Line, Paragraph
from archspec.pages.sized import fits
from archspec.report.report import Report
from archspec.report.units import short

_DOUBLINGS = range(-3, 5)
_SHOWN = (("memory.training", "training", "#3b7dd8"), ("memory.inference", "inference", "#4d9a5b"))


def memory(worked: Report) -> list[Block]:
    """A picture for each axis without a default, around the setting of a report with an optimizer."""
    axes = [name for name, info in worked.symbols.items() if "default" not in info and name in worked.given]
    found: list[Block] = []
    for axis in axes:
        rows = _rows(worked, axis)
        if len(rows) > len(_SHOWN):
            text = f"Memory of {worked.model.name} over {axis}"
            found.append(bars(rows, text))
    if not found:
        return []
    setting = ", ".join(f"{name} = {worked.given[name]}" for name in axes)
    line: Line = ["Each axis by itself, the others at ", Code(setting), f"; training with {worked.policy.optimizer}."]
    return [Heading(2, "Memory over its axes"), Paragraph(line), *found]


def _rows(worked: Report, axis: str) -> list[Bar]:
    """Bars for the lengths that the model takes, where the formulas of the report hold."""
    start = worked.given[axis]
    if type(start) is not int:
        return []
    rows: list[Bar] = []
    for power in _DOUBLINGS:
        length = start * 2**power if power >= 0 else start // 2**-power
        if length < 1 or (power < 0 and start % 2**-power) or not fits(worked, {axis: length}):
            continue
        given = {**worked.given, axis: length}
        if worked.model.derive(worked.policy, given) is not worked.derivation:
            continue
        for name, word, colour in _SHOWN:
            size = _size(worked, name, {**worked.values, axis: length})
            if size:
                rows.append(Bar(f"{axis}={length} {word}", size, short(size, "bytes"), colour))
    return rows


def _size(worked: Report, name: str, values: dict[str, int]) -> int:
    """A quantity with these numbers; 0 where it has none."""
    dim = worked.dim(name)
    if isinstance(dim, int):
        return dim
    if not free_symbols(dim) <= values.keys():
        return 0
    try:
        return evaluate(dim, values)
    except AlgebraError:
        return 0
