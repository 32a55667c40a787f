"""Which numbers and axes may vary: those of which all that follows has an expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archspec.importing.configurations import Looks, without
from archspec.importing.looking import Viewer
from archspec.importing.naming.samples import Vector, sample
from archspec.importing.naming.solve import Solution, solve

NO_EXPRESSION = "sizes follow from it that have no expression here"


def solved(looks: Looks, names: Mapping[str, str]) -> Solution:
    """The expressions for all numbers at some looks. names: how numbers and axes are called in the text."""
    samples = sample([one.root for one in looks.looks], [one.lifter.values for one in looks.looks])
    numbers = {names[name]: _vector(looks, name) for name in looks.numbers}
    axes = {names[name]: _vector(looks, name) for name in looks.axes}
    return solve(looks.looks[0].root, samples, numbers, axes)


def settled(viewer: Viewer, looks: Looks, named: Callable[[Looks], dict[str, str]]) -> Looks:
    """The looks without the numbers, and if that is not enough the axes, that make sizes without an expression."""
    for variable in (looks.numbers, looks.axes):
        open_ones = solved(looks, named(looks)).unnamed.values()
        dropped = {name for name in variable if any(_moves(looks, name, vector) for vector in open_ones)}
        if dropped:
            looks = without(viewer, looks, dropped, NO_EXPRESSION)
    return looks


def _moves(looks: Looks, name: str, vector: Vector) -> bool:
    """Whether a number follows from another one."""
    change = looks.change(name)
    place = next((place for place, one in enumerate(looks.looks) if one is change), 0)
    return vector[place] != vector[0]


def _vector(looks: Looks, name: str) -> Vector:
    return tuple(look.values[name] for look in looks.looks)
