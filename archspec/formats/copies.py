"""Which copies of a parameter are alike, where its sizes hang on the turn of a loop."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product as every

from archspec.algebra import Dim, free_symbols
from archspec.elaborate.program import Loop, Parameter
from archspec.formats.deciding import Deciding
from archspec.formats.names import number


def copies_of(parameter: Parameter, deciding: Deciding) -> Iterator[tuple[dict[str, Dim], tuple[Loop, ...]]]:
    """The copies of a parameter that are alike: the turns that tell them apart, and the loops around those.

    Copies differ where a size hangs on a turn. They are told apart where the loops have numbers.
    """
    loops = parameter.loops
    sizes = frozenset[str]().union(*(free_symbols(size) for size in parameter.tensor.shape))
    hanging = {loop.index for loop in loops} & sizes
    counts = [free_symbols(loop.count) <= deciding.values.keys() for loop in loops]
    if not hanging or not all(counts):
        yield {}, loops
        return
    ranges = [range(number(loop.count, deciding.values)) for loop in loops]
    for turns in every(*ranges):
        yield {loop.index: turn for loop, turn in zip(loops, turns, strict=True)}, ()
