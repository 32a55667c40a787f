"""The same program at several configurations: for each number the values that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from archspec.importing.program import Block, Call, Loop, Node, Value

Vector = tuple[int, ...]
"""One value for each sample: configurations, times the places of a layer, times the turns of a loop."""


@dataclass
class Samples:
    """What the numbers of a program are at each configuration. Keys are `id`s of nodes of the base program.

    numbers: of calls; of the experts of a bank how many there are and how many are active. reals: of calls. counts: of
    steady loops. shapes: of values, axis by axis. known: the numbers that the modules behind blocks were made with.
    """

    size: int
    numbers: dict[int, list[Vector]] = field(default_factory=dict)
    reals: dict[int, list[tuple[float, ...]]] = field(default_factory=dict)
    counts: dict[int, Vector] = field(default_factory=dict)
    shapes: dict[int, list[Vector]] = field(default_factory=dict)
    known: dict[int, dict[str, Vector]] = field(default_factory=dict)


class Differs(Exception):
    """Two configurations are not the same program; the message says where."""


def sample(programs: Sequence[Block], values: Sequence[Sequence[Value]]) -> Samples:
    """Put programs with the same skeleton together. The first is the base. Raises `Differs`."""
    base = programs[0]
    for other in programs[1:]:
        if other.key != base.key or len(other.inputs) != len(base.inputs):
            raise Differs("another skeleton")
    samples = Samples(len(programs))
    _values(samples, [one.inputs for one in programs], values)
    _block(samples, programs, values)
    return samples


def _block(samples: Samples, blocks: Sequence[Block], values: Sequence[Sequence[Value]]) -> None:
    known = {}
    for name, one in blocks[0].known.items():
        found = [block.known.get(name) for block in blocks]
        if isinstance(one, int) and all(isinstance(value, int) for value in found):
            known[name] = tuple(int(str(value)) for value in found)
        elif isinstance(one, list) and all(isinstance(value, list) and len(value) == len(one) for value in found):
            rows: list[Any] = found
            for place in range(len(one)):
                known[f"{name}[{place}]"] = tuple(row[place] for row in rows)
    samples.known[id(blocks[0])] = known
    _values(samples, [tuple(one.value for one in block.held) for block in blocks], values)
    dealt = [block.dealt for block in blocks if block.dealt is not None]
    if dealt:
        samples.numbers[id(blocks[0])] = [tuple(one.count for one in dealt), tuple(one.active for one in dealt)]
    _nodes(samples, [block.items for block in blocks], values)


def _nodes(samples: Samples, lists: Sequence[Sequence[Node]], values: Sequence[Sequence[Value]]) -> None:
    for nodes in zip(*lists, strict=True):
        base = nodes[0]
        _values(samples, [one.inputs for one in nodes], values)
        _values(samples, [one.outputs for one in nodes], values)
        calls = [one for one in nodes if isinstance(one, Call)]
        blocks = [one for one in nodes if isinstance(one, Block)]
        loops = [one for one in nodes if isinstance(one, Loop)]
        if calls:
            samples.numbers[id(base)] = list(zip(*(one.numbers for one in calls), strict=True))
            samples.reals[id(base)] = list(zip(*(one.reals for one in calls), strict=True))
        elif blocks:
            _block(samples, blocks, values)
        elif isinstance(base, Loop):
            if base.steady:
                samples.counts[id(base)] = tuple(len(one.turns) for one in loops)
                _nodes(samples, [one.turns[0] for one in loops], values)
                _values(samples, [tuple(one.made[-1] for one in loop.carried) for loop in loops], values)
            else:
                for turns in zip(*(one.turns for one in loops), strict=True):
                    _nodes(samples, turns, values)


def _values(samples: Samples, lists: Sequence[tuple[int, ...]], values: Sequence[Sequence[Value]]) -> None:
    for numbers in zip(*lists, strict=True):
        shapes = [table[number].shape for table, number in zip(values, numbers, strict=True)]
        if any(len(one) != len(shapes[0]) for one in shapes):
            raise Differs("another number of axes")
        samples.shapes[numbers[0]] = list(zip(*shapes, strict=True))
