"""Which blocks become layers of their own: those used more than once, or inside a loop and not tiny."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from archspec.importing.fold.constants import is_maker
from archspec.importing.fold.skeleton import name_of
from archspec.importing.program import Block, Call, Loop, Node, inner, weight

_TINY = 4
"""Calls of a block that is rather read where it is used."""


def inline(root: Block) -> None:
    """Open the blocks that are used once: all of those outside loops, and tiny ones inside."""
    sites: Counter[Hashable] = Counter()
    _count(root.items, sites)
    root.items = _opened(root, root.items, sites, looped=False)


def _count(items: list[Node], sites: Counter[Hashable]) -> None:
    for node in items:
        if isinstance(node, Block):
            sites[node.key] += 1
        for one in inner(node):
            _count(list(one), sites)


def _opened(home: Block, items: list[Node], sites: Counter[Hashable], looped: bool) -> list[Node]:
    found: list[Node] = []
    for node in items:
        if isinstance(node, Loop):
            node.turns = [_opened(home, turn, sites, looped=True) for turn in node.turns]
        if not isinstance(node, Block):
            found.append(node)
            continue
        alone = sites[node.key] == 1 and not is_maker(node) and node.dealt is None
        if alone and (not looped or (sum(weight(one) for one in node.items) <= _TINY and not node.held)):
            _qualify(node)
            home.held = [*home.held, *node.held]
            found += _opened(home, node.items, sites, looped)
        else:
            node.items = _opened(node, node.items, sites, looped=True)
            found.append(node)
    return found


def _qualify(block: Block) -> None:
    """Calls without a name of their own in a block with one go by its name, if there is one such call."""
    nameless = [one for one in block.items if isinstance(one, Call) and not name_of(one) and _owns(one)]
    if len(nameless) == 1 and block.name.isidentifier():
        nameless[0].name = block.name


def _owns(call: Call) -> bool:
    from archspec.importing.lift.spellings import has_parameters

    return has_parameters(call.layer)
