"""Which values go where: what nobody uses goes, what a block takes and gives is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from archspec.importing.lift.lifter import Lifter
from archspec.importing.lift.spellings import has_parameters
from archspec.importing.program import Block, Call, Held, Loop, Node, every_block, every_call, inner


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
            if node.dealt is not None:
                found.append(node.dealt.chosen)
        else:
            for turn in node.turns:
                found += all_used(turn)
    return found


def all_held(block: Block) -> set[int]:
    """The parameters and buffers declared in a block and in those inside."""
    found = {one.value for one in block.held}
    for node in block.items:
        if isinstance(node, Block):
            found |= all_held(node)
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
                if node.dealt is not None:
                    live.add(node.dealt.chosen)
        else:
            kept.append(node)
    return kept[::-1]


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


def place_unused(root: Block, lifter: Lifter) -> None:
    """Declare what no call uses, such as frequencies from which a table was made, in the block of its module."""
    used = set(all_used(root.items)) | {one.value for block in every_block(root) for one in block.held}
    owners = {one.path for one in every_call([root]) if one.path and has_parameters(one.layer)}
    blocks = {one.path: one for one in every_block(root)}
    for path, block in list(blocks.items()):
        if block.dealt is not None:  # the first expert was run, and the block says what the others hold
            blocks[f"{path}.0"] = block
            owners |= {f"{path}.{place}" for place in range(1, block.dealt.count)}
    for value, held in lifter.held.items():
        if value in used or any(_covers(owners, name) for name in lifter.names[value]):
            continue
        path = held.name
        while path and path not in blocks:
            path = path.rpartition(".")[0]
        blocks[path].held.append(held)


def _covers(owners: set[str], name: str) -> bool:
    """Whether a layer of the library holds what has this name."""
    while name:
        if name in owners:
            return True
        name = name.rpartition(".")[0]
    return False


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
            made, own = all_made(node.items), all_held(node)
            used = all_used(node.items)
            node.inputs = tuple(dict.fromkeys(one for one in used if one not in made and one not in own))
            if node.dealt is not None:
                node.inputs += (node.dealt.chosen,)
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
            if node.dealt is not None:
                node.dealt = replace(node.dealt, chosen=names.get(node.dealt.chosen, node.dealt.chosen))
        elif isinstance(node, Loop):
            node.carried = [
                replace(one, entry=names.get(one.entry, one.entry), made=new(one.made)) for one in node.carried
            ]
            for turn in node.turns:
                rename(turn, names)
