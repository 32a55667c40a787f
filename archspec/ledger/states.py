"""What training holds besides weights: a gradient for each parameter that is trained, and the optimizer's states."""

from __future__ import annotations

from archspec.elaborate.program import Program
from archspec.ledger.spread import Spread
from archspec.ledger.terms import Term
from archspec.ledger.turns import every_turn
from archspec.optimizers import COUNTER, OPTIMIZERS, states
from archspec.policy import Policy


def training_terms(program: Program, policy: Policy, spread: Spread) -> list[Term]:
    """The terms of roles `gradient` and `state`. A copy of the weights in float32 counts as a state."""
    optimizer = OPTIMIZERS.get(policy.optimizer)
    terms: list[Term] = []
    for parameter in program.parameters:
        if not parameter.trainable or parameter.tied_to is not None:
            continue
        held = [("gradient", "grad", parameter.tensor.storage.elements)]
        if optimizer is not None:
            found = states(optimizer, parameter, program.facts)
            if policy.precision == "bf16-master":
                found = [("float32", parameter.tensor.storage.elements), *found]
            held += [("state", dtype, elements) for dtype, elements in found]
        for role, dtype, elements in held:
            whole = every_turn(elements, parameter.loops, program.facts)
            local = spread.held(parameter, whole, cut=dtype != COUNTER)
            terms.append(Term(role, dtype, parameter.owner, parameter.kind, whole, local=local))
    return terms
