"""A spec against its own export, at random numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from archspec.elaborate.entry import Given, GivenValue
from archspec.errors.diagnostic import SpecError
from archspec.model import Model
from archspec.policy import Policy
from archspec.verify.against import ALL, PRECISIONS, require_torch, traced
from archspec.verify.chance import chance
from archspec.verify.compare import compare
from archspec.verify.derived import SAVED, TOTALS, Derived, check_sizes, derive, unrolled
from archspec.verify.draw import Drawn, draw, flat
from archspec.verify.exported import builder
from archspec.verify.keras import compare_keras, require_keras
from archspec.verify.outcome import Comparison, Outcome, Proof
from archspec.verify.proof import prove

if TYPE_CHECKING:
    import torch
    from torch import nn

    from archspec.verify.traced.modules import Inputs

TRIALS = 3
LARGEST_REAL = 2**28
"""A trial that keeps more bytes than this is run on fake tensors."""

CHEAP = 120
"""A model of more operations is proved in the first trial only: a proof takes about ten milliseconds for each."""
PROVABLE = ("flops.forward", "flops.backward", SAVED)
"""Of the others, axes of inputs are no part, or they are no numbers."""

Progress = Callable[[str, int], None]
"""Called with what is done next, and how many trials are done."""


def verify(
    model: Model,
    policy: Policy,
    given: Given,
    *,
    frameworks: Sequence[str] = ("torch",),
    trials: int = TRIALS,
    seed: int = 0,
    quantities: Sequence[str] = ALL,
    precisions: Sequence[str] = PRECISIONS,
    progress: Progress | None = None,
    proofs: bool = True,
) -> Outcome:
    """Draw numbers, export, build, trace and compare, `trials` times. Raises `CannotVerify` and `SpecError`.

    given: values that every trial has. frameworks: `torch`, `keras`; what the second cannot express is said in a note.
    proofs: prove for every size of the axes what torch can follow.
    """
    for framework, require in (("torch", require_torch), ("keras", require_keras)):
        if framework in frameworks:
            require()
    policy = policy.with_(backend="cpu")
    outcome = Outcome()
    usual: list[tuple[Mapping[str, int], Collection[str]]] = []
    done = 0
    for trial in range(trials):
        drawn = draw(model, policy, seed, trial, given, lambda values: _works(model, policy, values))
        proof = Proof([])
        for framework in frameworks:
            if progress is not None:
                progress(f"{model.name} in {framework}", done)
            run = _in_keras if framework == "keras" else _in_torch
            comparison, derived = run(model, policy, drawn, quantities, precisions)
            comparison.choices = dict(drawn.choices)
            comparison.notes.insert(0, f"trial {trial + 1}: {drawn.text}")
            outcome.comparisons.append(comparison)
            done += 1
            wanted = proofs and framework == "torch" and comparison.passed
            if wanted and (trial == 0 or derived.operations <= CHEAP):
                proof = _prove(comparison, model, policy, drawn, derived, quantities, precisions)
                outcome.proofs.append(proof)
        if not drawn.choices:
            usual.append((drawn.varied, proof.symbols))
    _chances(outcome, model, policy, given, usual, quantities)
    return outcome


def _works(model: Model, policy: Policy, values: dict[str, GivenValue]) -> None:
    model.check_requirements(model.derive(policy, values), values)
    check_sizes(unrolled(model, policy, values))


def _in_torch(
    model: Model, policy: Policy, drawn: Drawn, quantities: Sequence[str], precisions: Sequence[str]
) -> tuple[Comparison, Derived]:
    from archspec.verify.traced.modules import Maker

    derived = derive(model, policy, drawn.given, tuple(precisions) if SAVED in quantities else ())
    maker = Maker.of_build(builder(model, "torch", policy, drawn.given))
    light = derived.totals.get(f"{SAVED}[fp32]", 0) <= LARGEST_REAL
    tensors = "auto" if light and drawn.kind != "large" else "fake"
    record = traced(maker, _feed(derived), policy, quantities, precisions, tensors, derived.excused)
    return compare(derived, record, "its export to torch", exported=True, only=quantities), derived


def _in_keras(
    model: Model, policy: Policy, drawn: Drawn, quantities: Sequence[str], _: Sequence[str]
) -> tuple[Comparison, Derived]:
    derived = derive(model, policy, drawn.given, ())
    name = "its export to keras"
    try:
        build = builder(model, "keras", policy, drawn.given)
    except SpecError as error:
        reason = next(one.message for one in error.diagnostics if one.severity == "error")
        notes = [f"nothing compared: {reason}"]
        return Comparison(model.name, name, dict(derived.report.values), notes=notes), derived
    return compare_keras(derived, build, name, quantities, exported=True), derived


def _prove(
    comparison: Comparison,
    model: Model,
    policy: Policy,
    drawn: Drawn,
    derived: Derived,
    quantities: Sequence[str],
    precisions: Sequence[str],
) -> Proof:
    """Prove for every size of the axes what can be proved, of what was compared."""
    kinds = tuple(precisions) if comparison.has(SAVED) else tuple(precisions[:1])
    proof = prove(model, policy, drawn.given, derived, quantities, kinds)
    proof.proved = [name for name in proof.proved if comparison.has(name)]
    return proof


def _feed(derived: Derived) -> Callable[[nn.Module, torch.dtype, str], Inputs]:
    from archspec.verify.traced.modules import Inputs, Wanted

    # Whole numbers are 0, which every table has a row for.
    wanted = [
        Wanted(name, "float" if dtype in ("act", "float32") else dtype, shape, 0 if dtype.startswith("int") else None)
        for name, dtype, shape in derived.inputs
    ]

    def feed(_: nn.Module, floating: torch.dtype, device: str) -> Inputs:
        return Inputs(tuple(one.make(floating, device) for one in wanted), {})

    return feed


def _chances(
    outcome: Outcome,
    model: Model,
    policy: Policy,
    given: Given,
    usual: Sequence[tuple[Mapping[str, int], Collection[str]]],
    quantities: Sequence[str],
) -> None:
    """The bounds for what was compared, from the trials that have the defaults of all flags."""
    names = dict.fromkeys(name for varied, _ in usual for name in varied)
    fixed = [name for name, _ in flat(given)]
    outcome.sampled = [name for name in names if not all(name in proved for _, proved in usual)]
    for quantity in (*TOTALS, SAVED):
        if quantity not in quantities or not any(one.has(quantity) for one in outcome.comparisons):
            continue
        proved = any(name.partition("[")[0] == quantity for name in outcome.proved)
        # What is given is no variable: the formula is compared at that number.
        trials = [(varied, {*fixed, *(axes if proved or quantity not in PROVABLE else ())}) for varied, axes in usual]
        found = chance(model.dim(quantity, policy, given)[0], trials)
        if found:
            outcome.chance[quantity] = found
