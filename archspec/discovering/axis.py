"""The variables of a formula: the values that they take, and what they occur as: powers, or floors of quotients."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from archspec.verify.errors import CannotVerify

if TYPE_CHECKING:
    from archspec.algebra import Dim

MOST = 16
"""More symbols are not looked at together."""
_NAME = re.compile(r"[A-Za-z_]\w*(\[\d{1,4}\])*", re.ASCII)
_FORM = "NAME,NAME:STEP,NAME:STEP:START, such as d_model:8,layers,depths[0]"


@dataclass(frozen=True)
class Axis:
    """A variable: it takes the values `start + step*k`, where k is a *place*.

    degree: the highest power that it occurs in. floors: pairs (divisor, plus) of the terms ⌊(x + plus)/divisor⌋ that
    it occurs in; with any, its degree is 1. period: after how many places these floors behave alike.
    nested: whether each floor steps only where that with the next smaller divisor does.
    reach: the highest place at which it was seen to follow the others.
    """

    name: str
    start: int
    step: int = 1
    degree: int = 0
    floors: tuple[tuple[int, int], ...] = ()
    period: int = 1
    nested: bool = False
    reach: int = 10**9

    def at(self, place: int) -> int:
        """The value of a place."""
        return self.start + self.step * place

    @property
    def factors(self) -> int:
        """How many different factors terms have in it: 1, x, x², …; or 1, x and the floors."""
        return 2 + len(self.floors) if self.floors else 1 + self.degree

    def factor(self, index: int, value: int) -> int:
        """A factor at a value."""
        if index < 2 or not self.floors:
            return int(value**index)
        divisor, plus = self.floors[index - 2]
        return (value + plus) // divisor

    def zeros(self, choices: int) -> Fraction:
        """Of `choices` values in a row, at most this share are zeros of a formula of this variable that is not 0.

        A polynomial has at most as many zeros as its degree. Nested floors: between two steps of the first, the formula
        moves by the same amount from value to value, so that at most one of them is a zero, of two at least; or it does
        not move, and is a formula of the other floors. Whole periods are looked at.
        """
        if self.floors:
            return Fraction(1, 2) if self.nested else 1 - Fraction(1, self.period)
        return min(Fraction(1), Fraction(self.degree, choices))

    def dim(self, index: int) -> Dim:
        """A factor in the engine's algebra."""
        from archspec.algebra import floordiv, symbol

        one: Dim = symbol(self.name)
        if index >= 2 and self.floors:
            divisor, plus = self.floors[index - 2]
            return floordiv(one + plus, divisor)
        result: Dim = 1
        for _ in range(index):
            result = result * one
        return result

    def only(self, remainder: int, period: int) -> Axis:
        """The same variable at every `period`-th value, from the first place of that remainder on."""
        return Axis(self.name, self.at(remainder), self.step * period)

    def multiples(self, period: int) -> int:
        """The remainder of the places whose values are multiples of `step*period`, or 0 where there are none."""
        whole = (place for place in range(period) if self.at(place) % (self.step * period) == 0)
        return next(whole, 0)

    def with_(self, **changes: object) -> Axis:
        """The same, with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def parse_axes(text: str, least: int = 1) -> list[Axis]:
    """`d_model:8,layers,depths[0]`: names, each with its step and, after another colon, where it starts (default: its
    step, and at least `least`).

    Raises `CannotVerify`.
    """
    axes: list[Axis] = []
    for part in text.split(","):
        name, *numbers = (piece.strip() for piece in part.split(":"))
        good = _NAME.fullmatch(name) and len(numbers) <= 2 and all(one.isdecimal() and len(one) < 10 for one in numbers)
        step = int(numbers[0]) if good and numbers else 1
        if not good or step == 0:
            raise CannotVerify(f"--over `{text[:200]}` is not {_FORM}")
        if name in {axis.name for axis in axes}:
            raise CannotVerify(f"--over names `{name}` twice")
        axes.append(Axis(name, int(numbers[1]) if len(numbers) > 1 else max(step, least), step))
    if len(axes) > MOST:
        raise CannotVerify(f"--over has {len(axes)} names; at most {MOST} are looked at together")
    return axes


def check_axes(axes: Sequence[Axis], keywords: dict[str, object]) -> None:
    """Raise `CannotVerify` where names of axes do not fit the other arguments: `depths[0]` needs a list to be in."""
    for axis in axes:
        name, *places = re.split(r"[\[\]]+", axis.name.rstrip("]"))
        if not places:
            if name in keywords:
                raise CannotVerify(_twice(name, keywords[name]))
            continue
        if name not in keywords:
            raise CannotVerify(f"`{axis.name}` is an entry of no list: --kwargs '{name}=[…]' says the others")
        inner = keywords[name]
        for place in map(int, places):
            if not isinstance(inner, list | tuple) or place >= len(inner):
                raise CannotVerify(f"`{axis.name}` is not in the {name} of --kwargs, which is {keywords[name]}")
            inner = inner[place]
        if type(inner) is not int:
            raise CannotVerify(f"`{axis.name}` is {inner} in --kwargs, which is no whole number")


def _twice(name: str, value: object) -> str:
    if isinstance(value, list | tuple):
        return f"`{name}` is a list: --over names its entries, such as {name}[0]"
    return f"`{name}` is in --over and in --kwargs: it is either a symbol or a number"


def placed(keywords: dict[str, object], values: dict[str, int]) -> dict[str, object]:
    """Keywords with the values of axes in their places; a list that has some is a new one each time."""
    result = dict(keywords)
    for text, value in values.items():
        name, *places = re.split(r"[\[\]]+", text.rstrip("]"))
        result[name] = _with_entry(result.get(name), [int(one) for one in places], value)
    return result


def _with_entry(whole: object, places: list[int], value: int) -> object:
    if not places or not isinstance(whole, list | tuple):
        return value
    entries = list(whole)
    entries[places[0]] = _with_entry(entries[places[0]], places[1:], value)
    return entries if isinstance(whole, list) else tuple(entries)
