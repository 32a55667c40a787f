"""Differences of parameters and buffers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from archspec.verify.align import Alignment, parts, whole
from archspec.verify.outcome import Difference
from archspec.verify.traced.records import Held

_TURN = re.compile(r"\.\d+(?=\.)", re.ASCII)
MOST = 30
"""So many tensors are named; of what is beyond, only the number."""


def compare_held(
    quantity: str, alignment: Alignment, ours: list[Held], theirs: list[Held], exported: bool
) -> Iterable[Difference]:
    """What is aligned but differs, and what is on one side only."""
    kind = quantity.removesuffix("s").replace("param", "parameter")
    found: list[Difference] = []
    for one, other in alignment.pairs:
        if whole(one) != other.shape:
            message = f"`{one.leaf}` is {_shape(one)} by the spec, {list(other.shape)} in the model ({other.name})"
            message += _hint(one, other)
            found.append(Difference(quantity, one.layer, one.operation, message, one.elements, other.elements))
        elif one.trainable != other.trainable and one.role == "param":
            states = {True: "trained", False: "frozen"}
            message = f"`{one.leaf}` is {states[one.trainable]} by the spec, {states[other.trainable]} in the model"
            found.append(Difference(quantity, one.layer, one.operation, message))
        elif exported and parts(one.name) != parts(other.name) and not _inside(one, other):
            message = f"`{one.leaf}` is named `{other.name}` in the exported model"
            found.append(Difference(quantity, one.layer, one.operation, message))
    tied = {parts(one.name)[-2:]: one for one in theirs if one.tied is not None}
    for one in alignment.only_spec:
        message = f"{kind} `{one.leaf}` {_shape(one)} is in the spec only"
        twin = tied.get(parts(one.name)[-2:])
        if twin is not None:
            message += f": the model ties it to `{twin.tied}`"
        found.append(Difference(quantity, one.layer, one.operation, message, one.elements, 0))
    operations = {one.layer: one.operation for one in ours}
    own = {parts(one.name)[-2:]: one for one in ours if one.tied is not None}
    for one in alignment.only_model:
        message = f"{kind} `{one.leaf}` {list(one.shape)} is in the model only ({one.name})"
        twin = own.get(parts(one.name)[-2:])
        if twin is not None:
            message += f": the spec ties it to `{twin.tied}`"
        owner = _owner(one, alignment)
        found.append(Difference(quantity, owner, operations.get(owner, ""), message, 0, one.elements))
    return merged(found, quantity)


def _inside(one: Held, other: Held) -> bool:
    """Whether the spec's tensor lies in a layer that the framework has as one module, with names of its own."""
    layer, module = parts(one.layer), parts(other.layer)
    return len(layer) > len(module) and layer[: len(module)] == module


def _owner(one: Held, alignment: Alignment) -> str:
    """The spec's layer that a tensor of the model belongs to, where another tensor of its layer is aligned."""
    return alignment.layer_of().get(one.layer, one.layer)


def _shape(one: Held) -> str:
    """The spec's shape, in symbols too where it has some: `[heads*e, d] = [64, 32]`."""
    numbers = str(list(whole(one)))
    symbols = one.term if one.copies == 1 else ""
    return numbers if symbols in ("", numbers) else f"{symbols} = {numbers}"


def _hint(one: Held, other: Held) -> str:
    return ", transposed" if len(other.shape) == 2 and whole(one) == other.shape[::-1] else ""


def merged(found: list[Difference], quantity: str) -> list[Difference]:
    """Equal differences, such as those of all turns of a loop, once with their number."""
    counted: dict[tuple[str, str], list[Difference]] = {}
    for one in found:
        text = _TURN.sub(".", one.message)
        counted.setdefault((_TURN.sub(".", f"{one.layer}."), text), []).append(one)
    result: list[Difference] = []
    for group in counted.values():
        first = group[0]
        if len(group) > 1:
            times = f" (and {len(group) - 1} more of this layer)"
            first = replace(first, message=first.message + times)
        result.append(first)
    if len(result) > MOST:
        more = Difference(quantity, "", "", f"{len(result) - MOST} more differences")
        result = [*result[:MOST], more]
    return result
