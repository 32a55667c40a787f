"""Differences of what is kept for the backward pass: which storages only one side has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from archspec.verify.outcome import Difference
from archspec.verify.places import Places
from archspec.verify.traced.records import Kept

MOST = 30
"""So many kinds of storages are named."""

_AXES = re.compile(r"\dd$", re.ASCII)

Groups = dict[tuple[str, int], list[Kept]]


def compare_kept(quantity: str, ours: list[Kept], theirs: list[Kept], places: Places) -> list[Difference]:
    """Storages without a partner of as many bytes: in the same part of the model, else anywhere in it."""
    left, right = _grouped(ours, places.of_layer), _grouped(theirs, places.of_module)
    others = _cancel_alike(left, right)
    _cancel(left, right)
    _cancel_sums(left, right)
    found = [
        *_named(quantity, left, "the spec", places.of_layer),
        *_named(quantity, right, "the model", places.of_module),
    ]
    found.extend(_other_operations(quantity, others, {_around(one.layer) for one in found}))
    if len(found) > MOST:
        found = [*found[:MOST], Difference(quantity, "", "", f"{len(found) - MOST} more differences")]
    return found


def _grouped(kept: Iterable[Kept], place: Callable[[str], str]) -> Groups:
    groups: Groups = defaultdict(list)
    for one in kept:
        groups[place(one.layer), one.bytes].append(one)
    return groups


def _cancel_alike(left: Groups, right: Groups) -> list[tuple[str, Kept, Kept]]:
    """Drop pairs of equal bytes in one part, first those of one operation; the others are returned."""
    others: list[tuple[str, Kept, Kept]] = []
    for key in left.keys() & right.keys():
        ours, theirs = left[key], right[key]
        rest: list[Kept] = []
        for one in ours:
            twin = next((other for other in theirs if _spoken(other) == _spoken(one)), None)
            if twin is None:
                rest.append(one)
            else:
                theirs.remove(twin)
        shared = min(len(rest), len(theirs))
        others.extend((key[0], one, other) for one, other in zip(rest[:shared], theirs[:shared], strict=True))
        left[key], right[key] = rest[shared:], theirs[shared:]
    return others


def _spoken(one: Kept) -> str:
    """`LayerNorm` and `layer_norm` are one operation, `Conv2d` and `conv2d` too."""
    return _AXES.sub("", (one.called or one.operation).lower().replace("_", ""))


def _around(layer: str) -> str:
    return layer.rpartition(".")[0]


def _other_operations(quantity: str, pairs: list[tuple[str, Kept, Kept]], near: set[str]) -> list[Difference]:
    """Storages that both sides keep, but for other operations, next to a difference: they may be the mistake."""
    counts: dict[tuple[str, str, str, tuple[int, ...]], int] = defaultdict(int)
    for place, one, other in pairs:
        if place in near or _around(place) in near:
            counts[one.layer, one.operation, other.operation or "another operation", one.shape] += 1
    return [
        Difference(quantity, layer, operation, f"{times(count)}{list(shape)} is kept for `{name}` in the model")
        for (layer, operation, name, shape), count in counts.items()
    ]


def times(count: int) -> str:
    """`3 × `, or nothing for 1."""
    return f"{count} × " if count > 1 else ""


def _cancel(left: Groups, right: Groups) -> None:
    """Drop pairs of equal bytes in different parts: a storage that two layers keep is booked to the first of them."""
    rest: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for key, group in right.items():
        if group:
            rest[key[1]].append(key)
    for key in left:
        for other in rest.get(key[1], []):
            shared = min(len(left[key]), len(right[other]))
            left[key], right[other] = left[key][shared:], right[other][shared:]


def _cancel_sums(left: Groups, right: Groups) -> None:
    """Drop what has equal sums in one part, for one operation or for all: a storage on one side may be several on the
    other, such as the rows of each expert.
    """
    for key in (_operation_and_place, _place):
        ours, theirs = _sums(left, key), _sums(right, key)
        equal = {one for one, size in ours.items() if size and theirs.get(one) == size}
        for groups in (left, right):
            for place, group in groups.items():
                groups[place] = [one for one in group if key(place[0], one) not in equal]


def _operation_and_place(place: str, one: Kept) -> tuple[str, str]:
    return place, _spoken(one)


def _place(place: str, _: Kept) -> tuple[str, str]:
    return place, ""


def _sums(groups: Groups, key: Callable[[str, Kept], tuple[str, str]]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for (place, _), group in groups.items():
        for one in group:
            sums[key(place, one)] += one.bytes
    return sums


def _named(quantity: str, groups: Groups, side: str, place: Callable[[str], str]) -> list[Difference]:
    lines: dict[tuple[str, str, str, tuple[int, ...], int, str], int] = defaultdict(int)
    for group in groups.values():
        for one in group:
            own = one.layer if side == "the spec" else place(one.layer)
            where = one.where if side == "the spec" else one.layer
            lines[own, one.operation, one.dtype, one.shape, one.bytes, where if side == "the spec" else ""] += 1
    found = []
    for (layer, operation, dtype, shape, size, where), count in lines.items():
        message = f"{times(count)}{dtype} {list(shape)}, {size:_} B" + (" each" if count > 1 else "")
        message += f", kept by {side} only" + (f" ({where})" if where else "")
        derived, traced = (count * size, 0) if side == "the spec" else (0, count * size)
        found.append(Difference(quantity, layer, operation, message, derived, traced))
    return found
