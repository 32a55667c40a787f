"""A model as calls of layers, before it is text: calls, blocks of calls, and loops over blocks.

Values are numbers, each defined once. Whole numbers and reals are taken out of the calls into lists of their own, so
that what is left, the skeleton, can be compared: of two blocks, of two turns of a loop, of two configurations.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Value:
    """What is known of a tensor. storage: equal for tensors that share their memory. constant: it hangs neither on
    parameters nor on inputs of real numbers.
    """

    shape: tuple[int, ...]
    dtype: str
    grad: bool
    storage: int
    strides: tuple[int, ...]
    constant: bool = False


@dataclass(frozen=True)
class Slot:
    """Stands for a number of the call in a template: `numbers[place]`."""

    place: int


@dataclass(frozen=True)
class Real:
    """Stands for a real number of the call: `reals[place]`. What it is changes no size, but whether it is 0 may."""

    place: int
    zero: bool


Template: TypeAlias = "Slot | Real | bool | str | int | tuple[Template, ...] | None"
"""The value of an argument with its numbers taken out. An integer that stands here directly is no size but says which
axis is meant."""


@dataclass
class Call:
    """A layer on tensors. inputs and outputs are values. name: of its instance, empty where none is worth giving.

    layer: of the library, an operator (`+`), or `made` for tensors that come from nowhere (`Made`).
    """

    layer: str
    arguments: tuple[tuple[str, Template], ...]
    numbers: list[int]
    reals: list[float]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    path: str = ""
    name: str = ""
    made: str = ""
    spelled: str = ""


@dataclass(frozen=True)
class Held:
    """A parameter or buffer that calls use directly."""

    value: int
    name: str
    role: str
    shape: tuple[int, ...]
    dtype: str
    transient: bool


@dataclass(frozen=True)
class Dealt:
    """Rows that were dealt to the experts of a bank. count: how many there are. active: to how many each token goes.

    chosen: the numbers of these.
    """

    count: int
    active: int
    chosen: int


@dataclass
class Block:
    """Calls that belong together: what a module ran. kind: its class. numbers: those that it was made with.

    spelled: the names of the parameters of its `forward`. dealt: of one expert of a bank, how rows are dealt to all.
    """

    kind: str
    items: list[Node]
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    path: str = ""
    name: str = ""
    held: list[Held] = field(default_factory=list)
    known: dict[str, object] = field(default_factory=dict)
    spelled: tuple[str, ...] = ()
    key: Hashable = None
    dealt: Dealt | None = None

    @property
    def taken(self) -> tuple[int, ...]:
        """What goes into the layer that the block is: of an expert not the numbers by which rows were dealt."""
        return self.inputs if self.dealt is None else self.inputs[:-1]

    @property
    def alone(self) -> Call | None:
        """The one layer that an expert is, so that no other need be written for it."""
        only = self.items[0] if self.dealt is not None and len(self.items) == 1 and not self.held else None
        return only if isinstance(only, Call) and only.inputs == self.taken else None


@dataclass(frozen=True)
class Carried:
    """A value that goes from turn to turn. entry: before the loop. made: the value at the end of each turn."""

    entry: int
    made: tuple[int, ...]


@dataclass
class Loop:
    """Turns of the same skeleton. steady: their numbers are equal too, so that one says all. shared: they run the same
    modules, not each its own.
    """

    turns: list[list[Node]]
    carried: list[Carried]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    steady: bool
    name: str = ""
    path: str = ""
    shared: bool = False
    key: Hashable = None


Node: TypeAlias = Call | Block | Loop


def inner(node: Node) -> Sequence[Sequence[Node]]:
    """The lists of nodes inside a node; of a steady loop the first turn alone."""
    if isinstance(node, Block):
        return [node.items]
    if isinstance(node, Loop):
        return node.turns[:1] if node.steady else node.turns
    return []


def numbers_in(node: Node) -> Iterator[int]:
    """All numbers of a node and of what is inside, in order; of a steady loop the count and one turn."""
    if isinstance(node, Call):
        yield from node.numbers
        return
    if isinstance(node, Block):
        for held in node.held:
            yield from held.shape
        if node.dealt is not None:
            yield from (node.dealt.count, node.dealt.active)
    if isinstance(node, Loop) and node.steady:
        yield len(node.turns)
    for items in inner(node):
        for one in items:
            yield from numbers_in(one)


def weight(node: Node) -> int:
    """How many calls are written for a node."""
    if isinstance(node, Call):
        return 1
    lists = inner(node)[:1]
    return (1 if isinstance(node, Loop) else 0) + sum(weight(one) for items in lists for one in items)


def every_call(nodes: Sequence[Node]) -> Iterator[Call]:
    """The calls of some nodes and of all that is inside."""
    for node in nodes:
        if isinstance(node, Call):
            yield node
        else:
            for items in inner(node):
                yield from every_call(items)


def every_block(block: Block) -> Iterator[Block]:
    """A block and those inside, outer ones first; of a loop those of the turns that are kept."""
    yield block
    for node in block.items:
        if isinstance(node, Block):
            yield from every_block(node)
        elif isinstance(node, Loop):
            for items in inner(node):
                yield from (one for part in items if isinstance(part, Block) for one in every_block(part))
