"""At which sizes a model is looked at: a base, one change each, and some in which everything changes at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import islice

from archspec.importing.errors import CannotImport
from archspec.importing.looking import Look, Viewer
from archspec.importing.process import Refused
from archspec.importing.values import changes, together

MAX_CHANGES = 24
"""Numbers that are changed, one by one."""
_FEW_ENTRIES = 2
"""Values that are tried where none worked for another entry of the same list that is as large."""
_FEW_SIZES = 1
"""The same for an axis as large as another."""
_OTHERS = 3
"""Other structures after which a number stays as it is."""
_OTHERS_OF_SEVERAL = 2
"""The same for axes and entries of lists: where two other pictures are another program, a third one is."""
_REFUSED = 4
"""Values of a number that the model does not take, after which it stays as it is: most of what is left is of no use
either, such as another padding, with which the rest of the model does not fit."""
_JOINT = 3
"""Configurations at which all numbers are other than at the base."""


@dataclass
class Looks:
    """The looks, base first. numbers and axes: those that could be changed. fixed: those that could not, with why.

    rest: configurations at which everything is other than at the base, to be compared; the last is in no look.
    works: for each number and axis another value that works.
    """

    looks: list[Look]
    numbers: list[str]
    axes: list[str]
    fixed: dict[str, str]
    rest: list[dict[str, int]] = field(default_factory=list)
    works: dict[str, int] = field(default_factory=dict)

    def change(self, name: str) -> Look | None:
        """The look at which a number or axis alone is another."""
        base = self.looks[0].values
        found = (one for one in self.looks if {key for key in base if one.values[key] != base[key]} == {name})
        return next(found, None)


def look_around(
    viewer: Viewer,
    numbers: Mapping[str, int],
    axes: Mapping[str, int],
    step: Callable[[str], None],
    fits: Callable[[Looks], bool] | None = None,
) -> Looks:
    """Trace the model at its base and at changes of its numbers and axes. Raises `CannotImport`.

    Two numbers that are equal at the base, such as the widths of two stages, may make a loop of what is none at other
    values. Then the base is moved: they are made different, if more of them can be changed there. fits: whether all
    that follows from some changed numbers has an expression; without it the base stays where it is.
    """
    found, structural = _around(viewer, numbers, axes, step)
    apart = _apart(numbers, structural)
    if not apart or fits is None:
        return found
    step("numbers apart")
    moved = {**numbers, **apart}
    try:
        first, _ = _around(viewer, moved, axes, step, only=apart)
        if len(first.works) < len(apart) or not fits(first):
            return found  # what was moved stays as it was, or the text would be of another model
        again, _ = _around(viewer, moved, axes, step)
    except CannotImport:
        return found
    return again if len(again.works) > len(found.works) else found


def _apart(numbers: Mapping[str, int], structural: Mapping[str, int]) -> dict[str, int]:
    """Other values for numbers that equal another one and make another structure when they are changed."""
    changed: dict[str, int] = {}
    taken = set(numbers.values())
    for name, value in structural.items():
        twins = [other for other in numbers if other != name and numbers[other] == numbers[name]]
        if not twins or all(other in changed for other in twins):
            continue
        step = value - numbers[name]
        new = value
        while new in taken:
            new += step
        if new > 0:
            changed[name] = new
            taken.add(new)
    return changed


def _around(
    viewer: Viewer,
    numbers: Mapping[str, int],
    axes: Mapping[str, int],
    step: Callable[[str], None],
    only: Collection[str] | None = None,
) -> tuple[Looks, dict[str, int]]:
    """The looks, and the numbers that make another structure, each with a value that does. only: what is changed, and
    not all at once.
    """
    base_values = {**numbers, **axes}
    structural: dict[str, int] = {}
    step("base")
    try:
        base = viewer.look(base_values)
    except Refused as error:
        raise CannotImport(f"the model does not run: {error}") from None
    found = Looks([base], [], [], {})
    changed = [name for name in (*numbers, *axes) if only is None or name in only][:MAX_CHANGES]
    likely = ((name, next(changes(base_values[name], name in axes), None)) for name in changed)
    viewer.expect({**base_values, name: value} for name, value in likely if value is not None)
    if only is None:
        viewer.expect(measured=[base_values])
    # What worked for the height is tried first for a width as large, and so with entries of one list, such as strides;
    # where nothing worked, only a little is tried.
    alike: dict[tuple[str, int], int | None] = {}
    for name in changed:
        step(name)
        size = base_values[name]
        kind = ("axis" if name in axes else name.partition("[")[0], size)
        fewer = _FEW_SIZES if name in axes else _FEW_ENTRIES
        few = fewer if kind in alike and alike[kind] is None else None
        values = list(islice(changes(size, name in axes, alike.get(kind)), few))
        most = _OTHERS if name in numbers and "[" not in name else _OTHERS_OF_SEVERAL
        reason, other = _change(viewer, found, name, values, most)
        alike[kind] = found.works.get(name, alike.get(kind))
        if name in numbers and other is not None:
            structural[name] = other
        if name in found.works:
            (found.numbers if name in numbers else found.axes).append(name)
        elif reason:
            found.fixed[name] = reason
    if only is None:
        step("all at once")
        _join(viewer, found)
    return found, structural


def _change(viewer: Viewer, found: Looks, name: str, values: list[int], most: int) -> tuple[str, int | None]:
    """Look at the base with one number or axis changed, until another value works or `most` made another structure.
    Returns why one did not work, and the first that makes another structure.
    """
    base = found.looks[0]
    reason, structural = "", None
    others = refused = 0
    for place, value in enumerate(values):
        if others == most or refused == _REFUSED:
            break
        if place:
            ahead = min(3, most - others, _REFUSED - refused)
            viewer.expect({**base.values, name: one} for one in values[place : place + ahead])
        try:
            look = viewer.look({**base.values, name: value})
        except Refused as error:
            reason = str(error)
            refused += 1
            continue
        if look.root.key != base.root.key:
            reason = "another value makes another structure"
            others += 1
            structural = structural or value
            continue
        if not _differ(look, base):
            reason = "it changes nothing"
            break
        found.looks.append(look)
        found.works[name] = value
        break
    return reason, structural


def without(viewer: Viewer, looks: Looks, dropped: set[str], reason: str) -> Looks:
    """The looks with some numbers and axes as they are at the base."""
    base = looks.looks[0]
    kept = [base, *(look for name in looks.works if name not in dropped and (look := looks.change(name)) is not None)]
    found = Looks(
        kept,
        [name for name in looks.numbers if name not in dropped],
        [name for name in looks.axes if name not in dropped],
        looks.fixed | dict.fromkeys(dropped, reason),
        works={name: value for name, value in looks.works.items() if name not in dropped},
    )
    _join(viewer, found)
    return found


def _join(viewer: Viewer, found: Looks) -> None:
    """Look at configurations in which everything is another; the last that works is only compared."""
    base = found.looks[0]
    jointly = list(together(base.values, found.works))
    viewer.expect(jointly[:_JOINT])
    for values in jointly:
        try:
            look = viewer.look(values)
        except Refused:
            continue
        if look.root.key != base.root.key:
            continue
        found.rest.append(values)
        if len(found.rest) == _JOINT:
            break
        found.looks.append(look)
    if 0 < len(found.rest) < _JOINT:
        found.looks.pop()
    del found.rest[:-2]


def _differ(one: Look, other: Look) -> bool:
    """Whether anything is another number."""
    from archspec.importing.program import numbers_in

    shapes = [[look.lifter.shape(value) for value in (*look.root.inputs, *look.root.outputs)] for look in (one, other)]
    return shapes[0] != shapes[1] or list(numbers_in(one.root)) != list(numbers_in(other.root))
