"""What a text says against what a graph holds: parameters, buffers, shapes. What is kept and computed is not known.

Names in a flat graph and in a text of loops need not agree, so that tensors are compared without them: as many of each
shape, whatever the order of its axes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from archspec.elaborate.entry import GivenValue
from archspec.policy import Policy
from archspec.verify.derived import derive
from archspec.verify.keras import COUNTER
from archspec.verify.traced.records import Held, Record, Shape

if TYPE_CHECKING:
    from archspec.model import Model

_MOST = 6
"""Differences of a kind that are told."""


def differences(model: Model, values: Mapping[str, GivenValue], found: Mapping[str, Any]) -> list[str]:
    """What differs at some values, in sentences; also what a file itself shows to be otherwise than in the model it was
    made of. Raises `SpecError` and `CannotVerify`.
    """
    derived = derive(model, Policy(backend="cpu"), values, ())
    ours, theirs = derived.record, found
    held = [Held(**{**one, "shape": tuple(one["shape"])}) for one in theirs["held"]]
    at = ", ".join(f"{name} = {value}" for name, value in values.items())
    told: list[str] = []
    for role, quantity in (("param", "params"), ("buffer", "buffers")):
        counters = [one for one in ours.held if one.role == role and one.leaf == COUNTER]
        # A batch norm of torch counts its batches in a buffer, of which graphs know nothing.
        said = derived.totals[quantity] - sum(prod((one.copies, *one.shape)) for one in counters)
        model_has = sum(one.elements for one in held if one.role == role)
        if said != model_has:
            told.append(f"{quantity}: {said:,} here, {model_has:,} in the model, at {at}")
        told += _missing(quantity, _shapes(ours, role), held, role, tuple(theirs.get("loose", ())))
    told += _outputs(ours, theirs)
    told += _layers(ours, theirs)
    told += theirs.get("told", ())
    return told


def _sorted(shape: Iterable[int]) -> Shape:
    return tuple(sorted(one for one in shape if one != 1))


def _shapes(record: Record, role: str) -> Counter[Shape]:
    found: Counter[Shape] = Counter()
    for one in record.held:
        if one.role == role and one.tied is None:
            found[_sorted(one.shape)] += one.copies
    return found


def _missing(
    quantity: str, ours: Counter[Shape], theirs: Iterable[Held], role: str, loose: tuple[str, ...]
) -> list[str]:
    """Tensors of the model that nothing in the text answers to."""
    left = Counter(ours)
    told: list[str] = []
    for one in theirs:
        inside = any(one.layer == path or one.layer.startswith(f"{path}.") for path in loose)
        if one.role != role or one.tied is not None or inside:
            continue
        shape = _sorted(one.shape)
        if left[shape] > 0:
            left[shape] -= 1
        elif len(told) < _MOST:
            told.append(f"{quantity}: nothing here is as `{one.name[:200]}`, {list(one.shape)}")
    return told


def _outputs(ours: Record, theirs: Mapping[str, Any]) -> list[str]:
    said, known = [list(one) for one in ours.outputs or ()], [list(one) for one in theirs["outputs"]]
    if theirs.get("ordered"):
        equal = said == known
    else:
        equal = [_sorted(one) for one in said] == [_sorted(one) for one in known]
    return [] if equal else [f"outputs: {said} here, {known} in the model"]


def _layers(ours: Record, theirs: Mapping[str, Any]) -> list[str]:
    """Outputs of layers with parameters: for each of the model one here with as many elements."""
    left = Counter(prod(one.shapes[0]) for one in ours.made or () if one.shapes)
    told: list[str] = []
    for one in theirs["made"]:
        size = prod(one["shapes"][0])
        if left[size] > 0:
            left[size] -= 1
        elif len(told) < _MOST:
            told.append(f"layer outputs: nothing here gives {list(one['shapes'][0])}, as `{one['layer'][:200]}` does")
    return told
