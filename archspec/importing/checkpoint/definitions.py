"""Definitions of layers from skeletons: names, parameters, and what stands at each size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from archspec.importing.checkpoint.folding import MOST_FORMALS, Folded, Inner, Sizes, Skeleton, Use, columns
from archspec.importing.checkpoint.sizes import Named, free, is_place
from archspec.importing.checkpoint.stored import camel
from archspec.importing.checkpoint.tree import ITEMS, Names

_FORMS = {
    (("weight", 1),): "Vector",
    (("weight", 2),): "Matrix",
    (("weight", 1), ("bias", 1)): "ScaleAndShift",
    (("weight", 2), ("bias", 1)): "MatrixAndBias",
    (("weight", 4),): "Filters",
    (("weight", 4), ("bias", 1)): "FiltersAndBias",
}
"""Names for what holds little; a name that says what is computed would be a guess."""
_TURNS = {"layers": "Layer", "layer": "Layer", "h": "Block", "blk": "Block", "blocks": "Block", "experts": "Expert"}
_AXES = ("rows", "columns", "height", "width", "depth")


@dataclass
class Definition:
    """A layer of the text. place: its sizes at one of its places. expressions: what stands at each position of them.

    formals: the sizes that it is called with, by the position where they stand first. counts: names of numbers of
    turns, by the loop's name. needs: named sizes and counts in it and in what it calls.
    """

    name: str
    skeleton: Skeleton
    place: Sizes
    expressions: list[str]
    formals: dict[str, int] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    needs: dict[str, int] = field(default_factory=dict)

    def order(self) -> list[str]:
        """Its parameters: of a layer with tensors alone in the order in which they stand there."""
        names = [*self.needs, *self.formals]
        return names if self.skeleton.inner else sorted(names, key=self.expressions.index)

    def header(self) -> str:
        """Its name and parameters. A size that is nothing somewhere is said to be 0 or more."""
        empty = {name for name, at in self.formals.items() if any(place[at] == 0 for place in self.skeleton.places)}
        names = [f"{name}: nat" if name in empty else name for name in self.order()]
        return f"{self.name}({', '.join(names)})" if names else self.name


class Definitions:
    """All definitions of a file. avoid: names that no layer may have; taken: names of tensors."""

    def __init__(self, folded: Folded, named: Named, avoid: Iterable[str], taken: frozenset[str]) -> None:
        self._folded = folded
        self._named = named
        self._taken = taken
        self._avoid = frozenset(avoid)
        self._names = Names(avoid)
        self._counts = {named.width_name, named.vocabulary_name}
        self._split: list[bool] = []
        self._columns: list[list[int]] = []
        self._made: dict[tuple[int, Sizes | None], Definition] = {}
        for number, skeleton in enumerate(folded.skeletons):
            self._plan(skeleton)
            vectors = list(skeleton.places) if self._split[number] else [None]
            for vector in vectors:
                self._make(number, vector)

    def all(self) -> list[Definition]:
        """All, inner ones first; the last one is the whole."""
        return list(self._made.values())

    def of(self, caller: Definition, use: Use) -> Definition:
        """The definition that is called at a place of another one."""
        if not self._split[use.skeleton]:
            return self._made[use.skeleton, None]
        width = self._folded.skeletons[use.skeleton].width
        return self._made[use.skeleton, caller.place[use.at : use.at + width]]

    def call(self, caller: Definition, use: Use) -> str:
        """How it is called there."""
        called = self.of(caller, use)
        formals = {name: caller.expressions[use.at + at] for name, at in called.formals.items()}
        arguments = [formals.get(name, name) for name in called.order()]
        return f"{called.name}({', '.join(arguments)})" if arguments else called.name

    # --- planning -----------------------------------------------------------------------------------

    def _plan(self, skeleton: Skeleton) -> None:
        """Decide whether places share one definition."""
        places = list(skeleton.places)
        columns_of = columns(places)
        open_ones = {first for first in columns_of if len({place[first] for place in places}) > 1}
        inner_differ = any(
            self._split[use.skeleton]
            and len({place[use.at : use.at + self._folded.skeletons[use.skeleton].width] for place in places}) > 1
            for one in skeleton.inner
            for use in one.uses
        )
        self._columns.append(columns_of)
        self._split.append(inner_differ or (bool(skeleton.inner) and len(open_ones) > MOST_FORMALS))

    def _make(self, number: int, vector: Sizes | None) -> None:
        skeleton = self._folded.skeletons[number]
        is_whole = number == len(self._folded.skeletons) - 1
        places = [vector] if vector is not None else list(skeleton.places)
        made = Definition("" if is_whole else self._name(skeleton), skeleton, places[0], [""] * skeleton.width)
        self._made[number, vector] = made
        names: Names | None = None
        doubtful = self._doubtful(skeleton, places[0])
        for at, first in enumerate(self._columns[number]):
            values = {place[at] for place in places}
            if len(values) > 1:
                names = names or Names((*self._taken, *self._counts, "x", "y"))
                if first == at:
                    made.formals[names.take(self._axis(made, at))] = at
                made.expressions[at] = next(name for name, where in made.formals.items() if where == first)
                continue
            size = values.pop()
            name = None if at in doubtful else self._named.name(size)
            if name is not None:
                made.needs[name] = size
            made.expressions[at] = name or str(size)
        self._count(made)
        self._settle(made)

    def _settle(self, made: Definition) -> None:
        """What is needed at inner layers is needed here; what only they have as a number of their own is not."""
        own = {made.expressions[held.at + axis] for held in made.skeleton.tensors for axis in range(held.rank)}
        passed = {
            made.expressions[use.at + at]
            for one in made.skeleton.inner
            for use in one.uses
            for at in self.of(made, use).formals.values()
        }
        needed = {name: size for name, size in made.needs.items() if name in own | passed}
        needed |= {name: self._turns(made, loop) for loop, name in made.counts.items()}
        for one in made.skeleton.inner:
            for use in one.uses:
                needed |= self.of(made, use).needs
        order = [self._named.vocabulary_name, self._named.width_name]
        made.needs = dict(sorted(needed.items(), key=lambda one: order.index(one[0]) if one[0] in order else 2))

    def _turns(self, made: Definition, loop: str) -> int:
        return next(one.runs[0].stop for one in made.skeleton.inner if one.name == loop)

    def _count(self, made: Definition) -> None:
        """Name the number of turns of loops that stand at one place alone."""
        if sum(made.skeleton.places.values()) > 1:
            return
        for one in made.skeleton.inner:
            if is_repeat(one) and one.runs[0].stop > 1 and not one.name.startswith(ITEMS):
                name = one.name if one.name.endswith("s") else "layers" if len(one.name) < 4 else f"{one.name}s"
                name = free(name, f"{name}_", {*self._taken, *self._counts})
                self._counts.add(name)
                made.counts[one.name] = name

    def _doubtful(self, skeleton: Skeleton, place: Sizes) -> set[int]:
        """Where the lengths of tables of positions stand, which may be the width by chance."""
        tables = [(held.at, held.rank) for held in skeleton.tensors if is_place(held.name)]
        for one in skeleton.inner:
            if one.use is not None and is_place(one.name):
                below = self._folded.skeletons[one.use.skeleton].tensors
                tables.extend((one.use.at + held.at, held.rank) for held in below)
        return {at for at, rank in tables if rank > 1 and place[at] == place[at + rank - 1]}

    # --- names --------------------------------------------------------------------------------------

    def _name(self, skeleton: Skeleton) -> str:
        form = tuple((held.name, held.rank) for held in skeleton.tensors)
        usual = Counter(skeleton.names).most_common()
        place = min((name for name, many in usual if many == usual[0][1]), key=lambda name: (len(name), name))
        name = _FORMS.get(form, "") if not skeleton.inner else ""
        name = name or _TURNS.get(place) or camel(place.rstrip("0123456789")) or "Part"
        return self._names.take(name if name not in self._avoid else f"{name}Weights")

    def _axis(self, made: Definition, at: int) -> str:
        """A name for a size that differs from place to place: that of the axis where it stands first."""
        for held in made.skeleton.tensors:
            if held.at <= at < held.at + held.rank:
                return "n" if held.rank == 1 else _AXES[min(at - held.at, len(_AXES) - 1)]
        for one in made.skeleton.inner:
            for use in one.uses:
                called = self.of(made, use) if not self._split[use.skeleton] else None
                for name, where in called.formals.items() if called is not None else ():
                    if use.at + where == at:
                        return name
        return "n"


def is_repeat(inner: Inner) -> bool:
    """Whether all turns of a loop are the same, from the first on."""
    return len(inner.runs) == 1 and inner.runs[0].start == 0
