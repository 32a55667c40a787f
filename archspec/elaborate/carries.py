"""Carried tensors that are handed on from turn to turn without being made anew."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.elaborate.program import Storage, Tensor


def change_places(entry: Mapping[str, Tensor], result: Mapping[str, Tensor]) -> bool:
    """Whether some variables of a turn are each other's values in the next, in a circle of two or more."""
    names = {tensor.storage: name for name, tensor in entry.items()}
    following = {name: names.get(origin(tensor.storage, names)) for name, tensor in result.items()}
    for name in following:
        turns = 1
        current = following[name]
        while current is not None and current != name and turns <= len(following):
            current = following[current]
            turns += 1
        if current == name and turns > 1:
            return True
    return False


def origin(storage: Storage, stop: Mapping[Storage, object]) -> Storage:
    """The storage behind stand-ins of inner loops: one in `stop`, or one that no loop carries."""
    seen: set[Storage] = set()
    while storage not in stop and storage.carry is not None and storage not in seen:
        seen.add(storage)
        carry = storage.carry
        constant = carry.result.storage is carry.entry.storage or (storage.kind == "entry" and carry.loop.count == 1)
        storage = carry.initial.storage if constant else carry.result.storage
    return storage
