"""What must divide what: a width by its heads, a picture by its patches, an axis by all strides together.

A number is made one larger. If the model runs and is the same program, nothing is required of the number. If not, the
smallest step at which it is is looked for, and for that step a name: what is one at other values of the name too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archspec.importing.configurations import Looks
from archspec.importing.looking import Look, Viewer
from archspec.importing.naming.solve import Solution
from archspec.importing.process import Refused
from archspec.importing.program import Loop, Node

_STEPS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 64)
_SURE = 24
"""Below it the looks have tried the next number already."""
_OTHERS = 4
"""Other values of a name that are tried before a step is taken for a mere number."""


@dataclass(frozen=True)
class Divides:
    """`number % (factor*name) == 0`; without a name, `number % factor == 0`."""

    number: str
    factor: int
    name: str = ""

    def step(self, values: Mapping[str, int]) -> int:
        """What divides the number, at some values."""
        return self.factor * values[self.name] if self.name else self.factor

    def text(self, names: Mapping[str, str]) -> str:
        """The condition as the notation has it."""
        if not self.name:
            return f"{names[self.number]} % {self.factor} == 0"
        named = names[self.name]
        return f"{names[self.number]} % {named if self.factor == 1 else f'({self.factor}*{named})'} == 0"


def requirements(viewer: Viewer, looks: Looks, step: Callable[[str], None]) -> list[Divides]:
    """What the numbers and axes of a model must be multiples of, largest numbers first."""
    step("divisors")
    base = looks.looks[0].values
    doubtful = _doubtful(looks)
    larger = _larger(looks, doubtful)
    if not larger or (len(larger) == len(doubtful) and _runs(viewer, looks, larger, [])):
        doubtful = [name for name in doubtful if name not in larger]
    found: list[Divides] = []
    for name in sorted(doubtful, key=lambda one: -base[one]):
        one = _divisor(viewer, looks, name, found)
        if one is not None:
            found.append(one)
    return found


def first_question(looks: Looks) -> dict[str, int]:
    """The configuration that is looked at first, to be expected."""
    return {**looks.looks[0].values, **_larger(looks, _doubtful(looks))}


def _doubtful(looks: Looks) -> list[str]:
    base = looks.looks[0].values
    return [name for name in (*looks.numbers, *looks.axes) if looks.works[name] != base[name] + 1]


def _larger(looks: Looks, doubtful: Sequence[str]) -> dict[str, int]:
    base = looks.looks[0].values
    return {name: base[name] + 1 for name in doubtful if base[name] >= _SURE}


def turns(items: Sequence[Node], solution: Solution) -> list[str]:
    """That loops have turns, where their number is a difference: `layers - dense`."""
    found: list[str] = []
    for node in items:
        if isinstance(node, Loop):
            more, minus, less = solution.texts.get((id(node), "count"), "").rpartition(" - ")
            if minus and less.isidentifier():
                found.append(f"{less} < {more}")
            found += turns(node.turns[0], solution)
    return list(dict.fromkeys(found))


def _divisor(viewer: Viewer, looks: Looks, name: str, known: list[Divides]) -> Divides | None:
    base = looks.looks[0].values
    if _runs(viewer, looks, {name: base[name] + 1}, known):
        return None
    steps = {*_STEPS, abs(looks.works[name] - base[name])}
    named = {one: base[one] for one in looks.numbers if one != name and base[one] > 1}
    steps |= {factor * size for size in named.values() for factor in (1, 2)}
    for step in sorted(steps):
        if step < 2 or base[name] % step or not _runs(viewer, looks, {name: base[name] + step}, known):
            continue
        if _runs(viewer, looks, {name: base[name] + step + 1}, known):
            return None  # one number alone does not do, such as that of another width
        for factor in (1, 2):
            for other, size in named.items():
                if factor * size == step and _follows(viewer, looks, Divides(name, factor, other), known):
                    return Divides(name, factor, other)
        return Divides(name, step)
    return None


def _follows(viewer: Viewer, looks: Looks, guess: Divides, known: list[Divides]) -> bool:
    """Whether a step is another one where the name that it is called by has another value."""
    base = looks.looks[0].values
    before = guess.step(base)
    for other in _near(base[guess.name]):
        after = guess.step({guess.name: other})
        first = after * -(-base[guess.number] // after)
        # Of two multiples of `after` in a row, one is none of `before`: else `after` were one.
        number = first if first % before else first + after
        if _runs(viewer, looks, {guess.name: other, guess.number: number}, known):
            return True
    return False


def _near(value: int) -> Iterator[int]:
    yield from (value + 1 + more for more in range(_OTHERS) if (value + 1 + more) % value)


def _runs(viewer: Viewer, looks: Looks, changes: Mapping[str, int], known: list[Divides]) -> bool:
    """Whether the model runs at other values and is the same program there. Numbers that must be multiples of what was
    changed are made such.
    """
    base: Look = looks.looks[0]
    values = {**base.values, **changes}
    for one in known:
        if one.number not in changes:
            values[one.number] += -values[one.number] % one.step(values)
    try:
        return viewer.look(values).root.key == base.root.key
    except Refused:
        return False
