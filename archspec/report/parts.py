"""What memory is made of, in bytes that add up: at the largest moment of a training step or of inference, and at every
moment of a step.

At the largest moment gradients are not all there yet, or what was kept is gone already: so the parts are those that are
held then, not the quantities of the same names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING, Any

from archspec.algebra import AlgebraError, Dim, free_symbols
from archspec.algebra.evaluate import Evaluation
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.ledger.dominance import arguments
from archspec.ledger.parts import Moment, candidates, fewer, parted, unrolled
from archspec.ledger.training import PHASES

if TYPE_CHECKING:
    from archspec.derivation import Derivation
    from archspec.elaborate.entry import Given
    from archspec.ledger.training import Training
    from archspec.model import Model
    from archspec.policy import Policy

TRAINING = ("weights", "gathered weights", "optimizer", "teacher", "gradients", "kept activations", "temporaries")
INFERENCE = ("weights", "cache", "activations")
"""The parts, in the order in which they are stacked. The last one is what is left of the whole."""
MANY = 8
"""So many questions about one structure are answered before it is worth knowing which moments can be the largest."""
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
        if self.trains and self.policy.mesh.pipeline == 1:
            return self._step(derivation, given).largest(values)
        known = {
            name: self._number(_QUANTITIES[name], given, values) for name in self.names[:-1] if name in _QUANTITIES
        }
        return Held(_filled(self.names, known, self._number(self.quantity, given, values)))

    def step(self, given: Given) -> list[Held]:
        """Every moment of a training step, in order. Raises `SpecError`, also where there are none."""
        if self.policy.mesh.pipeline > 1:
            raise _error("no-moments")
        derivation = self.model.derive(self.policy, given)
        return list(self._step(derivation, given).moments(self.model.values(derivation, given)))

    def _number(self, quantity: str, given: Given, values: Mapping[str, int]) -> int:
        dim, _ = self.model.dim(quantity, self.policy, given)
        _check(free_symbols(dim), values, quantity)
        return number(dim, Evaluation(values))

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
        self.timeline, gathered = parted(derivation.program, derivation.ledger, policy)
        # A teacher holds the same all through a phase: what it adds to one point of it.
        self.taught = {phase: _first(self.training, phase) - _first(plain, phase) for phase in PHASES[1:]}
        self.standing = {phase: plain.standing + gathered + extra for phase, extra in self.taught.items()}
        self.others = [one for one in self.training.points if one.phase in ("teacher", "step")]
        self.stands = {name: model.dim(_QUANTITIES[name], policy, given)[0] for name in ("weights", "optimizer")}
        self.gradients, _ = model.dim("memory.gradients", policy, given)
        self.accumulated: Dim = self.gradients if policy.accumulate > 1 else 0
        self.gathered = gathered - self.accumulated
        self._candidates = candidates(self.timeline, self.standing)
        self._sizes = list(dict.fromkeys(point.size for point in self.training.points))
        self._symbols = frozenset().union(*map(free_symbols, self._sizes))
        self._asked = 0

    def largest(self, values: Mapping[str, int]) -> Held:
        """The moment that holds most."""
        _check(self._symbols, values, "memory.training")
        self._asked += 1
        if self._asked == MANY:  # to prove which moments can be the largest takes as long as some dozens of answers
            self._candidates = fewer(self._candidates, self.program)
            self._sizes = list(arguments(self.training.largest(self.program)))
        point = Evaluation(values)
        total = max(number(size, point) for size in self._sizes)
        largest = max(self._held(self._candidates, point), key=lambda one: one.total)
        # Where only a bound is known, no moment reaches the total: the rest is among the temporaries.
        return replace(largest, parts=_filled(TRAINING, largest.parts, total))

    def moments(self, values: Mapping[str, int]) -> Iterator[Held]:
        """All of them."""
        _check(self._symbols, values, "memory.training")
        return self._held(unrolled(self.timeline, self.standing, values), Evaluation(values))

    def _held(self, moments: Iterable[Moment], point: Evaluation) -> Iterator[Held]:
        stands = {name: number(dim, point) for name, dim in self.stands.items()}
        taught = {phase: number(extra, point) for phase, extra in self.taught.items()}
        gradients, accumulated = number(self.gradients, point), number(self.accumulated, point)
        gathered = number(self.gathered, point)
        for one in (one for one in self.others if one.phase == "teacher"):
            size = number(one.size, point)
            yield Held(_filled(TRAINING, {**stands, "teacher": size - sum(stands.values())}, size), one.phase, one.path)
        for moment in moments:
            known = {
                **stands,
                "gathered weights": gathered,
                "teacher": taught[moment.phase],
                "gradients": number(moment.gradients, point) + accumulated,
                "kept activations": number(moment.kept, point),
            }
            parts = _filled(TRAINING, known, number(moment.total, point))
            yield Held(parts, moment.phase, moment.path, moment.turns)
        for one in (one for one in self.others if one.phase == "step"):
            known = {**stands, "teacher": taught["step"], "gradients": gradients}
            yield Held(_filled(TRAINING, known, number(one.size, point)), one.phase, one.kind)


def _check(symbols: frozenset[str], values: Mapping[str, int], quantity: str) -> None:
    """Raise `SpecError` where a symbol has no value."""
    missing = sorted(symbols - values.keys())
    if missing:
        fix = " ".join(f"--set {name}=…" for name in missing)
        raise _error("needs-values", fix=fix, names=", ".join(f"`{name}`" for name in missing), quantity=quantity)


def number(dim: Dim, point: Evaluation) -> int:
    """Whole bytes: what devices share out is rounded up."""
    try:
        return ceil(point.value(dim))
    except AlgebraError as error:
        raise _error("arithmetic", reason=str(error)) from None


def _first(training: Training, phase: str) -> Dim:
    return next((one.size for one in training.points if one.phase == phase), 0)


def _filled(names: tuple[str, ...], known: Mapping[str, int], total: int) -> dict[str, int]:
    """All parts, the last of which is the rest. Parts that were rounded up one by one are no more than the whole."""
    parts: dict[str, int] = {}
    left = total
    for name in names[:-1]:
        parts[name] = min(known.get(name, 0), left)
        left -= parts[name]
    return {**parts, names[-1]: left}


def _error(kind: str, fix: str | None = None, **fields: Any) -> SpecError:
    diagnostics = Diagnostics()
    diagnostics.error(kind, None, fix=fix, **fields)
    return SpecError(list(diagnostics))
