"""At which sizes a model is looked at: a base, one change each, and some in which everything changes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archspec.importing.errors import CannotImport
from archspec.importing.fold.program import folded
from archspec.importing.graphs.lifting import lifted
from archspec.importing.lift.lifter import Lifter
from archspec.importing.process import Refused
from archspec.importing.program import Block

Ask = Callable[[dict[str, Any]], dict[str, Any]]
MAX_CHANGES = 24
"""Numbers that are changed, one by one."""


@dataclass
class Look:
    """The model at one configuration."""

    values: dict[str, int]
    trace: dict[str, Any]
    root: Block
    lifter: Lifter


@dataclass
class Looks:
    """The looks, base first. numbers and axes: those that could be changed. fixed: those that could not, with why.

    rest: more configurations that work, to be compared only.
    """

    looks: list[Look]
    numbers: list[str]
    axes: list[str]
    fixed: dict[str, str]
    rest: list[dict[str, int]] = field(default_factory=list)


def look_around(ask: Ask, numbers: Mapping[str, int], axes: Mapping[str, int], step: Callable[[str], None]) -> Looks:
    """Trace the model at its base and at changes of its numbers and axes. Raises `CannotImport`."""
    base_values = {**numbers, **axes}
    step("base")
    try:
        base = _look(ask, base_values)
    except Refused as error:
        raise CannotImport(f"the model does not run: {error}") from None
    found = Looks([base], [], [], {})
    works: dict[str, list[int]] = {}
    for name in [*numbers, *axes][:MAX_CHANGES]:
        step(name)
        reason = ""
        for value in _changes(base_values[name], name in axes):
            values = {**base_values, name: value}
            try:
                look = _look(ask, values)
            except Refused as error:
                reason = str(error)
                continue
            if look.root.key != base.root.key:
                reason = "another value makes another structure"
                continue
            if not _differ(look, base):
                reason = "it changes nothing"
                break
            found.looks.append(look)
            works.setdefault(name, []).append(value)
            break
        if name in works:
            (found.numbers if name in numbers else found.axes).append(name)
        elif reason:
            found.fixed[name] = reason
    step("all at once")
    for values in _together(base_values, works):
        try:
            look = _look(ask, values)
        except Refused:
            continue
        if look.root.key == base.root.key:
            if len(found.looks) == 1 or not found.rest:
                found.looks.append(look)
            found.rest.append(values)
        if len(found.rest) >= 2:
            break
    return found


def _look(ask: Ask, values: dict[str, int]) -> Look:
    trace = ask({"do": "trace", "values": values})
    root, lifter = lifted(trace)
    return Look(values, trace, folded(root, lifter), lifter)


def _differ(one: Look, other: Look) -> bool:
    """Whether anything is another number."""
    from archspec.importing.program import numbers_in

    shapes = [[look.lifter.shape(value) for value in (*look.root.inputs, *look.root.outputs)] for look in (one, other)]
    return shapes[0] != shapes[1] or list(numbers_in(one.root)) != list(numbers_in(other.root))


def _changes(value: int, axis: bool) -> Iterator[int]:
    """Other values of a number, likely ones first."""
    steps: tuple[int, ...]
    if axis and value >= 32:
        steps = (32, 64, 96, 16)
    elif value >= 24:
        steps = (value // 2 if value % 2 == 0 and value < 64 else 8, 8, 16, 32, 64, 1, value)
    else:
        steps = (1, 2, value, 2 * value, 3, 4, 8)
    seen = {value}
    for one in steps:
        if value + one not in seen:
            seen.add(value + one)
            yield value + one
    for one in (value // 2, value - 1):
        if one > 0 and one not in seen:
            seen.add(one)
            yield one


def _together(base: Mapping[str, int], works: Mapping[str, list[int]]) -> Iterator[dict[str, int]]:
    """Everything at other values at once: those that worked alone, and others still."""
    yield {**base, **{name: values[0] for name, values in works.items()}}
    for factor in (2, 3):
        changed = {
            name: base[name] * factor if values[0] % base[name] == 0 or base[name] >= 8 else values[0] + factor - 1
            for name, values in works.items()
        }
        yield {**base, **{name: min(value, 4 * base[name] + 8) for name, value in changed.items()}}
    small = {name: base[name] + 2 * (values[0] - base[name]) for name, values in works.items()}
    yield {**base, **{name: value for name, value in small.items() if value > 0}}
