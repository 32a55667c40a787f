"""The derivations of a model that the calculator needs under one policy: the usual one, and those for few turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.algebra import free_symbols, symbol
from archspec.calculator.lists import as_parameters
from archspec.derivation import Derivation, wrong_at
from archspec.errors.diagnostic import SpecError
from archspec.ledger.build import build

if TYPE_CHECKING:
    from archspec.model import Model
    from archspec.policy import Policy

_MANY = 64
"""Turns that are enough for every formula."""


def derivations(model: Model, policy: Policy) -> list[Derivation]:
    """The derivation of a policy, and those for loops of so few turns that it does not hold.

    Where several loops may have too few turns there would be too many of them: the page then says what it has.
    """
    usual = _usual(model, policy)
    # With few turns by default, symbols are fixed; the formulas for many are derived as if there were many.
    many = {one.symbol: _MANY for one in usual.program.fixed}
    found = [usual, *(_at(model, usual, many) if many else ())]
    few = _too_few(found[-1])
    for name, values in few.items() if len(few) == 1 else ():
        for value in values:
            found += _at(model, usual, {name: value})
    return found


def always_fixed(found: list[Derivation]) -> set[str]:
    """The symbols that have one and the same number in all derivations, because the wiring hangs on it."""
    numbers = [{one.symbol: one.value for one in derivation.program.fixed} for derivation in found]
    return {name for name, value in numbers[0].items() if all(one.get(name) == value for one in numbers)}


def _usual(model: Model, policy: Policy) -> Derivation:
    """The derivation of a policy. An optimizer changes no program, so the one without it serves where it holds."""
    if policy.optimizer:
        plain = model.derive(policy.with_(optimizer=""))
        found = Derivation(plain.program, build(plain.program, policy), policy)
        if wrong_at(found, model.values(found, {})) is None:
            return found
    return model.derive(policy)


def _at(model: Model, usual: Derivation, numbers: dict[str, int]) -> list[Derivation]:
    """The derivation that holds at some numbers; none where a requirement of the spec is in the way."""
    symbols = usual.program.symbols
    given = as_parameters(numbers, {name: info.value for name, info in symbols.items()})
    if given is None:
        return []
    try:
        return [model.derive(usual.policy, given)]
    except SpecError:
        return []


def _too_few(derivation: Derivation) -> dict[str, range]:
    """Numbers of turns that a derivation takes for impossible, by the symbol that decides alone."""
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
