"""Real numbers that are not the same at all the places which one line of the text stands for.

They change no size, so that they are neither fitted nor told apart: the text has those of the first place, and says so.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from archspec.importing.naming.samples import Samples
from archspec.importing.program import Block, Call, Node

_WORDS = {"Scale": "factors", "Shift": "summands", "Pow": "powers"}
"""What is written as an operator has no layer's name in the text."""


def uneven(root: Block, samples: Samples) -> list[str]:
    """The layers whose real numbers differ from place to place, from turn to turn, or with the sizes."""
    seen: dict[Hashable, list[float]] = {}
    found: set[str] = set()
    for place, call in _places(root.items, root.key):
        vectors = samples.reals.get(id(call), [])
        if seen.setdefault(place, call.reals) != call.reals or any(len(set(vector)) > 1 for vector in vectors):
            found.add(_WORDS.get(call.layer, call.layer))
    return sorted(found)


def _places(nodes: Sequence[Node], inside: Hashable) -> Iterator[tuple[Hashable, Call]]:
    """Calls with the line that each will be: blocks with one skeleton are one layer, turns of a loop one body."""
    for number, node in enumerate(nodes):
        if isinstance(node, Call):
            if node.reals:
                yield (inside, number), node
        elif isinstance(node, Block):
            yield from _places(node.items, node.key)
        else:
            for turn in node.turns:
                yield from _places(turn, (inside, number))
