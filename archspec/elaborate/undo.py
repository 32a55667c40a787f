"""Runs of a loop's body that leave no trace.

A body may call layers made outside it. Such a layer remembers what its first call made (parameters, inner layers), so
a run that is thrown away must be forgotten there as well, and one that counts must be put back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archspec.algebra import Dim
from archspec.elaborate.program import Loop, Parameter
from archspec.elaborate.values import Block, Instance, Template


@dataclass(frozen=True)
class Memory:
    """What a block remembers."""

    block: Block
    prefix: str
    loops: tuple[Loop, ...]
    numbers: tuple[tuple[int, Dim], ...]
    children: dict[str, Instance]
    blocks: dict[tuple[int, int], Block]
    parameters: dict[str, Parameter]

    @classmethod
    def of(cls, block: Block) -> Memory:
        """What a block remembers now."""
        return cls(
            block,
            block.prefix,
            block.loops,
            block.numbers,
            dict(block.children),
            dict(block.blocks),
            dict(block.parameters),
        )

    def put_back(self) -> None:
        """Let the block remember this and nothing else."""
        block = self.block
        block.prefix, block.loops, block.numbers = self.prefix, self.loops, self.numbers
        block.children, block.blocks, block.parameters = dict(self.children), dict(self.blocks), dict(self.parameters)


def remember(values: Iterable[object], blocks: Iterable[Block] = ()) -> list[Memory]:
    """The memory of some blocks, of the layers among some values, and of everything in them."""
    found: dict[Block, Memory] = {}
    pending = [*blocks, *(instance.block for value in values for instance in _instances(value))]
    while pending:
        block = pending.pop()
        if block in found:
            continue
        found[block] = Memory.of(block)
        pending.extend(block.blocks.values())
        for child in block.children.values():
            pending.append(child.block)
            pending.extend(one.block for value in child.arguments.values() for one in _instances(value))
    return list(found.values())


def _instances(value: object) -> Iterator[Instance]:
    """The layers in a value, those that it was given as arguments too."""
    if isinstance(value, Instance):
        yield value
    if isinstance(value, Instance | Template):
        for argument in value.arguments.values():
            yield from _instances(argument)
    elif isinstance(value, tuple):
        for entry in value:
            yield from _instances(entry)
