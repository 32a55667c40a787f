"""The answer: the largest value at which a quantity stays within the budget, found in closed form or by halving.

A quantity that falls as the unknown grows has a smallest value that fits instead; and of devices that share a model,
the fewest are wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from archspec.errors.diagnostic import SpecError
from archspec.solving.closed import Quadratic, depends, quadratics
from archspec.solving.problems import fail
from archspec.solving.question import Question
from archspec.solving.values import FAR, Condition, Values

NEAR = 32
"""So many values are looked at, and then larger ones, before it is said that nothing fits."""
AROUND = 8
"""So many neighbours of an answer are looked at for a sign that the quantity does not only grow."""


@dataclass(frozen=True)
class Found:
    """An answer. beyond: the nearest value that does not fit; None where requirements allow none.

    pieces: the closed form it was found by, if it was. falling: the quantity falls, and the value is the smallest.
    """

    value: int
    beyond: int | None
    pieces: list[Quadratic] | None
    falling: bool = False


def search(question: Question, conditions: list[Condition]) -> Found:
    """The answer to a question. Raises `SpecError` where there is none, or no end.

    First with the expression in the unknown, which is quick; what it says must be what the model itself says at the
    answer and beside it. If not, as at small values that make another structure, all values are asked of the model.
    """
    values = Values(question, conditions)
    _check_depends(question, values)
    if not question.structural:
        quick = _Search(question, Values(question, conditions, quick=True), question.likely_fits)
        try:
            found = quick.answer()
        except SpecError:
            found = None
        if found is not None and _holds(question, values, found):
            return found
    return _Search(question, values, question.fits).answer()


def _holds(question: Question, values: Values, found: Found) -> bool:
    """Whether the model itself fits at an answer, and not beyond it; and near it grows, where it should."""
    if not values.can_be(found.value) or not question.fits(found.value):
        return False
    if found.beyond is None:
        return True
    beyond = values.can_be(found.beyond) and not question.fits(found.beyond)
    return beyond and (found.falling or _wrong_way(values, question.fits, found.value, found.beyond) is None)


def _wrong_way(values: Values, fits: Callable[[int], bool], good: int, bad: int) -> tuple[int, int] | None:
    """A larger value that fits where a smaller one does not, among the neighbours of an answer; None: there is none."""
    low, high = good, bad
    for _ in range(AROUND):
        low = values.down(low - 1, values.first) or low
        high = values.up(high + 1) or high
        if not fits(low):
            return low, good
        if fits(high):
            return bad, high
    return None


def _check_depends(question: Question, values: Values) -> None:
    """Refuse a quantity that is the same for every value."""
    if question.structural or depends(question.reduced, question.unknown):
        return
    first = values.first
    if question.fits(first):
        fail("any-fits", name=question.unknown, quantity=question.quantity, model=question.model.name)
    _nothing_fits(question, first)


class _Search:
    """One way of searching: among some values, with some idea of what fits."""

    def __init__(self, question: Question, values: Values, fits: Callable[[int], bool]) -> None:
        self.question, self.values, self.fits = question, values, fits

    def answer(self) -> Found:
        """The answer. Raises `SpecError` where there is none."""
        question, first = self.question, self.values.first
        if not self.fits(first):
            return self._smallest(first)
        if question.shares:
            return Found(first, None, None, falling=True)
        pieces = None if question.structural else quadratics(question.reduced, question.unknown, first)
        return (self._closed(first, pieces) if pieces else None) or self._halved(first)

    def _closed(self, first: int, pieces: list[Quadratic]) -> Found | None:
        """The answer of the closed form; None where the sizes say otherwise."""
        limits = [limit for limit in (one.largest(self.question.budget.bytes) for one in pieces) if limit is not None]
        if not limits:
            return None
        bound = min(limits)
        value = self.values.down(bound, first) if bound >= first else None
        if value is None or not self.fits(value):
            return None
        beyond = self.values.up(max(bound, value) + 1)
        if beyond is not None and self.fits(beyond):
            return None
        return Found(value, beyond, pieces)

    def _halved(self, first: int) -> Found:
        """Doubling until it does not fit, then halving."""
        values, good, step = self.values, first, 1
        bad: int | None = None
        while bad is None:
            tried = values.up(good + step)
            if tried is None:  # nothing is allowed up there: the largest value that is
                tried = values.down(good + step if values.last is None else values.last, good + 1)
                if tried is None or self.fits(tried):
                    return Found(tried or good, None, None)
            if not self.fits(tried):
                bad = tried
            elif tried >= FAR:
                fail("any-fits", name=values.name, quantity=self.question.quantity, model=self.question.model.name)
            else:
                good, step = tried, 2 * step
        good, bad = self._between(good, bad)
        wrong = _wrong_way(values, self.fits, good, bad)
        if wrong is not None:
            _does_not_grow(self.question, *wrong)
        return Found(good, bad, None)

    def _smallest(self, first: int) -> Found:
        """Where the smallest value does not fit: the smallest one that does, if the quantity falls."""
        bad, step = first, 1
        while True:
            tried = self.values.up(bad + step)
            if tried is None or self.question.size(tried) >= self.question.size(bad):
                self._refuse(first)
            if self.fits(tried):
                good, bad = self._between(tried, bad)
                return Found(good, bad, None, falling=True)
            bad, step = tried, 2 * step

    def _refuse(self, first: int) -> NoReturn:
        """Say that nothing fits, if that is known of all or found of some values; else that there is no order."""
        question = self.question
        if question.structural or not quadratics(question.reduced, question.unknown, first):
            tried = first
            for number in range(NEAR + first.bit_length() + 40):
                found = self.values.up(tried + 1 if number < NEAR else 2 * tried)
                if found is None:
                    break
                tried = found
                if self.fits(tried):
                    _does_not_grow(question, first, tried)
        _nothing_fits(question, first)

    def _between(self, good: int, bad: int) -> tuple[int, int]:
        """Neighbours, of which the one fits and the other does not, between two values of which so do they."""
        while True:
            low, high = min(good, bad), max(good, bad)
            middle = (low + high) // 2
            tried = self.values.down(middle, low + 1) or self.values.up(middle + 1, high - 1)
            if tried is None:
                return good, bad
            if self.fits(tried):
                good = tried
            else:
                bad = tried


def _nothing_fits(question: Question, first: int) -> NoReturn:
    fail(
        "nothing-fits",
        name=question.unknown,
        value=first,
        quantity=question.quantity,
        needs=question.shown(question.size(first)),
        budget=question.shown(question.budget.bytes),
    )


def _does_not_grow(question: Question, low: int, high: int) -> NoReturn:
    fail(
        "does-not-grow",
        name=question.unknown,
        quantity=question.quantity,
        low=low,
        high=high,
        less=question.shown(question.size(low)),
        more=question.shown(question.size(high)),
    )
