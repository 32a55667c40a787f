"""From which numbers each symbol of a model is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.algebra import Dim, free_symbols
from archspec.elaborate.program import Program, Region, SymbolInfo, Turns
from archspec.model import Model

BATCH = (2, 9)
SEQUENCE = (2, 48)
TURNS = (1, 5)
COPIES = (2, 9)
SMALL = (1, 6)
PICTURE = (24, 96)
WIDTH = (2, 160)
"""From the least to the largest, both drawn: axes of one element turn some copies into views, products into sums."""
SMALL_DEFAULT = 8
"""A parameter with a default up to this is a kernel size, a stride, a number of heads or groups."""
LARGER = 8
"""So many times wider are the widths of a large trial, which needs no memory."""


@dataclass(frozen=True)
class Range:
    """The numbers from `least` to `most`. `kind`: why these."""

    kind: str
    least: int
    most: int

    @property
    def count(self) -> int:
        """How many there are."""
        return self.most - self.least + 1


def ranges(model: Model, program: Program, large: bool) -> dict[str, Range]:
    """The range of each symbol. large: widths of a model that is run without memory."""
    turns = _turn_symbols(program.region)
    copies = frozenset(
        name
        for one in program.parameters
        for loop in one.loops
        if loop.active is not None
        for name in free_symbols(loop.count)
    )
    axes = _axes(program)
    found: dict[str, Range] = {}
    for name, info in program.symbols.items():
        if info.lower is None:
            continue  # any sign is allowed, such as that of an axis: no size
        found[name] = Range("copies", *COPIES) if name in copies else _range(name, info, turns, axes, large)
    return found


def _range(name: str, info: SymbolInfo, turns: frozenset[str], axes: dict[str, str], large: bool) -> Range:
    default = info.default if info.default is not None else info.value
    if name in axes:
        least, most = {"batch": BATCH, "picture": PICTURE}.get(axes[name], SEQUENCE)
        return Range(axes[name], least, most)
    if name in turns:
        return Range("turns", max(TURNS[0], info.lower or 0), TURNS[1])
    if default is not None and default <= SMALL_DEFAULT:
        return Range("small", info.lower or 0, max(default + 1, SMALL[1] if default > 1 else 2))
    if default is not None and default <= 64:
        return Range("width", max(WIDTH[0], info.lower or 0), 2 * default)
    return Range("width", max(WIDTH[0], info.lower or 0), WIDTH[1] * (LARGER if large else 1))


def _turn_symbols(region: Region) -> frozenset[str]:
    """The symbols that numbers of turns hang on."""
    found: frozenset[str] = frozenset()
    for step in region.steps:
        if isinstance(step, Turns):
            found |= free_symbols(step.loop.count) | _turn_symbols(step.body)
    return found


def _axes(program: Program) -> dict[str, str]:
    """What each axis is: the first of an input is the batch, two or more after channels are a picture."""
    found: dict[str, str] = {}
    for tensor in program.inputs.values():
        for place, size in enumerate(tensor.shape):
            for name in _symbol_of(size):
                info = program.symbols.get(name)
                if info is None or not info.meaning.startswith("axis"):
                    continue
                picture = len(tensor.shape) >= 3 and place >= 2 and tensor.dtype != "int64" and len(tensor.shape) != 3
                found.setdefault(name, "batch" if place == 0 else "picture" if picture else "sequence")
    return found


def _symbol_of(size: Dim) -> frozenset[str]:
    return free_symbols(size)
