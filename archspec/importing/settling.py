"""Which numbers and axes may vary: those of which all that follows has an expression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archspec.importing.configurations import Looks, without
from archspec.importing.looking import Viewer
from archspec.importing.naming.layers import identifier
from archspec.importing.naming.samples import Samples, Vector, sample
from archspec.importing.naming.solve import Solution, solve

NO_EXPRESSION = "sizes follow from it that have no expression here"


@dataclass(frozen=True)
class Solved:
    """Looks with the expressions for all numbers in them. names: how numbers and axes are called in the text."""

    looks: Looks
    names: Mapping[str, str]
    samples: Samples
    solution: Solution

    @classmethod
    def of(cls, looks: Looks) -> Solved:
        """Find the expressions."""
        names = names_of(looks)
        samples = sample([one.root for one in looks.looks], [one.lifter.values for one in looks.looks])
        numbers, axes = (_vectors(looks, names, which) for which in (looks.numbers, looks.axes))
        return cls(looks, names, samples, solve(looks.looks[0].root, samples, numbers, axes))

    def vectors(self, which: Iterable[str]) -> dict[str, Vector]:
        """The values of some numbers or axes at the looks, by their names in the text."""
        return _vectors(self.looks, self.names, which)

    def unsettled(self) -> set[str]:
        """The numbers and axes from which something follows that has no expression."""
        open_ones = self.solution.unnamed.values()
        return {name for name in self.looks.works if any(_moves(self.looks, name, vector) for vector in open_ones)}


def settled(viewer: Viewer, looks: Looks) -> Solved:
    """The looks without the numbers, and if that is not enough the axes, that make sizes without an expression."""
    solved = Solved.of(looks)
    for variable in (looks.numbers, looks.axes):
        dropped = solved.unsettled() & set(variable)
        if dropped:
            solved = Solved.of(without(viewer, solved.looks, dropped, NO_EXPRESSION))
    return solved


def fits(looks: Looks) -> bool:
    """Whether all that follows from what was changed has an expression."""
    return not Solved.of(looks).unsettled()


def names_of(looks: Looks) -> dict[str, str]:
    """Names of the notation for numbers and axes; entries of lists keep their place, and of a list one entry of which
    may be chosen, all entries have a name.
    """
    found: dict[str, str] = {}
    wholes: dict[str, str] = {}
    for name in looks.axes:
        found[name] = name if name.isidentifier() else identifier(name, set(found.values()))
    lists = {name.partition("[")[0] for name in looks.numbers if "[" in name}
    for name in looks.looks[0].values:
        whole, mark, place = name.partition("[")
        if name not in looks.numbers and not (mark and whole in lists):
            continue
        if whole not in wholes:
            wholes[whole] = identifier(whole, {*found.values(), *wholes.values()})
        found[name] = wholes[whole] + mark + place
    return found


def _vectors(looks: Looks, names: Mapping[str, str], which: Iterable[str]) -> dict[str, Vector]:
    return {names[name]: tuple(look.values[name] for look in looks.looks) for name in which}


def _moves(looks: Looks, name: str, vector: Vector) -> bool:
    """Whether a number follows from another one."""
    change = looks.change(name)
    place = next((place for place, one in enumerate(looks.looks) if one is change), 0)
    return vector[place] != vector[0]
