"""Carried tensors that are handed on from turn to turn without being made anew."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.elaborate.program import Carry, Loop, Storage, Tensor


def lag(loop: Loop, entry: Mapping[str, Tensor], result: Mapping[str, Tensor]) -> int | None:
    """For how many turns a tensor is handed on before it is made anew, at most; 0 where all stay what they were before
    the loop. None if some variables are each other's values for ever, in a circle of two or more.
    """
    names = {tensor.storage: name for name, tensor in entry.items()}
    following = {name: names.get(origin(tensor.storage, loop)) for name, tensor in result.items()}
    longest = 0
    for name in following:
        turns = 0
        current: str | None = name
        while current is not None and following[current] != current:
            turns += 1
            if turns > len(following):
                return None
            current = following[current]
        longest = max(longest, turns)
    return longest


def stays(carry: Carry) -> bool:
    """Whether a tensor is the same in all turns: what it was before the loop."""
    return origin(carry.result.storage, carry.loop) is carry.entry.storage


def origin(storage: Storage, loop: Loop) -> Storage:
    """The storage behind stand-ins of loops inside a turn of `loop`: made in it, handed to it, or from outside."""
    while storage.carry is not None and loop in storage.loops and not _enters(storage, loop):
        carry = storage.carry
        before = stays(carry) or (storage.kind == "entry" and carry.loop.count == 1)
        storage = carry.initial.storage if before else carry.result.storage
    return storage


def _enters(storage: Storage, loop: Loop) -> bool:
    return storage.kind == "entry" and storage.loops[-1] is loop
