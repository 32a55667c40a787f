"""A tree as it was recorded, made plain: no containers, no blocks of one or two calls, no accumulated joins."""

from __future__ import annotations

from collections import Counter

from archspec.importing.fold.dataflow import all_used
from archspec.importing.lift.spellings import has_parameters
from archspec.importing.program import Block, Call, Node

_CONTAINERS = ("torch.nn.modules.",)


def flatten(nodes: list[Node], *, inside: bool = False) -> list[Node]:
    """Blocks that only hold others, or hold one call or two, opened: what they hold comes in their place."""
    found: list[Node] = []
    for node in nodes:
        if not isinstance(node, Block):
            found.append(node)
            continue
        node.items = flatten(node.items)
        if node.dealt is not None:
            found.append(node)
        elif node.kind.startswith(_CONTAINERS):
            found += node.items
        elif len(node.items) == 1:
            (only,) = node.items
            if _nameless(only.name) or not only.name:
                only.name = node.name
            if isinstance(only, Call) and only.layer == "Linear" and only.path == node.path:
                only.name = node.name
            found.append(only)
        elif _is_pair(node.items):
            owner = next((one for one in node.items if isinstance(one, Call) and has_parameters(one.layer)), None)
            if owner is not None and _nameless(owner.name):
                owner.name = node.name
            found += node.items
        else:
            found.append(node)
    return found


def _is_pair(nodes: list[Node]) -> bool:
    """Whether nodes are two calls in a row, such as a convolution and its norm."""
    if len(nodes) != 2 or not all(isinstance(one, Call) and len(one.inputs) == 1 for one in nodes):
        return False
    return nodes[1].inputs == nodes[0].outputs


def _nameless(name: str) -> bool:
    return not name or name.isdigit()


def hoist_joins(block: Block) -> None:
    """A block that begins by joining all that it takes, takes the join instead: DenseNet's layers."""
    items: list[Node] = []
    for node in block.items:
        if isinstance(node, Block):
            hoist_joins(node)
            first = node.items[0]
            rest = all_used(node.items[1:])
            alone = isinstance(first, Call) and first.layer == "Concat"
            if alone and node.dealt is None and not any(one in rest for one in first.inputs) and len(node.items) > 1:
                items.append(first)
                node.items = node.items[1:]
        items.append(node)
    block.items = items


def accumulate_joins(block: Block) -> None:
    """A join whose beginning was joined before goes on from there: `(a, b, c)` after `(a, b)`."""
    joined: dict[tuple[int, ...], tuple[Call, int]] = {}
    for node in block.items:
        if isinstance(node, Block):
            accumulate_joins(node)
        elif isinstance(node, Call) and node.layer == "Concat":
            whole = node.inputs
            known = next(
                (joined[whole[:size]] for size in range(len(whole) - 1, 1, -1) if whole[:size] in joined), None
            )
            if known is not None and known[0].arguments == node.arguments:
                size = next(size for size in range(len(whole) - 1, 1, -1) if whole[:size] in joined)
                node.inputs = (known[1], *whole[size:])
            joined[whole] = (node, node.outputs[0])


def count_uses(nodes: list[Node]) -> Counter[int]:
    """How often each value is taken."""
    return Counter(all_used(nodes))
