"""A model elaborated under one policy, and whether it holds at given numbers."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.algebra import AlgebraError, Dim, Facts, compare, evaluate, free_symbols, mod
from archspec.elaborate.conditions import show
from archspec.elaborate.entry import GivenValue
from archspec.elaborate.program import Assumption, Program
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.ledger.terms import Ledger
from archspec.policy import Policy


@dataclass(frozen=True)
class Derivation:
    """A model elaborated under one policy, with its ledger."""

    program: Program
    ledger: Ledger
    policy: Policy

    @property
    def assumptions(self) -> list[Assumption]:
        """What its formulas take for granted."""
        return [*self.program.assumptions, *self.ledger.assumptions]


def check_requirements(derivation: Derivation, values: dict[str, int]) -> None:
    """Raise `SpecError` if numbers violate a `require`, or are smaller than their symbols may be."""
    diagnostics = Diagnostics()
    for name, info in derivation.program.symbols.items():
        if info.lower is not None and name in values and values[name] < info.lower:
            diagnostics.error("value-too-small", None, name=name, least=info.lower, value=values[name])
    for assumption in derivation.assumptions:
        if assumption.origin == "require" and holds(assumption, values) is False:
            condition = f"`{assumption.text}` with " + ", ".join(
                f"{name} = {values[name]}" for name in sorted(names_of(assumption))
            )
            message = assumption.message or "a requirement is violated"
            diagnostics.error("require-failed", assumption.place, condition=condition, message=message)
    if not diagnostics:
        _check_sizes(derivation.program, values, diagnostics)
    if diagnostics:
        raise SpecError(list(diagnostics))


def _check_sizes(program: Program, values: dict[str, int], diagnostics: Diagnostics) -> None:
    """Report the first operation that would make a tensor without elements: the input is too small for the model.

    What hangs on the turn of a loop is left out.
    """
    seen: set[Dim] = set()
    for operation in program.region.operations():
        for tensor in operation.outputs:
            for size in tensor.shape:
                if isinstance(size, int) or size in seen or free_symbols(size) - values.keys():
                    continue
                seen.add(size)
                number = evaluate(size, values)
                if number < 1:
                    place, name = operation.place, operation.path or operation.kind
                    diagnostics.error("empty-size", place, layer=name, size=show(size), value=number)
                    return


def names_of(assumption: Assumption) -> frozenset[str]:
    """The symbols that an assumption is about."""
    modulus = free_symbols(assumption.modulus) if assumption.modulus is not None else frozenset()
    return free_symbols(assumption.left) | free_symbols(assumption.right) | modulus


def holds(assumption: Assumption, values: dict[str, int]) -> bool | None:
    """Whether an assumption holds for numbers; None where a symbol has none."""
    if names_of(assumption) - values.keys():
        return None
    try:
        left, right = evaluate(assumption.left, values), evaluate(assumption.right, values)
        if assumption.modulus is not None:
            modulus = evaluate(assumption.modulus, values)
            left = evaluate(mod(left, modulus, Facts()), {})
    except AlgebraError:
        return False
    return compare(left, assumption.op, right, Facts())


def wrong_at(derivation: Derivation, values: dict[str, int]) -> set[str] | None:
    """Why a derivation does not hold at these numbers: the symbols to fix, to a new value where they are fixed already;
    None if it holds.
    """
    fixed = derivation.program.fixed
    stale = {one.symbol for one in fixed if values.get(one.symbol, one.value) != one.value}
    small: set[str] = set()
    for assumption in derivation.assumptions:
        if assumption.origin in ("small", "format") and holds(assumption, values) is False:
            small |= names_of(assumption)
    return stale | small or None


def flatten(name: str, value: GivenValue) -> dict[str, int]:
    """`depths=[3, 4]` as `depths[0]` = 3, `depths[1]` = 4."""
    if isinstance(value, list | tuple):
        flat: dict[str, int] = {}
        for position, entry in enumerate(value):
            flat.update(flatten(f"{name}[{position}]", entry))
        return flat
    return {name: value} if isinstance(value, int) and not isinstance(value, bool) else {}
