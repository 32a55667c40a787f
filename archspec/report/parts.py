"""What memory is made of, in bytes that add up: at the largest moment of a training step or of inference, and at every
moment of a step.

At the largest moment gradients are not all there yet, or what was kept is gone already: so the parts are those that are
held then, not the quantities of the same names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

from archspec.algebra import AlgebraError, Dim
from archspec.algebra.evaluate import Evaluation
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.ledger.parts import Moment, PartedTimeline, candidates, parted, unrolled

if TYPE_CHECKING:
    from archspec.elaborate.entry import Given
    from archspec.elaborate.program import Program
    from archspec.ledger.training import Training
    from archspec.model import Derivation, Model
    from archspec.policy import Policy

TRAINING = ("weights", "optimizer", "teacher", "gradients", "kept activations", "temporaries")
INFERENCE = ("weights", "cache", "activations")
"""The parts, in the order in which they are stacked. The last one is what is left of the whole."""
_QUANTITIES = {
    "weights": "memory.weights",
    "optimizer": "memory.optimizer",
    "gradients": "memory.gradients",
    "kept activations": "activations.saved",
    "cache": "kv_cache",
}


@dataclass(frozen=True)
class Held:
    """Bytes at a moment, by what they are for. phase, path, turns: the moment, where it is one of a training step."""

    parts: Mapping[str, int] = field(default_factory=dict)
    phase: str = ""
    path: str = ""
    turns: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """All bytes."""
        return sum(self.parts.values())


class Parts:
    """The memory of a model under a policy, for training if it has an optimizer, else for inference.

    Formulas are derived once for each structure of the model; `at` puts numbers in.
    """

    def __init__(self, model: Model, policy: Policy) -> None:
        self.model = model
        self.trains = bool(policy.optimizer)
        self.quantity = "memory.training" if self.trains else "memory.inference"
        self.names = TRAINING if self.trains else INFERENCE
        self.policy = policy.with_(mode="train" if self.trains else "eval")
        self._steps: dict[int, tuple[Derivation, _Step]] = {}

    def at(self, given: Given) -> Held:
        """The largest moment. Raises `SpecError`, also where a symbol has no value."""
        derivation = self.model.derive(self.policy, given)
        values = self.model.values(derivation, given)
        total = self._number(self.quantity, given, values)
        if self.trains and self.policy.mesh.pipeline == 1:
            return self._step(derivation, given).largest(values, total)
        known = {name: self._number(_QUANTITIES[name], given, values) for name in self.names if name in _QUANTITIES}
        return Held(_filled(self.names, known, total))

    def step(self, given: Given) -> list[Held]:
        """Every moment of a training step, in order. Raises `SpecError`, also where there are none."""
        if self.policy.mesh.pipeline > 1:
            raise _error("no-moments")
        derivation = self.model.derive(self.policy, given)
        return list(self._step(derivation, given).moments(self.model.values(derivation, given)))

    def _number(self, quantity: str, given: Given, values: Mapping[str, int]) -> int:
        dim, _ = self.model.dim(quantity, self.policy, given)
        return number(dim, Evaluation(values), quantity)

    def _step(self, derivation: Derivation, given: Given) -> _Step:
        # The derivation is held with it, so that no other one gets its id.
        if id(derivation) not in self._steps:
            self._steps[id(derivation)] = (derivation, _Step(self, derivation, given))
        return self._steps[id(derivation)][1]


class _Step:
    """A training step of one structure, as formulas."""

    def __init__(self, parts: Parts, derivation: Derivation, given: Given) -> None:
        model, policy = parts.model, parts.policy
        self.training, self.program = model.training(policy, given)
        plain = derivation.ledger.training(derivation.program, policy.bits)
        self.beside = {
            phase: _first(self.training, phase) - _first(plain, phase) for phase in ("forward", "loss", "backward")
        }
        self.standing = plain.standing
        self.timeline, self.gathered = parted(derivation.program, derivation.ledger, policy)
        self.stands = {name: model.dim(_QUANTITIES[name], policy, given)[0] for name in ("weights", "optimizer")}
        self.gradients = model.dim("memory.gradients", policy, given)[0]
        self.accumulated: Dim = self.gradients if policy.accumulate > 1 else 0
        self._candidates: list[Moment] = []

    def largest(self, values: Mapping[str, int], total: int) -> Held:
        """The moment that holds most, of which the total is known."""
        if not self._candidates:
            self._candidates = _candidates(self.timeline, self.program)
        point = Evaluation(values)
        return max((one for one in self._all(self._candidates, point)), key=lambda one: one.total).with_total(total)

    def moments(self, values: Mapping[str, int]) -> Iterator[Held]:
        """All of them."""
        for one in self._all(unrolled(self.timeline, values), Evaluation(values)):
            yield one.held

    def _all(self, moments: object, point: Evaluation) -> Iterator[object]:
        raise NotImplementedError
