"""Loops: the same nodes several times in a row, each turn fed by the one before.

First turns whose numbers are equal too are folded (`repeat`), then those that differ in numbers (`each`). A value of a
turn that is not the last one and is used behind the loop forbids it: queries, keys and values are no loop.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import eq

from archspec.importing.fold.dataflow import all_used
from archspec.importing.fold.skeleton import key_of, loop_key, shape_of
from archspec.importing.program import Block, Call, Carried, Loop, Node, numbers_in, weight

LONGEST_PERIOD = 24
"""Nodes of one turn that are looked for."""
_WORTH = 6
"""A loop over turns of other numbers has to save so many calls."""


def fold(block: Block, after: set[int], keyed: bool = True) -> None:
    """Fold what repeats in a block and in all blocks inside. after: the values used behind it."""
    later = set(after)
    for node in reversed(block.items):
        if isinstance(node, Block):
            fold(node, later)
        later.update(all_used([node]))
    outside = set(block.outputs) | after
    own = {one.value for one in block.held}
    marks = _Marks()
    # First runs of calls and blocks that are equal to the number; then, among all, what saves most: five stages of
    # other widths are one loop, also where two of them happen to be equal.
    while found := _best(block.items, outside, own, marks, steady=True, plain=True):
        _replace(block.items, found)
    while True:
        either = [_best(block.items, outside, own, marks, steady=steady) for steady in (True, False)]
        candidates = [one for one in either if one is not None]
        if not candidates:
            break
        _replace(block.items, max(candidates, key=lambda one: (one.saved, one.steady)))
    if keyed:
        block.key = key_of(block)


def _replace(items: list[Node], found: _Fold) -> None:
    items[found.start : found.start + found.period * len(found.turns)] = [found.loop()]


@dataclass
class _Fold:
    """Turns that can be folded: where they begin, how many nodes a turn has, and how they are fed."""

    start: int
    period: int
    turns: list[list[Node]]
    carried: list[Carried]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    steady: bool
    shared: bool
    saved: int

    def loop(self) -> Loop:
        """The loop."""
        name, path = _loop_name(self.turns)
        made = Loop(
            self.turns, self.carried, self.inputs, self.outputs, self.steady, name, path, self.shared
        )  # fmt: skip
        made.key = loop_key(made)
        return made


class _Marks:
    """For each node a number: equal for nodes that are equal but for wiring, or but for wiring and numbers."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Node, int, int]] = {}

    def of(self, node: Node, numbers: bool) -> int:
        """The number of a node. numbers: whether those of its calls are to be equal too."""
        known = self._known.get(id(node))
        if known is None:
            shape = shape_of(node)
            known = (node, hash(shape), hash((shape, tuple(numbers_in(node)))))
            self._known[id(node)] = known  # with the node itself, or its address might be that of a later one
        return known[2] if numbers else known[1]


def _best(
    items: Sequence[Node], outside: set[int], own: set[int], known: _Marks, *, steady: bool, plain: bool = False
) -> _Fold | None:
    """The best fold. plain: of nodes that are no loops themselves."""
    marks = [place if plain and isinstance(one, Loop) else known.of(one, steady) for place, one in enumerate(items)]
    if len(set(marks)) == len(marks):
        return None
    last_use = {value: place for place, one in enumerate(items) for value in all_used([one])}
    last_use |= dict.fromkeys(outside, len(items))
    best: _Fold | None = None
    for period in range(1, min(LONGEST_PERIOD, len(items) // 2) + 1):
        if not any(map(eq, marks, islice(marks, period, None))):
            continue
        start = stop = 0
        whole: set[int] = set()
        while start + 2 * period <= len(items):
            if start >= stop:  # how far nodes are as those one period behind them
                stop = start
                while stop + period < len(items) and marks[stop] == marks[stop + period]:
                    stop += 1
                whole = set()
            count = (stop - start) // period + 1
            if count < 2:
                start = stop + 1
                continue
            # A loop to the end of the run is better than any that begins later in the same phase.
            if start % period not in whole:
                found = _check(items, start, period, count, last_use, own, steady)
                if found is not None and (best is None or _rank(found) > _rank(best)):
                    best = found
                if found is not None and len(found.turns) == count:
                    whole.add(start % period)
            start += 1
        if steady and best is not None:
            break
    return best


def _rank(found: _Fold) -> tuple[int, int, int, bool, int]:
    """Steady loops: the shortest turns first, for longer ones are made of them. Others: what saves most."""
    first, last = (-found.period, found.saved) if found.steady else (found.saved, -found.period)
    return (first, last, -len(found.carried), owns(found.turns[0][0]), -found.start)


def _check(
    items: Sequence[Node], start: int, period: int, count: int, last_use: Mapping[int, int], own: set[int],
    steady: bool,
) -> _Fold | None:  # fmt: skip
    """The longest loop of at most `count` turns that begins here, if its turns are fed alike.

    last_use: the place of the last node that takes a value; behind all of them for what is used outside.
    """
    given = {value for node in items[start : start + period] for value in node.outputs}
    if not any(value in given for node in items[start + period : start + 2 * period] for value in node.inputs):
        return None  # nothing goes from turn to turn
    turns = [list(items[start + turn * period : start + (turn + 1) * period]) for turn in range(count)]
    place: dict[int, tuple[int, int, int]] = {}
    for number, turn in enumerate(turns):
        for index, node in enumerate(turn):
            for output, value in enumerate(node.outputs):
                place[value] = (number, index, output)
    second: list[Hashable] = []
    shared = False
    size = 1
    for number in range(1, count):
        refs = [_ref(value, number, place) for node in turns[number] for value in node.inputs]
        if number == 1:
            second = refs
        sharing = _shared(turns[0], turns[number])
        if refs != second or sharing is None or (number > 1 and sharing != shared):
            break
        shared = sharing
        size = number + 1
    if size < 2:
        return None
    turns = turns[:size]
    end = start + period * size
    first = [value for node in turns[0] for value in node.inputs]
    entries: dict[tuple[int, int], int] = {}
    for value, ref in zip(first, second, strict=True):
        if isinstance(ref, tuple) and ref[0] == "before":
            if entries.setdefault((ref[1], ref[2]), value) != value or (value in place and place[value][0] == 0):
                return None
        elif _ref(value, 0, place) != ref:
            return None
    carried = [
        Carried(entry, tuple(turn[index].outputs[output] for turn in turns))
        for (index, output), entry in entries.items()
    ]
    last = {one.made[-1] for one in carried}
    for number, turn in enumerate(turns):
        for node in turn:
            for value in node.outputs:
                if last_use.get(value, -1) >= end and not (number == size - 1 and value in last):
                    return None
    if any(value in own for value in first):
        return None
    saved = (size - 1) * sum(weight(one) for one in turns[0])
    if (not steady and saved < _WORTH) or not carried:
        return None
    if sum(weight(one) for one in turns[0]) == 1 and size == 2 and isinstance(turns[0][0], Call):
        return None
    made = {value for turn in turns for node in turn for value in node.outputs}
    inputs = tuple(dict.fromkeys([one.entry for one in carried] + [value for value in first if value not in made]))
    outputs = tuple(one.made[-1] for one in carried if last_use.get(one.made[-1], -1) >= end)
    return _Fold(start, period, turns, carried, inputs, outputs, steady, shared, saved)


def _ref(value: int, turn: int, place: dict[int, tuple[int, int, int]]) -> Hashable:
    """Where a value comes from, seen from a turn."""
    if value not in place:
        return value
    number, index, output = place[value]
    if number == turn:
        return ("here", index, output)
    return ("before", index, output) if number == turn - 1 else ("long before", value)


def _shared(one: Sequence[Node], other: Sequence[Node]) -> bool | None:
    """Whether two turns run the same modules, which then are not made anew for each; None where only some are."""
    first, second = (
        {node.path for node in turn if not isinstance(node, Loop) and node.path and owns(node)} for turn in (one, other)
    )
    if not first & second:
        return False
    return True if first == second else None


def owns(node: Node) -> bool:
    """Whether a node may have parameters of its own."""
    from archspec.importing.lift.spellings import has_parameters

    if isinstance(node, Call):
        return has_parameters(node.layer)
    return isinstance(node, Block)


def _loop_name(turns: Sequence[Sequence[Node]]) -> tuple[str, str]:
    """A loop's name and path: what is before the number in which the paths of two turns differ."""
    pairs = zip((_paths(turns[0])), _paths(turns[1]), strict=False)
    for one, other in pairs:
        first, second = one.split("."), other.split(".")
        for depth, (left, right) in enumerate(zip(first, second, strict=False)):
            if left != right:
                name = left.rstrip("0123456789").rstrip("_-") or (first[depth - 1] if depth else "")
                return (name if name.isidentifier() else "", ".".join(first[:depth]))
    return "", ""


def _paths(items: Sequence[Node]) -> list[str]:
    found = []
    for node in items:
        if isinstance(node, Loop):
            found += _paths(node.turns[0])
        elif node.path:
            found.append(node.path)
    return found
