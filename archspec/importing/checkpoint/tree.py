"""Names with dots as a tree of layers, in which every name can stand in a spec.

A part that is no name of the language is changed to one; which tensors have another name for that is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from archspec.importing.checkpoint.stored import Stored

DEEPEST = 40
"""Layers inside each other; what lies deeper is joined to one name."""
LONGEST = 80
"""Letters of a name."""
MOST_TURNS = 10_000
ITEMS = "items"
"""What turns lie under where their loop can have no name of its own."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*", re.ASCII)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


@dataclass
class Node:
    """A layer: the tensors that it has itself, the layers in it, and, where it is a loop, its turns by their number."""

    tensors: dict[str, Stored] = field(default_factory=dict)
    children: dict[str, Node] = field(default_factory=dict)
    turns: dict[int, Node] = field(default_factory=dict)


@dataclass
class Tree:
    """The whole. renamed: by the name in the file, the name in the spec, where they differ."""

    root: Node
    renamed: dict[str, str]


def grow(tensors: Iterable[Stored]) -> Tree:
    """The tree of some tensors, in the order of their names with numbers read as numbers."""
    raw: _Raw = {}
    for one in tensors:
        place = raw
        *path, leaf = _limited(one.name.split("."))
        for part in path:
            place = place.setdefault((part, True), {})  # type: ignore[assignment]  # by the flag
        place[leaf, False] = one
    renamed: dict[str, str] = {}
    root = _node(raw, "", renamed, loops=False)
    return Tree(root, renamed)


_Raw = dict[tuple[str, bool], "Stored | _Raw"]
"""What is below a part of a name: tensors (False) and further parts (True), which may have the same name."""


def _limited(parts: list[str]) -> list[str]:
    if len(parts) <= DEEPEST:
        return parts
    return [*parts[: DEEPEST - 2], "_".join(parts[DEEPEST - 2 : -1]), parts[-1]]


def _node(raw: _Raw, path: str, renamed: dict[str, str], loops: bool = True) -> Node:
    """A node. loops: whether it may be a loop: the root has no name that turns could lie under."""
    node = Node()
    numbers = {part for part, inner in raw if inner and _NUMBER.fullmatch(part)}
    looping = bool(numbers) and _dense([int(part) for part in numbers])
    if looping and loops and len(numbers) == len(raw):
        for part in sorted(numbers, key=int):
            below = raw[part, True]
            assert isinstance(below, dict)
            node.turns[int(part)] = _node(below, f"{path}{part}.", renamed, loops=False)
        return node
    names = Names()
    inside: Node | None = None
    for part, inner in sorted(raw, key=lambda one: (one[1], one[0] != "weight", natural(one[0]))):
        value = raw[part, inner]
        if isinstance(value, Stored):
            name = names.take(proper(part))
            node.tensors[name] = value
            if f"{path}{name}" != value.name:
                renamed[value.name] = f"{path}{name}"
            continue
        if looping and part in numbers:
            if inside is None:
                own = names.take(ITEMS)
                inside = node.children[own] = Node()
            inside.turns[int(part)] = _node(value, f"{path}{own}.{part}.", renamed, loops=False)
            continue
        name = names.take(proper(part))
        node.children[name] = _node(value, f"{path}{name}.", renamed)
    if inside is not None:
        inside.turns = dict(sorted(inside.turns.items()))
    return node


def _dense(numbers: list[int]) -> bool:
    """Whether counting to the largest number is not a waste."""
    return max(numbers) < min(MOST_TURNS, max(64, 4 * len(numbers)))


def natural(part: str) -> tuple[tuple[int, int, str], ...]:
    """An order in which `h10` comes after `h9`."""
    pieces = re.findall(r"[0-9]+|[^0-9]+", part, re.ASCII)
    return tuple(
        (0, int(one), one) if one.isdecimal() and one.isascii() and len(one) < 19 else (1, 0, one) for one in pieces
    )


def proper(part: str) -> str:
    """A part of a name as a name of the language."""
    if _NAME.fullmatch(part) and len(part) <= LONGEST and part != "_":
        return part
    changed = re.sub(r"[^A-Za-z_0-9]", "_", part[:LONGEST], flags=re.ASCII)
    return changed if _NAME.fullmatch(changed) and changed != "_" else f"_{changed or 0}"


class Names:
    """Names that are given out once each."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def take(self, name: str) -> str:
        """The name itself, or with a number behind it where it is taken."""
        found, number = name, self._next.get(name, 2)
        while found in self._taken:
            found, number = f"{name}_{number}" if name[-1:].isdecimal() else f"{name}{number}", number + 1
        self._next[name] = number
        self._taken.add(found)
        return found
