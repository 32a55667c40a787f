"""The memory of one more token: a decoder that has a cache of all that came before sees one position at a time."""

from __future__ import annotations

from archspec.algebra import free_symbols
from archspec.elaborate.program import Program
from archspec.policy import FLOATS


def sequence_axis(program: Program) -> str | None:
    """The axis along which a decoder goes on: that of the positions in its cache, else the last one of its tokens.

    None where nothing is cached, or where the cache has positions of two sequences, of which one stays as it is.
    """
    if not program.cached:
        return None
    axes = {name for name, info in program.symbols.items() if info.meaning.startswith("axis")}
    positions: set[str] = set()
    for one in program.cached:
        shape = one.tensor.shape
        positions |= free_symbols(shape[-2]) & axes if len(shape) > 1 else set()
    if positions:
        return positions.pop() if len(positions) == 1 else None
    tokens = [tensor for tensor in program.inputs.values() if tensor.dtype not in FLOATS]
    last = tokens[0].shape[-1] if tokens else 1
    named = free_symbols(last) & axes
    return next(iter(named)) if len(named) == 1 else None
