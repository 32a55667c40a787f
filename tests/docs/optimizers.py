"""The table of optimizers in docs/training.md, from `archspec.optimizers`."""

from __future__ import annotations

from archspec.optimizers import BLOCK, OPTIMIZERS, Optimizer

HEAD = "| optimizer | for each parameter of p bytes | a step needs, all at once | one by one |"


def optimizer_table() -> str:
    """P are the bytes of all that is trained, q those of the parameter before p."""
    rows = [
        f"| `{one.name}` | {_state(one)} | {_times(one.foreach, 'P')} | {_single(one)} |" for one in OPTIMIZERS.values()
    ]
    return "\n".join([HEAD, "|---|---|---|---|", *rows])


def _times(count: int, of: str) -> str:
    return "nothing" if not count else of if count == 1 else f"{count}{of}"


def _state(one: Optimizer) -> str:
    if one.bytes8:
        return f"{one.bytes8} bytes an element and a scale for each {BLOCK} of them"
    if one.matrices:
        return f"{_times(one.matrices, 'p')} for a matrix; the rest as `adamw`"
    whole = "a row and a column for each matrix, p for a vector," if one.factored else _times(one.full, "p")
    return f"{whole} + {one.counters}" if one.counters else whole


def _single(one: Optimizer) -> str:
    found = [_sum(pair) for pair in one.single]
    return " or ".join(found) or "nothing"


def _sum(pair: tuple[int, int]) -> str:
    return " + ".join(_times(count, of) for count, of in zip(pair, "pq", strict=True) if count)
