"""The answer: the largest value at which a quantity stays within the budget, found in closed form or by halving.

A quantity that falls as the unknown grows, such as memory with the number of devices, has a smallest value that fits
instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from archspec.solving.closed import Quadratic, depends, quadratics
from archspec.solving.question import Question, fail
from archspec.solving.values import FAR, Values

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


def search(question: Question, values: Values) -> Found:
    """The answer to a question. Raises `SpecError` where there is none, or no end."""
    first = values.first
    _check_depends(question, first)
    if not question.fits(first):
        return _smallest(question, values, first)
    pieces = None if question.structural else quadratics(question.reduced, question.unknown, first)
    found = _closed(question, values, first, pieces) if pieces else None
    return found or _halved(question, values, first)


def _check_depends(question: Question, first: int) -> None:
    """Refuse a quantity that is the same for every value."""
    if question.structural or depends(question.reduced, question.unknown):
        return
    if question.fits(first):
        fail("any-fits", name=question.unknown, quantity=question.quantity, model=question.model.name)
    _nothing_fits(question, first)


def _closed(question: Question, values: Values, first: int, pieces: list[Quadratic]) -> Found | None:
    """The answer of the closed form; None where the model at that value says otherwise."""
    limits = [limit for limit in (one.largest(question.budget.bytes) for one in pieces) if limit is not None]
    if not limits:
        return None
    bound = min(limits)
    value = values.down(bound, first) if bound >= first else None
    if value is None or not question.fits(value):
        return None
    beyond = values.up(max(bound, value) + 1)
    if beyond is not None and question.fits(beyond):
        return None
    return Found(value, beyond, pieces)


def _halved(question: Question, values: Values, first: int) -> Found:
    """Doubling until it does not fit, then halving."""
    good, step = first, 1
    bad: int | None = None
    while bad is None:
        tried = values.up(good + step)
        if tried is None:  # nothing allowed up there: the largest value that is
            tried = values.down(good + step, good + 1) if values.last is None else values.down(values.last, good + 1)
            if tried is None or question.fits(tried):
                return Found(tried or good, None, None)
        if not question.fits(tried):
            bad = tried
        elif tried >= FAR:
            fail("any-fits", name=question.unknown, quantity=question.quantity, model=question.model.name)
        else:
            good, step = tried, 2 * step
    while True:
        middle = (good + bad) // 2
        tried = values.down(middle, good + 1) or values.up(middle + 1, bad - 1)
        if tried is None:
            break
        if question.fits(tried):
            good = tried
        else:
            bad = tried
    _check_grows(question, values, good, bad)
    return Found(good, bad, None)


def _check_grows(question: Question, values: Values, good: int, bad: int) -> None:
    """Refuse an answer beside which something larger fits, or something smaller does not."""
    low, high = good, bad
    for _ in range(AROUND):
        below, above = values.down(low - 1, max(low - AROUND, values.first)), values.up(high + 1, high + AROUND)
        low, high = below or low, above or high
        if not question.fits(low) or question.fits(high):
            _does_not_grow(question, *((low, good) if not question.fits(low) else (bad, high)))


def _smallest(question: Question, values: Values, first: int) -> Found:
    """Where the smallest value does not fit: the smallest one that does, if the quantity falls."""
    bad, step, least = first, 1, question.size(first)
    good: int | None = None
    while good is None:
        tried = values.up(bad + step)
        if tried is None or question.size(tried) >= least:
            _nothing_fits(question, first)
        if question.fits(tried):
            good = tried
        bad, step, least = (bad if good else tried), 2 * step, question.size(tried)
    while True:
        middle = (good + bad) // 2
        tried = values.down(middle, bad + 1) or values.up(middle + 1, good - 1)
        if tried is None:
            break
        if question.fits(tried):
            good = tried
        else:
            bad = tried
    return Found(good, bad, None, falling=True)


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
