"""A model's formulas under every choice that the calculator offers, as JSON.

What hangs on the structure is derived for each combination: the precision's regime, the attention, checkpointing. What
an optimizer adds, its states and its step, does not, and is stored once for each width of the states. So the moments of
a step are without what stands all the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from archspec.algebra import Dim, compare, symbol
from archspec.calculator.blocks import repeated_blocks
from archspec.calculator.derivations import always_fixed, derivations
from archspec.calculator.pool import Pool
from archspec.calculator.starts import starting_values
from archspec.derivation import Derivation
from archspec.elaborate.bounds import at_bound, has_slack, settled
from archspec.elaborate.conditions import show
from archspec.elaborate.program import Assumption, Program
from archspec.errors.diagnostic import SpecError
from archspec.ledger.dominance import arguments as largest_of
from archspec.ledger.dominance import maximum_of
from archspec.ledger.quantities import QUANTITIES
from archspec.ledger.spread import Spread
from archspec.ledger.states import training_terms
from archspec.ledger.terms import Ledger
from archspec.ledger.training import NUMBER, Training, step_sizes
from archspec.optimizers import OPTIMIZERS
from archspec.policy import PRECISIONS, Mesh, Policy

if TYPE_CHECKING:
    from archspec.model import Model

SCHEMA = "archspec/calculator/1"
_ALWAYS = (
    *("params", "params.trainable", "params.active", "buffers"),
    *("flops.forward", "flops.backward", "flops.recompute"),
    *("activations.outputs", "activations.saved", "memory.weights", "memory.gradients"),
)
"""Quantities that hang on no optimizer."""
_INFERENCE = ("activations.peak", "kv_cache", "memory.inference")
_LIKE = {"fp16": "bf16", "bf16-master": "bf16", "mixed-fp16": "mixed-bf16"}
"""Precisions with the formulas of another one: as wide, and of the same regime."""
_PHASES = ("forward", "loss", "backward")
OFFERED = ("attention", "checkpoint")


def calculator_data(model: Model, offered: Iterable[str] = OFFERED) -> dict[str, Any]:
    """Everything that the calculator knows of a model. Deterministic.

    offered: of the choices that cost formulas of their own, those that the page has: `attention`, `checkpoint`. The
    rest of the model's policy is kept, but for a mesh, a teacher, accumulation and a format of the weights, which the
    calculator does not know. Raises `SpecError` when the model is wrong.
    """
    return _Writer(model, tuple(offered)).data()


class _Writer:
    """Collects the formulas of a model."""

    def __init__(self, model: Model, offered: tuple[str, ...]) -> None:
        self.model = model
        self.base = model.base.with_(mesh=Mesh(), teacher="", accumulate=1, weights="", optimizer="", mode="train")
        self.offered = offered
        self.pool = Pool()
        self.conditions: list[list[Any]] = []
        self._numbers: dict[tuple[Any, ...], int] = {}

    def data(self) -> dict[str, Any]:
        """The whole of it."""
        derivation = self.model.derive(self.base)
        program = derivation.program
        checkpoints = [self.base.checkpoint]
        if "checkpoint" in self.offered and not self.base.checkpoint:
            checkpoints += self._checkpoints(program)
        attentions = [self.base.attention]
        if "attention" in self.offered and self._has_attention(derivation):
            attentions = ["sdpa", "eager"]
        sets = {
            f"{precision}/{attention}/{','.join(checkpoint)}": self._set(
                self.base.with_(precision=precision, attention=attention, checkpoint=checkpoint)
            )
            for checkpoint in checkpoints
            for attention in attentions
            for precision in dict.fromkeys(_LIKE.get(one, one) for one in PRECISIONS)
        }
        start = starting_values(self.model, derivation)
        fixed = always_fixed(derivations(self.model, self.base))
        return {
            "schema": SCHEMA,
            "model": self.model.name,
            "meaning": self.model.doc or "",
            "backend": self.base.backend,
            "symbols": [
                {
                    "name": name,
                    "value": start[name],
                    "default": info.default,
                    "meaning": info.meaning,
                    "least": 1 if info.lower is None else info.lower,
                    "fixed": name in fixed,
                }
                for name, info in program.symbols.items()
            ],
            "precisions": [[name, _LIKE.get(name, name), self._width(name)] for name in PRECISIONS],
            "attentions": attentions,
            "checkpoints": [",".join(one) for one in checkpoints],
            "optimizers": self._optimizers(program),
            "sets": sets,
            "conditions": self.conditions,
            "pool": self.pool.as_data(),
        }

    # --- which choices there are ----------------------------------------------------------------------

    def _checkpoints(self, program: Program) -> list[tuple[str, ...]]:
        """The repeated block, where there is one that can be run again."""
        blocks = repeated_blocks(program)
        if not blocks:
            return []
        try:
            self.model.derive(self.base.with_(checkpoint=blocks))
        except SpecError:  # its operations lie in no layer that a plan could name
            return []
        return [blocks]

    def _has_attention(self, derivation: Derivation) -> bool:
        """Whether the kernel makes a difference to what is kept or computed."""
        other = "eager" if self.base.attention == "sdpa" else "sdpa"
        changed = self.model.derive(self.base.with_(attention=other))
        return [term.kind for term in changed.ledger.terms] != [term.kind for term in derivation.ledger.terms]

    def _width(self, precision: str) -> str:
        """The key of an optimizer's states: the bits of a parameter and of a state, and whether weights are copied."""
        policy = self.base.with_(precision=precision)
        return f"{policy.bits('param')}/{policy.bits('state')}"

    # --- formulas -------------------------------------------------------------------------------------

    def _set(self, policy: Policy) -> dict[str, Any]:
        """The formulas of one combination of choices: of each part several, the first whose conditions hold is it."""
        # Every optimizer has the same moments; this one has no states, so that nothing must be taken off.
        trained = policy.with_(optimizer="sgd")
        return {
            "always": [self._always(one) for one in derivations(self.model, policy)],
            "training": [self._training(one) for one in derivations(self.model, trained)],
            "inference": [self._inference(one) for one in derivations(self.model, policy.with_(mode="eval"))],
        }

    def _always(self, derivation: Derivation) -> dict[str, Any]:
        read = self._read(derivation, _ALWAYS)
        return {**read, "sizes": self._sizes(derivation.program), "conditions": self._conditions(derivation)}

    def _inference(self, derivation: Derivation) -> dict[str, Any]:
        return {**self._read(derivation, _INFERENCE), "conditions": self._conditions(derivation)}

    def _read(self, derivation: Derivation, names: tuple[str, ...]) -> dict[str, Any]:
        """Some quantities, and which of them are bounds."""
        program, ledger, bits = derivation.program, derivation.ledger, derivation.policy.bits
        read = {name: settled(QUANTITIES[name].read(program, ledger, bits, lambda term: True)) for name in names}
        return {
            "quantities": {name: self.pool.add(dim) for name, (dim, _) in read.items()},
            "bounds": [name for name, (_, exact) in read.items() if not exact],
        }

    def _training(self, derivation: Derivation) -> dict[str, Any]:
        program, policy = derivation.program, derivation.policy
        training = derivation.ledger.training(program, policy.bits)
        exact = training.exact and not any(has_slack(point.size) for point in training.points)
        return {
            "standing": self.pool.add(at_bound(training.standing)),
            "moments": {phase: self._moments(training, phase, program) for phase in _PHASES},
            "bounds": [] if exact else ["memory.training"],
            "conditions": self._conditions(derivation),
        }

    def _moments(self, training: Training, phase: str, program: Program) -> list[list[Any]]:
        """The moments of a phase that can be its largest, without what stands: `[size, path, kind]`."""
        found: dict[Dim, tuple[str, str]] = {}
        for point in training.points:
            if point.phase == phase:
                found.setdefault(at_bound(point.size - training.standing), (point.path, point.kind))
        if not found:
            return []
        kept = set(largest_of(maximum_of(list(found), program)))
        # In the order of time, so that neighbours differ by little. A maximum may be one of its arguments.
        named = [(size, where) for size, where in found.items() if size in kept]
        return [[self.pool.add(size), *where] for size, where in named]

    def _optimizers(self, program: Program) -> dict[str, Any]:
        """By width of the states, then by optimizer: title, states, and what its step takes besides the gradients."""
        found: dict[str, Any] = {}
        for precision in PRECISIONS:
            key = self._width(precision)
            if key in found:
                continue
            found[key] = {}
            for name, optimizer in OPTIMIZERS.items():
                policy = self.base.with_(precision=precision, optimizer=name)
                spread = Spread(program, policy.mesh)
                terms = [term for term in training_terms(program, policy, spread) if term.role == "state"]
                ledger = Ledger(terms)
                states = ledger.size(lambda term: True, policy.bits)
                steps = largest_of(maximum_of(step_sizes(program, spread, policy, policy.bits), program))
                found[key][name] = [
                    optimizer.title,
                    self.pool.add(at_bound(states)),
                    [self.pool.add(at_bound(size + NUMBER)) for size in steps],
                ]
        return found

    def _sizes(self, program: Program) -> list[list[Any]]:
        """Sizes of tensors that small inputs make 0, with the layers whose outputs they are of."""
        found: dict[Dim, str] = {}
        for operation in program.region.operations():
            for tensor in operation.outputs:
                for size in tensor.shape:
                    # What hangs on the turn of a loop is not checked, nor is it by `archspec size`.
                    if not isinstance(size, int) and size not in found and size.symbols <= program.symbols.keys():
                        found[size] = operation.path or operation.kind
        doubtful = [size for size in found if compare(size, ">=", 1, program.facts) is not True]
        return [[self.pool.add(size), found[size], show(size)] for size in doubtful]

    def _conditions(self, derivation: Derivation) -> list[int]:
        """The conditions that a derivation takes for granted, by number."""
        rows = [self._condition(one) for one in derivation.assumptions]
        for one in derivation.program.fixed:
            size = self.pool.add(symbol(one.symbol, None))
            rows.append(["==", size, self.pool.add(one.value), -1, "fixed", f"{one.symbol} == {one.value}", ""])
        numbers: dict[int, None] = {}
        for row in rows:
            key = tuple(row)
            if key not in self._numbers:
                self._numbers[key] = len(self.conditions)
                self.conditions.append(row)
            numbers[self._numbers[key]] = None
        return list(numbers)

    def _condition(self, one: Assumption) -> list[Any]:
        modulus = -1 if one.modulus is None else self.pool.add(one.modulus)
        return [
            one.op,
            self.pool.add(one.left),
            self.pool.add(one.right),
            modulus,
            one.origin,
            one.text,
            one.message or "",
        ]
