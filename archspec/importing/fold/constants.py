"""Tensors that come from nowhere: positions, masks, tables. Each is made once, in the shape in which it is used."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from archspec.importing.fold.dataflow import rename
from archspec.importing.lift.lifter import Lifter
from archspec.importing.program import Block, Call, Node, Slot, every_call


def settle(root: Block, lifter: Lifter) -> None:
    """Make constants where their memory first appears, and forget what they were computed from.

    A table that every layer sees with one more axis is made with that axis: what is seen lies in the same memory.
    """
    creators: dict[int, Call] = {}
    uses: dict[int, list[int]] = {}
    for call in every_call([root]):
        if call.layer == "made":
            creators.setdefault(lifter.value(call.outputs[0]).storage, call)
        if call.layer != "made" and not all(lifter.value(one).constant for one in call.outputs):
            _use(call.inputs, lifter, creators, uses)
    _use(root.outputs, lifter, creators, uses)
    names: dict[int, int] = {}
    moved: dict[int, Call] = {}
    for storage, values in uses.items():
        creator = creators[storage]
        shape = lifter.shape(values[0])
        alike = all(lifter.shape(one) == shape for one in values)
        if alike and prod(shape) == prod(lifter.shape(creator.outputs[0])):
            creator.outputs = (values[0],)
            creator.numbers = list(shape)
            creator.arguments = (("shape", tuple(Slot(place) for place in range(len(shape)))),)
            moved |= dict.fromkeys(values, creator)
            names |= {one: values[0] for one in values if one != values[0]}
    root.items = list(_without(root.items, moved))
    rename(root.items, names)
    root.outputs = tuple(names.get(one, one) for one in root.outputs)
    for call in every_call([root]):
        if call.layer == "made":
            call.inputs = ()


def is_maker(node: Node) -> bool:
    """Whether a block does nothing but make constants, such as tables of rotations from frequencies that it holds."""
    return (
        isinstance(node, Block)
        and bool(node.held or len(node.items) > 1)
        and all(isinstance(one, Call) and one.layer == "made" for one in node.items)
    )


def _use(values: tuple[int, ...], lifter: Lifter, creators: dict[int, Call], uses: dict[int, list[int]]) -> None:
    for one in values:
        known = lifter.value(one)
        if known.constant and known.storage in creators and one not in uses.setdefault(known.storage, []):
            uses[known.storage].append(one)


def _without(nodes: list[Node], moved: dict[int, Call]) -> Iterator[Node]:
    """The nodes but for the views that stood for what is now made in their shape."""
    for node in nodes:
        if isinstance(node, Block):
            node.items = list(_without(node.items, moved))
        elif isinstance(node, Call) and any(moved.get(one, node) is not node for one in node.outputs):
            continue
        yield node
