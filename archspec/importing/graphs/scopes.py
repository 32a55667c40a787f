"""Names of layers in a flat graph say what belongs together: `conv2_block1_1_conv` is `conv1` of a block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from archspec.importing.fold.dataflow import all_used
from archspec.importing.lift.lifter import Lifter
from archspec.importing.program import Block, Node, weight

SMALLEST = 4
"""Calls that make a group worth a layer."""
_ENDS = re.compile(r"^(?!.*[123]d$).*\d[a-z]?$")
"""A word that ends a group; `conv2d` is none."""


class Names:
    """Paths and names of the notation for layers; two layers never get one path."""

    def __init__(self) -> None:
        self._paths: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, name: str) -> tuple[str, str]:
        """The path of a layer and its last part."""
        known = self._paths.get(name)
        if known is None:
            parts = [part for one in re.split(r"[/.:]", name) for part in _parts(one)]
            known = ".".join(parts) or "part"
            number = 2
            while known in self._taken:
                known = f"{'.'.join(parts)}_{number}"
                number += 1
            self._taken.add(known)
            self._paths[name] = known
        return known, known.rpartition(".")[2]


def _parts(name: str) -> list[str]:
    """The groups in one name and what is left: a group ends where a word ends in a number."""
    words = [word for word in re.sub(r"\W+", "_", name, flags=re.ASCII)[:200].split("_") if word]
    groups: list[str] = []
    now: list[str] = []
    for word in words:
        now.append(word)
        if _ENDS.search(word):
            groups.append("_".join(now))
            now = []
    rest = "_".join(now)
    if not rest:
        rest = groups.pop() if groups else ""
        if rest.isdigit() and groups:
            rest = f"{groups.pop()}_{rest}"
    if groups and groups[-1].isdigit():
        rest = f"{rest}{groups.pop()}"  # `1_conv` is called conv1
    found = [*groups, rest]
    return [f"n{one}" if one[:1].isdigit() else one for one in found if one]


def grouped(items: list[Node], kinds: Mapping[str, str] | None = None) -> list[Node]:
    """Runs of calls whose paths begin alike as blocks, where they are large enough; what only holds such is opened.

    kinds: the classes of modules by path, where they are known.
    """
    return _grouped(items, 0, {}, kinds or {})


def _grouped(items: Sequence[Node], depth: int, seen: dict[str, int], kinds: Mapping[str, str]) -> list[Node]:
    found: list[Node] = []
    for (prefix, plain), run in groupby(items, lambda one: _prefix(one, depth)):
        members = list(run)
        if not prefix or not plain:
            found += members
            continue
        inner = _grouped(members, depth + 1, seen, kinds)
        own = [one for one in inner if not (isinstance(one, Block) and one.spelled == ("group",))]
        if sum(weight(one) for one in inner) < SMALLEST or not own:
            found += inner
            continue
        seen[prefix] = seen.get(prefix, 0) + 1
        path = prefix if seen[prefix] == 1 else f"{prefix}_again{seen[prefix]}"
        name = path.rpartition(".")[2]
        block = Block(kinds.get(prefix) or _kind(prefix), inner, path=path, name=name, spelled=("group",))
        found.append(block)
    return found


def _kind(prefix: str) -> str:
    """A class made of a name: `block1`, `layers.0`."""
    parts = [one for one in prefix.split(".") if not one.isdigit()]
    whole = parts[-1] if parts else ""
    if prefix.rpartition(".")[2].isdigit() and len(whole) > 3:
        whole = whole.removesuffix("s")
    word = re.sub(r"\d+[a-z]?$", "", whole).strip("_") or "Group"
    return "".join(one[:1].upper() + one[1:] for one in word.split("_"))


def only_used(lifter: Lifter, items: Sequence[Node], idle: Iterable[int] = ()) -> None:
    """Forget what layers hold themselves: what is left is declared where it is used. idle: kept all the same."""
    used = {*all_used(items), *idle}
    lifter.held = {value: one for value, one in lifter.held.items() if value in used}
    lifter.names = {value: [one.name] for value, one in lifter.held.items()}


def _prefix(node: Node, depth: int) -> tuple[str, bool]:
    """The first parts of a node's path, if it has more; whether they may be a group."""
    path = getattr(node, "path", "")
    parts = path.split(".")
    if len(parts) <= depth + 1:
        return "", False
    return ".".join(parts[: depth + 1]), True
