"""Carried tensors that are handed on from turn to turn without being made anew."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.elaborate.program import Carry, Storage, Tensor


def lag(entry: Mapping[str, Tensor], result: Mapping[str, Tensor]) -> int | None:
    """For how many turns a tensor is handed on before it is made anew, at most; 0 where all stay what they were before
    the loop. None if some variables are each other's values for ever, in a circle of two or more.
    """
    names = {tensor.storage: name for name, tensor in entry.items()}
    following = {name: names.get(origin(tensor.storage, names)) for name, tensor in result.items()}
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


def origin(storage: Storage, stop: Mapping[Storage, object]) -> Storage:
    """The storage behind stand-ins of inner loops: one in `stop`, or one that no loop carries."""
    seen: set[Storage] = set()
    while storage not in stop and storage.carry is not None and storage not in seen:
        seen.add(storage)
        carry = storage.carry
        before = stays(carry) or (storage.kind == "entry" and carry.loop.count == 1)
        storage = carry.initial.storage if before else carry.result.storage
    return storage


def stays(carry: Carry) -> bool:
    """Whether a tensor is the same in all turns: what it was before the loop."""
    entry = carry.entry.storage
    return origin(carry.result.storage, {entry: carry}) is entry
