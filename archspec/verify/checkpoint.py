"""A checkpoint beside a spec: which of its tensors are buffers, and which were saved twice."""

from __future__ import annotations

from archspec.verify.align import align, parts
from archspec.verify.traced.records import Record


def settle(derived: Record, found: Record) -> Record:
    """The record of a checkpoint with its buffers and tied copies taken off, in the order of their names.

    A file does not say what is a buffer: what has the leaf and shape of a buffer of the spec and no place among its
    parameters is one. A tied parameter may be written under its second name as well, or under that one alone.
    """
    tensors = sorted(found.held, key=lambda one: _natural(one.name))
    parameters = [one for one in derived.held if one.role == "param" and one.tied is None]
    left = align(parameters, tensors).only_model
    buffers = {(one.leaf, one.shape) for one in derived.held if one.role == "buffer"}
    tied = {parts(one.name)[-2:] for one in derived.held if one.tied is not None}
    dropped: dict[str, str] = {}
    for one in left:
        if (one.leaf, one.shape) in buffers:
            dropped[one.name] = "buffers"
        elif parts(one.name)[-2:] in tied:
            dropped[one.name] = "copies of tied parameters"
    notes = list(found.notes)
    for kind in sorted(set(dropped.values())):
        notes.append(f"{sum(1 for one in dropped.values() if one == kind)} {kind} in the file")
    kept = [one for one in tensors if one.name not in dropped]
    counts: dict[str, int] = {}
    for one in kept:
        counts[one.dtype] = counts.get(one.dtype, 0) + one.elements
    notes.extend(f"{elements:_} elements in {dtype}" for dtype, elements in sorted(counts.items()))
    return Record(kept, notes=notes)


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """An order in which `h.10` comes after `h.9`."""
    return tuple((0, int(part), "") if part.isdigit() and len(part) < 19 else (1, 0, part) for part in name.split("."))
