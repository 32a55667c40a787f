"""Random choices for the parameters of a model that are no sizes: flags, rates such as that of dropout, and how long
lists are. They decide which layers there are, so that each trial has one choice of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from fractions import Fraction

from archspec.elaborate.calls import kind_of
from archspec.elaborate.entry import GivenValue
from archspec.elaborate.values import Value
from archspec.errors.diagnostic import SpecError
from archspec.model import Model
from archspec.verify.defaults import written_default

RATE = Fraction(1, 10)
"""What a rate is that is 0 by default."""

LEAST = Fraction(1, 100)
"""What is smaller, such as an epsilon, is no rate."""

Choices = dict[str, GivenValue]


def choose(
    model: Model,
    trial: int,
    dice: random.Random,
    fixed: Mapping[str, GivenValue],
    derives: Callable[[Choices], object],
) -> Choices:
    """What a trial has other than the defaults, without what is fixed.

    The first trial has the defaults, the second nothing at its default that can be other, the third any of both; the
    next three again, but each with another kind of sizes. derives: raises `SpecError` where a choice makes no model,
    such as a list of the wrong length; such a parameter stays at its default.
    """
    chosen = _needed(model, dice, fixed)
    phase = (trial + trial // 3) % 3
    if phase == 0:
        return chosen
    others = {name: value for name, value in _others(model, dice).items() if name not in fixed and name not in chosen}
    for name in sorted(others, key=lambda _: dice.random()):
        if phase == 2 and dice.random() < 0.5:
            continue
        try:
            derives({**chosen, name: others[name]})
        except SpecError:
            continue
        chosen[name] = others[name]
    return chosen


def _needed(model: Model, dice: random.Random, fixed: Mapping[str, GivenValue]) -> Choices:
    """Flags and rates that have no default."""
    found: Choices = {}
    for formal in model.definition.layer.formals:
        if formal.name in fixed or formal.name in model.defaults or formal.default is not None:
            continue
        if kind_of(formal) == "flag":
            found[formal.name] = dice.random() < 0.5
        elif kind_of(formal) == "real":
            found[formal.name] = dice.choice([0.0, float(RATE)])
    return found


def _others(model: Model, dice: random.Random) -> Choices:
    """For each parameter, a value that is not its default."""
    found: Choices = {}
    for formal in model.definition.layer.formals:
        other = _other(written_default(model, formal.name), kind_of(formal), dice)
        if other is not None:
            found[formal.name] = other
    return found


def _other(default: Value | None, kind: str | None, dice: random.Random) -> GivenValue | None:
    """A flag turned over; a rate that is 0 if it was not and is not if it was; a list shorter or longer by one."""
    if isinstance(default, bool):
        return not default
    if isinstance(default, Fraction) or kind == "real":
        rate = default if isinstance(default, int | Fraction) else None
        # Other real numbers, such as an epsilon or a factor above 1, need not make sense at 0.
        return None if rate is None or not (rate == 0 or LEAST <= rate < 1) else 0.0 if rate else float(RATE)
    if isinstance(default, tuple) and default and all(type(one) is int for one in default):
        numbers: list[int] = [one for one in default if isinstance(one, int)]
        shorter = len(numbers) > 1 and dice.random() < 0.5
        return tuple(numbers[:-1] if shorter else [*numbers, numbers[-1]])
    return None


def text(choices: Mapping[str, GivenValue]) -> str:
    """Choices for people: `tied = true, widths of length 4`."""
    return ", ".join(f"{name} {_text(value)}" for name, value in choices.items())


def _text(value: GivenValue) -> str:
    if isinstance(value, bool):
        return "= true" if value else "= false"
    if isinstance(value, tuple | list):
        return f"of length {len(value)}"
    return f"= {float(value):g}" if isinstance(value, float | Fraction) else f"= {value}"
