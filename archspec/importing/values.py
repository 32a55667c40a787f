"""Which other values of its numbers and axes a model is tried at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def changes(value: int, axis: bool, first: int | None = None) -> Iterator[int]:
    """Other values of a number, likely ones first."""
    steps: tuple[int, ...]
    if axis and value >= 32:
        steps = (32, 64, 96, 16)
    elif value >= 24:
        steps = (value // 2 if value % 2 == 0 and value < 512 else 8, value, 8, 16, 32, 64, 1)
    else:
        steps = (1, 2, value, -(value - value // 2), 2 * value, 3, 4, 8)
    seen = {value}
    if first is not None:
        seen.add(first)
        yield first
    for one in steps:
        if value + one > 0 and value + one not in seen:
            seen.add(value + one)
            yield value + one
    # An axis one shorter is as long after the first stride: a picture that may only be that is a picture of one size.
    for one in (value // 2,) if axis and value >= 32 else (value // 2, value - 1):
        if one > 0 and one not in seen:
            seen.add(one)
            yield one


def together(base: Mapping[str, int], works: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Everything at other values at once: those that worked alone, and others still."""
    if not works:
        return
    yield {**base, **works}
    for factor in (2, 3):
        changed = {
            name: base[name] * factor if value % base[name] == 0 or base[name] >= 8 else value + factor - 1
            for name, value in works.items()
        }
        yield {**base, **{name: min(value, 4 * base[name] + 8) for name, value in changed.items()}}
    for steps in (2, 3, 4):
        further = {name: base[name] + steps * (value - base[name]) for name, value in works.items()}
        yield {**base, **{name: value for name, value in further.items() if value > 0}}
