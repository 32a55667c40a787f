"""What is drawn over a symbol: memory taken apart, or quantities, as exact integers at the values of a range."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archspec.devices import Device, find_device
from archspec.errors.diagnostic import SpecError
from archspec.ledger.quantities import check_known, find_quantity
from archspec.plot.values import Range, shown_values
from archspec.report.parts import Held, Parts
from archspec.report.units import short
from archspec.solving.budget import Budget
from archspec.solving.question import Question
from archspec.solving.search import search
from archspec.solving.values import conditions

if TYPE_CHECKING:
    from archspec.elaborate.entry import Given
    from archspec.model import Model
    from archspec.policy import Policy


@dataclass(frozen=True)
class Limit:
    """The memory of devices that have about the same, in bytes."""

    names: tuple[str, ...]
    bytes: int
    label: str


@dataclass(frozen=True)
class Stack:
    """Memory over a symbol. held: what is held at the largest moment, for each value."""

    over: Range
    values: list[int]
    quantity: str
    names: tuple[str, ...]
    held: list[Held]
    exact: bool

    @property
    def totals(self) -> list[int]:
        """All bytes, for each value."""
        return [one.total for one in self.held]


@dataclass(frozen=True)
class Line:
    """A quantity over a symbol."""

    name: str
    unit: str
    numbers: list[int]


@dataclass(frozen=True)
class Lines:
    """Quantities over a symbol."""

    over: Range
    values: list[int]
    lines: list[Line]


def stack(model: Model, policy: Policy, given: Given, over: Range) -> Stack:
    """Memory taken apart, for training if the policy has an optimizer, else for inference. Raises `SpecError`."""
    parts = Parts(model, policy)
    values = shown_values(model, policy, given, over, parts.quantity)
    held = [parts.at({**given, over.name: value}) for value in values]
    names = tuple(name for name in parts.names if any(one.parts[name] for one in held))
    _, exact = model.dim(parts.quantity, policy, {**given, over.name: values[-1]})
    return Stack(over, values, parts.quantity, names, held, exact)


def lines(model: Model, policy: Policy, given: Given, over: Range, quantities: Sequence[str]) -> Lines:
    """Quantities. Raises `SpecError`."""
    values = sorted(
        set.intersection(*(set(shown_values(model, policy, given, over, name)) for name in dict.fromkeys(quantities)))
    )
    found: list[Line] = []
    for name in dict.fromkeys(quantities):
        entry = find_quantity(name)
        check_known(entry, policy)
        found.append(
            Line(name, entry.unit, [_number(model, policy, {**given, over.name: one}, name) for one in values])
        )
    return Lines(over, values, found)


def _number(model: Model, policy: Policy, given: Given, quantity: str) -> int:
    mode = find_quantity(quantity).mode
    derivation = model.derive(policy.with_(mode=mode) if mode else policy, given)
    dim, _ = model.dim(quantity, policy, given)
    found = model.evaluate(dim, derivation, given)
    assert found is not None, "`shown_values` has made sure that all symbols have a value"
    return found


def limits(devices: Sequence[str], fits: Callable[[Device], str] = lambda _: "") -> list[Limit]:
    """The memory of devices, smallest first; those that a picture cannot tell apart as one. Raises `SpecError`.

    fits: what is said of a device besides how much it has.
    """
    found: list[Limit] = []
    for device in sorted((find_device(name) for name in dict.fromkeys(devices)), key=lambda one: one.memory):
        label = f"{device.name} {short(device.memory, 'bytes')}{fits(device)}"
        if found and device.memory * 100 < found[-1].bytes * 104:
            last = found[-1]
            found[-1] = Limit((*last.names, device.name), last.bytes, f"{last.label}, {label}")
        else:
            found.append(Limit((device.name,), device.memory, label))
    return found


def largest_on(device: Device, model: Model, policy: Policy, given: Given, over: Range) -> str:
    """`: S ≤ 23,040`, where the largest value that fits on a device is in a range; else nothing."""
    question = Question(model, policy, given, over.name, None, Budget(device.memory, device.name))
    try:
        found = search(question, list(conditions(question)))
    except SpecError:  # nothing fits, or anything does
        return ""
    inside = over.low <= found.value <= over.high
    return f": {over.name} {'≥' if found.falling else '≤'} {found.value:,}" if inside else ""
