"""The values of a symbol at which a picture is drawn: about a hundred of a range, all of which the model can have."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from archspec.errors.diagnostic import SpecError
from archspec.solving.budget import Budget
from archspec.solving.problems import fail
from archspec.solving.question import Question
from archspec.solving.values import Values, conditions

if TYPE_CHECKING:
    from archspec.elaborate.entry import Given
    from archspec.model import Model
    from archspec.policy import Policy

POINTS = 96
STRUCTURES = 24
"""So many where each value makes another structure, which must be elaborated."""
WIDE = 16
"""A range of so many times its beginning is shown in powers of two."""
LARGEST = 1 << 62
_RANGE = re.compile(
    r"\s*(?P<name>[A-Za-z_]\w*(\[\d+\])*)\s*=\s*(?P<low>\d[\d_]*)\s*\.\.\s*(?P<high>\d[\d_]*)\s*", re.ASCII
)


@dataclass(frozen=True)
class Range:
    """A symbol and the values to show, both ends among them."""

    name: str
    low: int
    high: int

    @property
    def is_wide(self) -> bool:
        """Whether it is better shown in powers of two."""
        return self.high >= WIDE * self.low


def parse_range(text: str) -> Range:
    """`S=512..131072`. Raises `SpecError`."""
    found = _RANGE.fullmatch(text)
    if found is None or len(text) > 200:
        fail("wrong-range", text=text[:60])
    return make_range(found["name"], int(found["low"].replace("_", "")), int(found["high"].replace("_", "")))


def make_range(name: str, low: int, high: int) -> Range:
    """A range. Raises `SpecError` where it is none."""
    if not 0 < low <= high <= LARGEST:
        fail("wrong-range", text=f"{name}={low}..{high}")
    return Range(name, low, high)


def shown_values(model: Model, policy: Policy, given: Given, over: Range, quantity: str) -> list[int]:
    """About a hundred values of a range, spread evenly as the axis is, those that the model cannot have left out.

    Raises `SpecError`: where the range has none, with the requirement that is violated; where another symbol that the
    quantity hangs on has no value; where the model has no such symbol.
    """
    question = Question(model, policy, given, over.name, quantity, Budget(0))
    values = Values(question, list(conditions(question)))
    cuts = _cuts(over, STRUCTURES if _many_structures(question, over) else POINTS)
    found: dict[int, None] = {}
    for low, high in pairwise(cuts):
        first = _in_cell(values, low, high - 1)
        if first is not None:
            found[first] = None
    last = values.down(over.high, cuts[-2])
    if last is not None:
        found[last] = None
    if not found:
        _nothing(question, values, over)
    return sorted(found)


def _many_structures(question: Question, over: Range) -> bool:
    """Whether values are likely to be elaborated one by one. The last two are the least likely to be exceptions."""
    if question.structural or over.low == over.high:
        return question.structural
    try:
        one, other = (question.model.derive(question.policy, question.at(over.high - back)) for back in (0, 1))
    except SpecError:
        return False
    return one is not other


def _cuts(over: Range, count: int) -> list[int]:
    """The first value of each cell, and one past the end."""
    span = over.high - over.low + 1
    if span <= count:
        return list(range(over.low, over.high + 2))
    place: Callable[[int], int]
    if over.is_wide:
        ratio = over.high / over.low

        def place(cell: int) -> int:
            return round(over.low * float(ratio ** (cell / count)))
    else:

        def place(cell: int) -> int:
            return over.low + span * cell // count

    inner = {place(cell) for cell in range(1, count)}
    return [over.low, *sorted(one for one in inner if over.low < one <= over.high), over.high + 1]


def _in_cell(values: Values, low: int, high: int) -> int | None:
    """A value between two: a power of two where there is one, for that is what people ask for."""
    power = 1 << (low - 1).bit_length()
    if power <= high and values.can_be(power):
        return power
    return values.up(low, high)


def _nothing(question: Question, values: Values, over: Range) -> NoReturn:
    """Say why the model can have none of the values: its requirements that the first violates, else what it says."""
    refused = list(dict.fromkeys(values.against(over.low)))
    if not refused:
        question.check(over.low)
        refused = list(dict.fromkeys(one.text for one in values.conditions))
    rules = ", ".join(f"`{text}`" for text in refused)
    fail("nothing-to-plot", name=over.name, low=over.low, high=over.high, model=question.model.name, rules=rules)
