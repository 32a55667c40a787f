"""The derivations of a model that the calculator needs under one policy: the usual one, and those for small numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.algebra import free_symbols, symbol
from archspec.calculator.lists import as_parameters
from archspec.derivation import Derivation, wrong_at
from archspec.elaborate.entry import Given
from archspec.errors.diagnostic import SpecError
from archspec.ledger.build import build

if TYPE_CHECKING:
    from archspec.model import Model
    from archspec.policy import Policy

_MANY = 64
"""Turns that are enough for every formula."""
_MOST = 9
"""So many derivations at most."""


def derivations(model: Model, policy: Policy) -> list[Derivation]:
    """The derivation of a policy, and those for numbers so small that it does not hold: one row, one head, few turns.

    Where several loops may have too few turns, or too many symbols be small, there would be too many of them: the page
    then says what it has.
    """
    usual = _derive(model, policy, {})
    # With few turns by default, symbols are fixed; the formulas for many are derived as if there were many.
    many = {one.symbol: _MANY for one in usual.program.fixed}
    found = [usual, *(_at(model, usual, many) if many else ())]
    return found + _for_small(model, found)


def _for_small(model: Model, found: list[Derivation]) -> list[Derivation]:
    """The derivations for small numbers, also of several symbols: first of turns, then of those with few numbers."""
    usual = found[0]
    turns = {name for one in found[-1].ledger.assumptions for name in free_symbols(one.left)}
    made: list[tuple[Derivation, dict[str, int]]] = [(found[-1], {})]
    small = _too_small(found[-1])
    with_default = [name for name in small if usual.program.symbols[name].default is not None]
    waiting = {name: small[name] for name in small if name not in with_default or len(with_default) < 3}
    done: set[str] = set()
    while waiting:
        name = min(waiting, key=lambda one: (one not in turns, len(waiting[one])))
        done.add(name)
        more: list[tuple[Derivation, dict[str, int]]] = []
        for derivation, numbers in made:
            for value in _too_small(derivation).get(name, ()):
                smaller = {**numbers, name: value}
                if not any(_holds(model, one, smaller) for one, _ in [*made, *more]):
                    more += [(one, smaller) for one in _at(model, usual, smaller)]
        if len(made) + len(more) <= _MOST:
            made += more
            for one, _ in more:
                waiting.update(_too_small(one))
        waiting = {name: values for name, values in waiting.items() if name not in done}
    return [one for one, _ in made[1:]]


def _holds(model: Model, derivation: Derivation, numbers: dict[str, int]) -> bool:
    """Whether a derivation holds at some numbers, whatever others are near their defaults."""
    fixed = {one.symbol for one in derivation.program.fixed}
    return fixed <= numbers.keys() and wrong_at(derivation, model.values(derivation, numbers)) is None


def always_fixed(found: list[Derivation]) -> set[str]:
    """The symbols that have one and the same number in all derivations, because the wiring hangs on it."""
    numbers = [{one.symbol: one.value for one in derivation.program.fixed} for derivation in found]
    return {name for name, value in numbers[0].items() if all(one.get(name) == value for one in numbers)}


def _derive(model: Model, policy: Policy, given: Given) -> Derivation:
    """The derivation of a policy. An optimizer changes no program, so the one without it serves where it holds."""
    if policy.optimizer:
        plain = model.derive(policy.with_(optimizer=""), given)
        found = Derivation(plain.program, build(plain.program, policy), policy)
        if wrong_at(found, model.values(found, given)) is None:
            return found
    return model.derive(policy, given)


def _at(model: Model, usual: Derivation, numbers: dict[str, int]) -> list[Derivation]:
    """The derivation that holds at some numbers; none where a requirement of the spec is in the way."""
    symbols = usual.program.symbols
    given = as_parameters(numbers, {name: info.value for name, info in symbols.items()})
    if given is None:
        return []
    try:
        return [_derive(model, usual.policy, given)]
    except SpecError:
        return []


def _too_small(derivation: Derivation) -> dict[str, range]:
    """Numbers that a derivation takes for impossible, by the symbol that decides alone."""
    found: dict[str, range] = {}
    for one in derivation.assumptions:
        names = free_symbols(one.left)
        if one.origin != "small" or one.op != ">=" or len(names) != 1 or not isinstance(one.right, int):
            continue
        (name,) = names
        info = derivation.program.symbols.get(name)
        if info is None:
            continue
        least = 1 if info.lower is None else info.lower
        more = one.left - symbol(name, info.lower)
        if isinstance(more, int):
            before = found.get(name, range(least, least))
            found[name] = range(least, max(before.stop, one.right - more))
    return found
