"""The state of lifting one trace: its values, what stands for what, and the calls that come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from archspec.importing.program import Block, Call, Held, Node, Real, Slot, Template, Value


@dataclass
class Unknown:
    """An operation without a spelling: where, and how often."""

    function: str
    path: str
    count: int = 1
    reason: str = ""


@dataclass(frozen=True)
class Bank:
    """A list of modules. count: how many. alike: whether each could do what the others do, with weights of its own."""

    count: int
    alike: bool


@dataclass
class Lifter:
    """Turns the nodes of a trace (see `trace.recorder`) into calls.

    items: the calls of the block that is being lifted. path: its module. lasting: the memory of parameters, buffers
    and inputs. names: all names of what is held. zeros_like: for tensors of zeros the one whose shape they have.
    spread: for sums of rows, one row after the other, the same in the shape of what the rows came from. banks: lists of
    modules of which the first alone ran.
    """

    values: list[Value]
    held: dict[int, Held]
    items: list[Node] = field(default_factory=list)
    path: str = ""
    unknown: dict[tuple[str, str], Unknown] = field(default_factory=dict)
    defined: dict[int, Call] = field(default_factory=dict)
    lasting: set[int] = field(default_factory=set)
    names: dict[int, list[str]] = field(default_factory=dict)
    zeros_like: dict[int, int] = field(default_factory=dict)
    spread: dict[int, int] = field(default_factory=dict)
    banks: dict[str, Bank] = field(default_factory=dict)
    _alias: dict[int, int] = field(default_factory=dict)
    _memory: dict[int, int] = field(default_factory=dict)

    @contextmanager
    def inside(self, path: str) -> Iterator[list[Node]]:
        """Calls that are emitted inside go into a list of their own."""
        outer, outer_path = self.items, self.path
        self.items, self.path = [], path
        try:
            yield self.items
        finally:
            self.items, self.path = outer, outer_path

    def find(self, value: int) -> int:
        """What a value stands for."""
        while value in self._alias:
            value = self._alias[value]
        return value

    def same(self, value: int, other: int) -> None:
        """From now on a value is another one."""
        value, other = self.find(value), self.find(other)
        if value != other:
            one, two = self.memory(value), self.memory(other)
            if one != two:  # a copy that is left out: views of it are views of what it was made of
                self._memory[one] = two
            self._alias[value] = other

    def memory(self, value: int) -> int:
        """The memory that a value lies in, or that of which it is a copy that was left out."""
        storage = self.value(value).storage
        while storage in self._memory:
            storage = self._memory[storage]
        return storage

    def value(self, number: int) -> Value:
        """What is known of a value."""
        return self.values[self.find(number)]

    def shape(self, number: int) -> tuple[int, ...]:
        """The shape of a value."""
        return self.value(number).shape

    def shares(self, one: int, other: int) -> bool:
        """Whether two values lie in the same memory."""
        return self.memory(one) == self.memory(other)

    def unflattened(self, number: int, kept: int) -> int:
        """What a value was before its axes but the last `kept` ones became one; itself if it was not so made."""
        call = self.defined.get(self.find(number))
        shape = self.shape(number)
        if call is None or call.layer != "Flatten" or len(shape) != 1 + kept:
            return number
        before = self.shape(call.inputs[0])
        return call.inputs[0] if before[len(before) - kept :] == shape[1:] else number

    def new(self, shape: Sequence[int], like: int, *, fresh: bool = False) -> int:
        """A value that the trace does not have, between two of its own."""
        known = self.value(like)
        storage = -len(self.values) if fresh else known.storage
        strides = _contiguous(shape)
        self.values.append(replace(known, shape=tuple(shape), storage=storage, strides=strides))
        return len(self.values) - 1

    def emit(
        self, layer: str, inputs: Sequence[int], outputs: Sequence[int], arguments: Mapping[str, Any] | None = None,
        *, path: str = "", name: str = "", made: str = "", spelled: str = "",
    ) -> Call:  # fmt: skip
        """A call. Arguments: whole numbers are taken out, unless they are marked with `Axis`."""
        numbers: list[int] = []
        reals: list[float] = []
        templates = tuple((key, template(one, numbers, reals)) for key, one in (arguments or {}).items())
        call = Call(
            layer, templates, numbers, reals, tuple(self.find(one) for one in inputs), tuple(outputs),
            path or self.path, name, made, spelled,
        )  # fmt: skip
        self.items.append(call)
        for one in outputs:
            self.defined[one] = call
        return call

    def miss(self, function: str, reason: str = "", path: str = "") -> None:
        """Remember an operation without a spelling."""
        key = (function, path or self.path)
        if key in self.unknown:
            self.unknown[key].count += 1
        else:
            self.unknown[key] = Unknown(function, path or self.path, 1, reason)


class Axis(int):
    """A whole number that names an axis: it is no size."""


def template(value: Any, numbers: list[int], reals: list[float]) -> Template:
    """A value with its numbers taken out."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, Axis):
        return int(value)
    if isinstance(value, int):
        numbers.append(value)
        return Slot(len(numbers) - 1)
    if isinstance(value, float):
        reals.append(value)
        return Real(len(reals) - 1, value == 0)
    if isinstance(value, list | tuple):
        return tuple(template(one, numbers, reals) for one in value)
    raise TypeError(f"{value!r} is no argument")


def tensors_in(code: Any) -> Iterator[int]:
    """The values in something encoded, in order."""
    if isinstance(code, dict):
        if "v" in code:
            yield code["v"]
        for one in code.get("d", {}).values():
            yield from tensors_in(one)
    elif isinstance(code, list):
        for one in code:
            yield from tensors_in(one)


def tensor(code: Any) -> int | None:
    """The value that something encoded is."""
    return code["v"] if isinstance(code, dict) and "v" in code else None


def _contiguous(shape: Sequence[int]) -> tuple[int, ...]:
    steps: list[int] = []
    step = 1
    for size in reversed(shape):
        steps.append(step)
        step *= max(1, size)
    return tuple(reversed(steps))


__all__ = ["Axis", "Block", "Lifter", "Unknown", "tensor", "tensors_in"]
