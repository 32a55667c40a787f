"""Which values go where: what nobody uses goes, what a block takes and gives is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from archspec.importing.program import Block, Call, Held, Loop, Node, inner


def produced(node: Node) -> tuple[int, ...]:
    """The values that a node gives to what comes after it."""
    return node.outputs


def all_made(nodes: Iterable[Node]) -> set[int]:
    """All values that calls in some nodes make, inside as well."""
    found: set[int] = set()
    for node in nodes:
        if isinstance(node, Call):
            found.update(node.outputs)
        elif isinstance(node, Block):
            found |= all_made(node.items)
        else:
            for turn in node.turns:
                found |= all_made(turn)
    return found


def all_used(nodes: Iterable[Node]) -> list[int]:
    """All values that calls in some nodes take, in order, inside as well."""
    found: list[int] = []
    for node in nodes:
        if isinstance(node, Call):
            found += node.inputs
        elif isinstance(node, Block):
            found += all_used(node.items)
        else:
            for turn in node.turns:
                found += all_used(turn)
    return found


def without_dead(nodes: list[Node], live: set[int]) -> list[Node]:
    """The nodes of which something is used. `live` grows by what they use."""
    kept: list[Node] = []
    for node in reversed(nodes):
        if isinstance(node, Call):
            if any(one in live for one in node.outputs):
                live.update(node.inputs)
                kept.append(node)
        elif isinstance(node, Block):
            node.items = without_dead(node.items, live)
            if node.items:
                kept.append(node)
        else:
            kept.append(node)
    return kept[::-1]


def without_makers(nodes: list[Node], wanted: Counter[int]) -> None:
    """Tensors that come from nowhere are made where they leave the constants: what led to them is forgotten.

    wanted: how often each value is used by calls that are no such makers.
    """
    for node in nodes:
        if isinstance(node, Call) and node.layer == "made":
            node.inputs = ()
        elif isinstance(node, Block):
            without_makers(node.items, wanted)


def place_held(block: Block, held: dict[int, Held]) -> set[int]:
    """Declare each parameter that calls use directly in the innermost block around all its uses.

    Returns the parameters used in the block.
    """
    uses: Counter[int] = Counter()
    direct: set[int] = set()
    for node in block.items:
        if isinstance(node, Block):
            uses.update(place_held(node, held))
        else:
            found = {one for one in all_used([node]) if one in held}
            direct |= found
            uses.update(found)
    own = sorted(value for value, count in uses.items() if count > 1 or value in direct)
    block.held = [held[value] for value in own]
    for node in block.items:
        if isinstance(node, Block):
            _without(node, set(own))
    return set(uses)


def _without(block: Block, taken: set[int]) -> None:
    block.held = [one for one in block.held if one.value not in taken]
    for node in block.items:
        if isinstance(node, Block):
            _without(node, taken)


def connect(block: Block, after: set[int], places: Sequence[int] = ()) -> None:
    """Find what each block inside takes from outside, in the order in which it is used, and what it gives.

    after: the values used after the block.
    """
    later = set(after)
    for node in reversed(block.items):
        if isinstance(node, Block):
            connect(node, later)
            made, own = all_made(node.items), {one.value for one in node.held}
            used = all_used(node.items)
            node.inputs = tuple(dict.fromkeys(one for one in used if one not in made and one not in own))
            node.outputs = tuple(one for one in _in_order(node.items) if one in later)
        later.update(all_used([node]))


def _in_order(nodes: Sequence[Node]) -> list[int]:
    found: list[int] = []
    for node in nodes:
        if isinstance(node, Call):
            found += node.outputs
        else:
            for items in inner(node):
                found += _in_order(items)
    return list(dict.fromkeys(found))


def rename(nodes: Iterable[Node], names: dict[int, int]) -> None:
    """Put other values in the place of some, everywhere inside."""

    def new(values: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(names.get(one, one) for one in values)

    for node in nodes:
        node.inputs, node.outputs = new(node.inputs), new(node.outputs)
        if isinstance(node, Block):
            rename(node.items, names)
        elif isinstance(node, Loop):
            node.carried = [
                replace(one, entry=names.get(one.entry, one.entry), made=new(one.made)) for one in node.carried
            ]
            for turn in node.turns:
                rename(turn, names)
