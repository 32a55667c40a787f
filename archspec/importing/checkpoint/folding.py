"""Which layers of a tree are the same but for their sizes: one definition each, and how each place calls it.

A layer's skeleton is what it holds without sizes; its sizes are one vector, its own first, then those of the layers in
it. Layers of one skeleton share a definition, whose parameters are the sizes that differ from place to place.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.importing.checkpoint.tree import Node

MOST_FORMALS = 4
"""Sizes that a definition with other layers in it takes; where more differ, there are several definitions."""

Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Held:
    """A tensor of a definition. at: where its sizes begin in the vector."""

    name: str
    rank: int
    dtype: str
    role: str
    at: int


@dataclass(frozen=True)
class Use:
    """A layer in a definition. at: where its sizes begin in the vector of the definition."""

    skeleton: int
    at: int


@dataclass(frozen=True)
class Run:
    """Turns `start` to `stop - 1` of a loop, which are the same."""

    start: int
    stop: int
    use: Use


@dataclass(frozen=True)
class Inner:
    """What a definition has under a name: one layer, or a loop."""

    name: str
    use: Use | None = None
    runs: tuple[Run, ...] = ()

    @property
    def uses(self) -> tuple[Use, ...]:
        """Its layers."""
        return (self.use,) if self.use is not None else tuple(run.use for run in self.runs)


@dataclass
class Skeleton:
    """What layers hold, without sizes. places: the sizes at each place, with the last part of the place's name."""

    tensors: tuple[Held, ...]
    inner: tuple[Inner, ...]
    width: int
    names: dict[str, int] = field(default_factory=dict)
    places: dict[Sizes, int] = field(default_factory=dict)


@dataclass
class Folded:
    """All skeletons, those of inner layers first; the last one is the whole."""

    skeletons: list[Skeleton]
    sizes: Sizes


def fold(root: Node) -> Folded:
    """Fold a tree."""
    folder = _Folder()
    _, sizes = folder.node(root, "")
    return Folded(folder.skeletons, sizes)


class _Folder:
    def __init__(self) -> None:
        self.skeletons: list[Skeleton] = []
        self._known: dict[object, int] = {}

    def node(self, node: Node, name: str) -> tuple[int, Sizes]:
        """The skeleton of a layer, and its sizes."""
        held: list[Held] = []
        inner: list[Inner] = []
        sizes: list[int] = []
        for own, one in node.tensors.items():
            held.append(Held(own, len(one.shape), one.dtype, one.role, len(sizes)))
            sizes.extend(one.shape)
        for own, child in node.children.items():
            if child.turns:
                inner.append(Inner(own, runs=self._runs(child, own, sizes)))
            else:
                skeleton, below = self.node(child, own)
                inner.append(Inner(own, Use(skeleton, len(sizes))))
                sizes.extend(below)
        return self._noted(tuple(held), tuple(inner), tuple(sizes), name), tuple(sizes)

    def _runs(self, loop: Node, name: str, sizes: list[int]) -> tuple[Run, ...]:
        runs: list[Run] = []
        last: tuple[int, Sizes] | None = None
        for number, turn in loop.turns.items():
            found = self.node(turn, name)
            if runs and found == last and runs[-1].stop == number:
                runs[-1] = Run(runs[-1].start, number + 1, runs[-1].use)
                continue
            runs.append(Run(number, number + 1, Use(found[0], len(sizes))))
            sizes.extend(found[1])
            last = found
        return tuple(runs)

    def _noted(self, held: tuple[Held, ...], inner: tuple[Inner, ...], sizes: Sizes, name: str) -> int:
        key = (held, inner)
        if key not in self._known:
            self._known[key] = len(self.skeletons)
            self.skeletons.append(Skeleton(held, inner, len(sizes)))
        skeleton = self.skeletons[self._known[key]]
        skeleton.names[name] = skeleton.names.get(name, 0) + 1
        skeleton.places[sizes] = skeleton.places.get(sizes, 0) + 1
        return self._known[key]


def columns(places: list[Sizes]) -> list[int]:
    """For each position of the vectors, the first position that is equal to it at every place."""
    seen: dict[Sizes, int] = {}
    return [seen.setdefault(column, position) for position, column in enumerate(zip(*places, strict=True))]
