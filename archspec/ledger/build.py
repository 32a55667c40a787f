"""From an elaborated program to its ledger."""

from __future__ import annotations

from archspec.algebra import Dim, Facts, compare
from archspec.elaborate.conditions import show
from archspec.elaborate.frame import product
from archspec.elaborate.program import Assumption, Parameter, Program
from archspec.ledger.saved import saved_terms
from archspec.ledger.shadow import Shadow
from archspec.ledger.spread import Spread
from archspec.ledger.states import training_terms
from archspec.ledger.terms import Ledger, Term
from archspec.ledger.turns import every_turn
from archspec.policy import Policy


def build(program: Program, policy: Policy | None = None) -> Ledger:
    """Every term of a program. Under a policy of evaluation, the loops must have turns enough for the peak as well."""
    facts = program.facts
    policy = policy or Policy()
    spread = Spread(program, policy.mesh)
    terms: list[Term] = []
    for parameter in program.parameters:
        terms.append(_parameter_term(parameter, spread, facts))
    if policy.mode == "train":
        terms.extend(training_terms(program, policy, spread))
    for operation in program.region.operations():
        for tensor in operation.made:
            elements = every_turn(tensor.storage.elements, tensor.storage.loops, facts)
            local = spread.made(operation, tensor.storage, elements)
            terms.append(Term("output", tensor.storage.dtype, operation.path, operation.kind, elements, local=local))
        again = operation.flops if operation.checkpoint is not None else 0
        for role, amount in (("forward", operation.flops), ("backward", operation.backward), ("again", again)):
            if amount != 0:
                whole = every_turn(amount, operation.loops, facts)
                terms.append(Term(role, "", operation.path, operation.kind, whole))
    saved, least_turns = saved_terms(program, spread, facts)
    terms.extend(saved)
    for cached in program.cached:
        elements = every_turn(product(cached.tensor.shape), cached.loops, facts)
        local = spread.cached(cached, elements)
        terms.append(Term("cache", cached.tensor.dtype, cached.path, "cache", elements, local=local))
    least: dict[Dim, int] = {}
    for loop, turns in least_turns.items():
        least[loop.count] = max(turns, least.get(loop.count, 0))
    ledger = Ledger(terms)
    ledger.spread, ledger.policy = spread, policy
    if policy.mode == "eval":
        for count, turns in ledger.peak(program, policy.bits).needs.items():
            least[count] = max(turns, least.get(count, 0))
    if policy.optimizer and policy.mode == "train":
        for count, turns in shown_turns(program).items():
            least[count] = max(turns, least.get(count, 0))
    ledger.least = least
    ledger.assumptions = [*spread.assumptions(), *_assumptions(least, facts)]
    return ledger


def shown_turns(program: Program) -> dict[Dim, int]:
    """How many turns each loop must have for the course of memory over a training step: as many as are shown."""
    shadow = Shadow(program, program.facts)
    for _ in shadow.moments():
        pass
    return {count: shadow.shown(loop) for loop, counts in shadow.counts.items() for count in counts}


def _assumptions(least: dict[Dim, int], facts: Facts) -> list[Assumption]:
    """Loops that must have some turns for the ledger to hold; one is sure."""
    found: list[Assumption] = []
    for count, turns in least.items():
        if isinstance(count, int) or compare(count, ">=", turns, facts) is True:
            continue
        found.append(Assumption(f"{show(count)} >= {turns}", ">=", count, turns, None, "small"))
    return found


def _parameter_term(parameter: Parameter, spread: Spread, facts: Facts) -> Term:
    if parameter.tied_to is not None:
        return Term(parameter.role, "param", parameter.owner, parameter.kind, 0)
    elements: Dim = parameter.tensor.storage.elements
    active = elements
    for loop in reversed(parameter.loops):
        copies = every_turn(elements, (loop,), facts)
        active = active * loop.active if loop.active is not None else every_turn(active, (loop,), facts)
        elements = copies
    dtype = parameter.tensor.storage.dtype
    local = spread.held(parameter, elements)
    return Term(parameter.role, dtype, parameter.owner, parameter.kind, elements, active, parameter.trainable, local)
