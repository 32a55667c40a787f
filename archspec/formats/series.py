"""Which number a tensor has among those of its role, which is what recipes go by, for all turns of loops at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from archspec.algebra import Dim, Facts
from archspec.elaborate.program import Loop, Parameter
from archspec.formats.places import Series
from archspec.ledger.turns import every_turn


@dataclass(frozen=True)
class Numbering:
    """The numbers of some tensors. of: by parameter; total: how many numbers there are."""

    of: dict[Parameter, Series]
    total: Dim


def layers_around(parameter: Parameter) -> tuple[Loop, ...]:
    """The loops around a parameter that are not banks of experts: those are one tensor in a GGUF file."""
    return tuple(loop for loop in parameter.loops if loop.active is None)


def numbering(parameters: list[Parameter], by_layer: bool, facts: Facts) -> Numbering | None:
    """The numbers of some parameters, in the order of the spec; by_layer: those of one layer have the same.

    None where tensors inside and outside of an inner loop take turns: then they are numbered one by one.
    """
    found: dict[Parameter, Series] = {}
    total: Dim = 0
    seen: set[Loop] = set()
    for loops, group in groupby(parameters, layers_around):
        members = list(group)
        if loops and loops[0] in seen:
            return None
        seen.update(loops)
        keys = [_layer(one) if by_layer else one for one in members]
        places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        turns = every_turn(1, loops, facts)
        for one, key in zip(members, keys, strict=True):
            found[one] = Series(total + places[key], len(places), turns)
        total = total + turns * len(places)
    return Numbering(found, total)


def _layer(parameter: Parameter) -> tuple[object, ...]:
    """What tells layers in one turn of a loop apart: the first name in the turn; outside of loops all up to the first
    number of the path.
    """
    banks = len(parameter.loops) - len(layers_around(parameter))
    numbers = parameter.numbers[: len(parameter.numbers) - banks]
    if numbers:
        after = numbers[-1][0]
        return (*numbers, parameter.path[after:].lstrip(".").partition(".")[0])
    parts = parameter.path.split(".")
    digits = next((position for position, part in enumerate(parts) if part.isdigit()), len(parts))
    return tuple(parts[: digits + 1])
