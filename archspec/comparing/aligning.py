"""Which place of one model stands for which of the other: by path where paths match, else by order and shape."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archspec.report.layers import Layer
    from archspec.report.report import Report
    from archspec.report.tree import Node


@dataclass(frozen=True, eq=False)
class Place:
    """A line of a report's tree: a layer with what belongs to it, or (`kind` is empty) the light ones of a composite.

    shape: of its output, as text in the model's symbols.
    """

    path: str
    kind: str
    name: str
    layers: tuple[Layer, ...]
    shape: tuple[str, ...]
    depth: int

    @property
    def light(self) -> str | None:
        """The path of the composite whose only light layers these are; None for any other place."""
        if not self.kind:
            return self.path
        return self.path.rpartition(".")[0] if all(layer.light for layer in self.layers) else None

    @property
    def costly(self) -> bool:
        """Whether it has parameters or products."""
        return any(name in layer.quantities for layer in self.layers for name in ("params", "flops.forward"))


def places(report: Report) -> list[Place]:
    """The places of a model in the order of its tree, each layer in one of them."""
    from archspec.report.tree import tree

    return [_place(report, node) for node in _leaves(tree(report.layers, report.model.name, fold=True))]


def _leaves(node: Node) -> Iterator[Node]:
    if node.own:
        yield node
    for child in node.children:
        yield from _leaves(child)


def _place(report: Report, node: Node) -> Place:
    layers = tuple(node.own)
    last = next((layer for layer in reversed(layers) if layer.output), layers[-1])
    shape = tuple(report.text(size) for size in last.output)
    return Place(".".join(node.path), node.kind, node.name, layers, shape, len(last.loops))


@dataclass(frozen=True, eq=False)
class Pair:
    """A place of each model, or of one of them alone. by: `path`; `shape`, in order; `kind`, in order; or nothing for
    one without a partner.
    """

    left: Place | None
    right: Place | None
    by: str = ""

    @property
    def here(self) -> Place:
        """The first model's place, else the second's."""
        place = self.left or self.right
        assert place is not None, "a pair has at least one place"
        return place


def align(left: Report, right: Report) -> list[Pair]:
    """All places of both models, each in one pair. They come in the first model's order; those that only the second
    has stand behind the one that they follow there.
    """
    partner: dict[int, tuple[int, str]] = {}
    first, second = places(left), places(right)
    _by_key(first, second, partner, lambda place: (place.path, place.kind))
    _by_key(first, second, partner, lambda place: (place.path, place.kind == ""))
    _by_key(first, second, partner, lambda place: (place.path, place.kind) if place.light is None else place.light)
    _in_order(first, second, partner, "shape", lambda place: (place.kind, *_form(place)))
    _in_order(first, second, partner, "shape", lambda place: (place.kind == "", *_form(place)))
    _in_order(first, second, partner, "kind", _sort)
    return _merged(first, second, partner)


def _form(place: Place) -> tuple[Hashable, ...]:
    """What two places that stand for each other have in common, whatever they are called."""
    return place.shape, place.costly, place.depth, place.path.count(".") if place.kind == "" else 0


def _sort(place: Place) -> tuple[Hashable, ...]:
    """The same sort of layer, of whatever size."""
    return place.kind or place.name, len(place.shape), place.costly, place.depth


def _by_key(
    first: list[Place], second: list[Place], partner: dict[int, tuple[int, str]], key: Callable[[Place], Hashable]
) -> None:
    """Partners that alone have a key on both sides."""
    taken = {there for there, _ in partner.values()}
    mine = _alone(first, set(partner), key)
    others = _alone(second, taken, key)
    for name, here in mine.items():
        if name in others:
            partner[here] = others[name], "path"


def _alone(all_places: list[Place], taken: set[int], key: Callable[[Place], Hashable]) -> dict[Hashable, int]:
    numbers: dict[Hashable, list[int]] = {}
    for number, place in enumerate(all_places):
        if number not in taken:
            numbers.setdefault(key(place), []).append(number)
    return {name: found[0] for name, found in numbers.items() if len(found) == 1}


def _in_order(
    first: list[Place],
    second: list[Place],
    partner: dict[int, tuple[int, str]],
    by: str,
    key: Callable[[Place], Hashable],
) -> None:
    """Partners of equal keys such that no two cross, nor any of those found before: a longest common subsequence
    between each two neighbours that are known.
    """
    from difflib import SequenceMatcher

    found: dict[int, tuple[int, str]] = {}
    for here, there in _gaps(len(first), len(second), partner):
        keys = [key(first[place]) for place in here], [key(second[place]) for place in there]
        for block in SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks():
            for step in range(block.size):
                found[here[block.a + step]] = there[block.b + step], by
    partner.update(found)


def _gaps(first: int, second: int, partner: dict[int, tuple[int, str]]) -> list[tuple[list[int], list[int]]]:
    """The places without a partner, cut at those that have one. Where known partners cross, only those that rise count
    as cuts.
    """
    taken = {there for there, _ in partner.values()}
    gaps: list[tuple[list[int], list[int]]] = []
    here: list[int] = []
    reached = 0
    for place in range(first + 1):
        if place < first and place not in partner:
            here.append(place)
            continue
        there = partner[place][0] if place < first else second
        if there < reached:
            continue
        gaps.append((here, [one for one in range(reached, there) if one not in taken]))
        here, reached = [], there
    return [gap for gap in gaps if gap[0] and gap[1]]


def _merged(first: list[Place], second: list[Place], partner: dict[int, tuple[int, str]]) -> list[Pair]:
    taken = {there for there, _ in partner.values()}
    following: dict[int, list[Pair]] = {}
    after = -1
    backward = {there: here for here, (there, _) in partner.items()}
    for number, place in enumerate(second):
        if number in taken:
            after = backward[number]
        else:
            following.setdefault(after, []).append(Pair(None, place))
    pairs = following.get(-1, [])
    for number, place in enumerate(first):
        there, by = partner.get(number, (None, ""))
        pairs.append(Pair(place, None if there is None else second[there], by))
        pairs += following.get(number, [])
    return pairs
