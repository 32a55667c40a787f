"""Settings of layers as arguments: one for each axis, equal ones as one, axes where they stand in the spec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archspec.importing.lift.lifter import Axis
from archspec.importing.lift.rules.registry import Refused

if TYPE_CHECKING:
    from archspec.importing.graphs.keras_lift import KerasLift


def numbers(value: Any, count: int) -> list[int]:
    """A setting for each axis."""
    found = list(value) if isinstance(value, list) else [value] * count
    if len(found) != count or not all(isinstance(one, int) for one in found):
        raise Refused(f"with {value!r} for {count} axes")
    return found


def even(values: Sequence[int]) -> Any:
    """Equal numbers as one."""
    return values[0] if all(one == values[0] for one in values) else list(values)


def axis_of(k: KerasLift, value: int, axis: int) -> int:
    """Where an axis of Keras's tensor stands in the spec's."""
    rank = len(k.shape(value))
    at = axis % rank
    if not k.is_moved(value):
        return at
    return 0 if at == 0 else 1 if at == rank - 1 else at + 1


def named_axis(k: KerasLift, value: int, axis: int) -> Axis:
    """The same, the last one as -1."""
    at = axis_of(k, value, axis)
    return Axis(-1 if at == len(k.shape(value)) - 1 else at)
