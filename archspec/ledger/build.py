"""From an elaborated program to its ledger."""

from __future__ import annotations

from archspec.algebra import Dim, Facts, compare
from archspec.elaborate.conditions import show
from archspec.elaborate.frame import product
from archspec.elaborate.program import Assumption, Loop, Parameter, Program
from archspec.ledger.saved import saved_terms
from archspec.ledger.terms import Ledger, Term
from archspec.ledger.turns import every_turn


def build(program: Program) -> Ledger:
    """Every term of a program."""
    facts = program.facts
    terms: list[Term] = []
    for parameter in program.parameters:
        terms.append(_parameter_term(parameter, facts))
    for operation in program.region.operations():
        for tensor in operation.made:
            elements = every_turn(tensor.storage.elements, tensor.storage.loops, facts)
            terms.append(Term("output", tensor.storage.dtype, operation.path, operation.kind, elements))
        for role, amount in (("forward", operation.flops), ("backward", operation.backward)):
            if amount != 0:
                whole = every_turn(amount, operation.loops, facts)
                terms.append(Term(role, "", operation.path, operation.kind, whole))
    saved, least_turns = saved_terms(program, facts)
    terms.extend(saved)
    for cached in program.cached:
        elements = every_turn(product(cached.tensor.shape), cached.loops, facts)
        terms.append(Term("cache", cached.tensor.dtype, cached.path, "cache", elements))
    return Ledger(terms, _assumptions(least_turns, facts))


def _assumptions(least_turns: dict[Loop, int], facts: Facts) -> list[Assumption]:
    """Loops that must have some turns for the count of what is kept to hold; one is sure."""
    found: list[Assumption] = []
    for loop, least in least_turns.items():
        if isinstance(loop.count, int) or compare(loop.count, ">=", least, facts) is True:
            continue
        text = f"{show(loop.count)} >= {least}"
        found.append(Assumption(text, ">=", loop.count, least, None, "small"))
    return found


def _parameter_term(parameter: Parameter, facts: Facts) -> Term:
    if parameter.tied_to is not None:
        return Term(parameter.role, "param", parameter.owner, parameter.kind, 0)
    elements: Dim = parameter.tensor.storage.elements
    active = elements
    for loop in reversed(parameter.loops):
        copies = every_turn(elements, (loop,), facts)
        active = active * loop.active if loop.active is not None else every_turn(active, (loop,), facts)
        elements = copies
    dtype = parameter.tensor.storage.dtype
    return Term(parameter.role, dtype, parameter.owner, parameter.kind, elements, active, parameter.trainable)
