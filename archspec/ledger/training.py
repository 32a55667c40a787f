"""The memory of a training step: what stands all the time, and the largest of what comes and goes.

Standing are weights, buffers, the optimizer's states, the inputs and the targets. On top of them come the points of
`timeline` (the forward pass, the loss, the backward pass) and the optimizer's step, when all gradients are there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from archspec.algebra import Dim, Facts, floordiv, symbol
from archspec.algebra.division import quotient
from archspec.elaborate.frame import product
from archspec.elaborate.program import Parameter, Program
from archspec.ledger.dominance import maximum_of
from archspec.ledger.peak import over_turns
from archspec.ledger.spread import Spread
from archspec.ledger.terms import Ledger, Term
from archspec.ledger.timeline import Point, Timeline, loss_output
from archspec.ledger.turning import largest
from archspec.ledger.turns import every_turn
from archspec.ledger.zero import GRADIENTS, PARAMETERS, STATES
from archspec.optimizers import OPTIMIZERS
from archspec.policy import Policy

Bits = Callable[[str], Dim]
PHASES = ("teacher", "forward", "loss", "backward", "step")


@dataclass(frozen=True)
class Training:
    """A step: the points at which most is live, in all bytes, whether they are exact, and what stands all the time."""

    points: tuple[Point, ...]
    exact: bool
    standing: Dim

    def taught(self, name: str, weights: Dim, peak: Dim, outputs: Dim, exact: bool) -> Training:
        """With a teacher, which runs before: its weights stand too, its outputs are there until the loss is."""
        extra = {"forward": weights + outputs, "loss": weights + outputs}
        points = [replace(one, size=one.size + extra.get(one.phase, weights)) for one in self.points]
        first = Point("teacher", name, "", self.standing + weights + peak, ())
        return Training((first, *points), self.exact and exact, self.standing + weights)

    def largest(self, program: Program, phase: str | None = None) -> Dim:
        """The largest of all points, or of those of a phase."""
        return maximum_of(list(dict.fromkeys(p.size for p in self.points if phase in (None, p.phase))), program)


def training(program: Program, ledger: Ledger, policy: Policy, bits: Bits) -> Training:
    """The points of a training step on one device. `policy` names the optimizer, and how its step works."""
    spread = ledger.spread
    assert spread is not None and policy.optimizer, "a training step has an optimizer"
    if policy.mesh.pipeline > 1:
        return _of_a_stage(ledger, policy, bits)
    standing = _standing(program, ledger, policy, bits)
    gradients = _shared(ledger, policy, bits, ("gradient",), GRADIENTS)
    timeline, gathered = timeline_of(program, ledger, policy, bits)
    points: list[Point] = []
    exact = timeline.shadow.exact
    for point in timeline.points:
        found = over_turns(point.size, point.where, timeline.shadow)
        exact = exact and found.reached and found.bounded
        points += [replace(point, size=_whole(size + standing + gathered, policy), where=()) for size in found.sizes]
    for size in step_sizes(program, spread, policy, bits):
        points.append(Point("step", "", policy.optimizer, _whole(size + standing + gradients + NUMBER, policy), ()))
    return Training(tuple(points), exact, _whole(standing, policy))


def timeline_of(
    program: Program, ledger: Ledger, policy: Policy, bits: Bits, kind: type[Timeline] = Timeline
) -> tuple[Timeline, Dim]:
    """The passes of a step, and what is there all through them besides what stands: parameters that are brought
    together, and gradients that are added to. kind: the class that looks at the passes.
    """
    spread = ledger.spread
    assert spread is not None, "a ledger of a model knows how it is spread"
    loss, accumulates = chosen_loss(program, policy), policy.accumulate > 1
    timeline = kind(program, _gradients_shared(policy, bits), spread.part, loss, accumulates)
    gathered = _gathered(program, policy, bits)
    if accumulates:
        gathered = gathered + _shared(ledger, policy, bits, ("gradient",), GRADIENTS)
    return timeline, gathered


NUMBER = 4
"""Bytes of the loss, which is held while the optimizer works."""


def chosen_loss(program: Program, policy: Policy) -> str:
    """The kind of loss: as the policy says, else cross-entropy for an output that is called `logits`."""
    return policy.loss or ("cross-entropy" if "logits" in program.outputs else "none")


def _of_a_stage(ledger: Ledger, policy: Policy, bits: Bits) -> Training:
    """The first stage of a pipeline: its states, its gradients and what it keeps for the microbatches under way. What
    an operation needs besides is left out: so this is less than the peak.
    """
    held = _shared(ledger, policy, bits, ("param", "buffer"), PARAMETERS)
    held = held + _shared(ledger, policy, bits, ("state",), STATES)
    held = held + _shared(ledger, policy, bits, ("gradient",), GRADIENTS)
    size = _whole(held + ledger.size(lambda term: term.role == "saved", bits), policy)
    return Training((Point("backward", "", "", size, ()),), False, held)


def _standing(program: Program, ledger: Ledger, policy: Policy, bits: Bits) -> Dim:
    weights = _shared(ledger, policy, bits, ("param", "buffer"), PARAMETERS)
    return weights + _shared(ledger, policy, bits, ("state",), STATES) + _inputs(program, policy, bits)


def _inputs(program: Program, policy: Policy, bits: Bits) -> Dim:
    """Bytes of the inputs, and of the targets that the loss compares with: classes, or numbers."""
    total: Dim = 0
    for tensor in program.inputs.values():
        total = total + tensor.storage.elements * bits(tensor.dtype)
    output, loss = loss_output(program), chosen_loss(program, policy)
    if output is not None and loss == "cross-entropy":
        classes = len(output.shape) - 1 if _last_are_classes(program) else min(1, len(output.shape) - 1)
        rows = product((*output.shape[:classes], *output.shape[classes + 1 :]))
        total = total + rows * bits("int64")
    elif output is not None and loss == "mse":
        total = total + product(output.shape) * bits(output.dtype)
    return quotient(total, 8)


def _last_are_classes(program: Program) -> bool:
    """Whether the classes stand in the last axis of the output, as where the inputs are integers; pictures have them in
    the second one.
    """
    return any(not tensor.dtype.startswith(("act", "float", "bfloat")) for tensor in program.inputs.values())


def _shared(ledger: Ledger, policy: Policy, bits: Bits, roles: tuple[str, ...], stage: int) -> Dim:
    def chosen(term: Term) -> bool:
        return term.role in roles

    whole = ledger.size(chosen, bits)
    shared = policy.mesh.data > 1 and policy.mesh.zero >= stage
    return quotient(whole, symbol("dp", 1)) if shared else whole


def _gradients_shared(policy: Policy, bits: Bits) -> Bits:
    """Bits of an element, of gradients only those that a copy of the model holds: each is brought together as it is
    made.
    """
    if policy.mesh.data == 1 or policy.mesh.zero < GRADIENTS:
        return bits
    return lambda dtype: quotient(bits(dtype), symbol("dp", 1)) if dtype == "grad" else bits(dtype)


def _gathered(program: Program, policy: Policy, bits: Bits) -> Dim:
    """Where copies share parameters, those of one turn of the largest loop are brought together to be used."""
    if policy.mesh.data == 1 or policy.mesh.zero < PARAMETERS:
        return 0
    units: dict[object, Dim] = {}
    for one in program.parameters:
        if one.tied_to is None:
            key = one.loops[0] if one.loops else one.owner
            inner = every_turn(one.tensor.storage.elements, one.loops[1:], program.facts)
            units[key] = units.get(key, 0) + quotient(inner * bits(one.tensor.storage.dtype), 8)
    return maximum_of(list(dict.fromkeys(units.values())), program) if units else 0


def _whole(size: Dim, policy: Policy) -> Dim:
    """Whole bytes, where something is shared out."""
    return -floordiv(-size, 1) if policy.mesh.data > 1 and policy.mesh.zero else size


# --- the optimizer's step ---------------------------------------------------------------------------


def step_sizes(program: Program, spread: Spread, policy: Policy, bits: Bits) -> list[Dim]:
    """What the step needs besides states and gradients: candidates for the largest."""
    optimizer = OPTIMIZERS[policy.optimizer]
    trained = [one for one in program.parameters if one.trainable and one.tied_to is None]
    width = quotient(bits("state"), 8)
    shared = policy.mesh.data > 1 and policy.mesh.zero >= STATES
    if policy.step == "foreach" or (not policy.step and policy.backend == "cuda"):
        whole: Dim = 0
        for one in trained:
            elements = every_turn(one.tensor.storage.elements, one.loops, program.facts)
            local = spread.held(one, elements)
            whole = whole + (elements if local is None else local)
        size = optimizer.foreach * whole * width
        return [quotient(size, symbol("dp", 1)) if shared else size]
    sizes = [_largest_copy(one, spread, program.facts) * width for one in trained]
    before = [0, *sizes[:-1]]
    found = [a * p + b * q for p, q in zip(sizes, before, strict=True) for a, b in optimizer.single]
    return list(dict.fromkeys(found)) or [0]


def _largest_copy(parameter: Parameter, spread: Spread, facts: Facts) -> Dim:
    """The elements of the largest turn's copy of a parameter."""
    local = spread.held(parameter, parameter.tensor.storage.elements)
    size = parameter.tensor.storage.elements if local is None else local
    for loop in reversed(parameter.loops):
        if loop.active is not None:
            size = size * loop.count
            continue
        sizes = largest(size, loop.index, 0, loop.count - 1, facts).sizes
        size = sizes[-1]
    return size
