"""A spec against its own export, at random numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from archspec.elaborate.entry import Given, GivenValue
from archspec.errors.diagnostic import SpecError
from archspec.model import Model
from archspec.policy import Policy
from archspec.verify.against import ALL, PRECISIONS, require_torch, traced
from archspec.verify.chance import chance
from archspec.verify.compare import compare
from archspec.verify.derived import SAVED, TOTALS, Derived, check_sizes, derive, unrolled
from archspec.verify.draw import Drawn, draw
from archspec.verify.exported import builder
from archspec.verify.keras import compare_keras, require_keras
from archspec.verify.outcome import Comparison, Outcome
from archspec.verify.proof import prove

if TYPE_CHECKING:
    import torch
    from torch import nn

    from archspec.verify.traced.modules import Inputs

TRIALS = 3
LARGEST_REAL = 2**28
"""A trial that keeps more bytes than this is run on fake tensors."""

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
) -> Outcome:
    """Draw numbers, export, build, trace and compare, `trials` times. Raises `CannotVerify` and `SpecError`.

    given: values that every trial has. frameworks: `torch`, `keras`; what the second cannot express is said in a note.
    """
    for framework, require in (("torch", require_torch), ("keras", require_keras)):
        if framework in frameworks:
            require()
    policy = policy.with_(backend="cpu")
    outcome = Outcome()
    draws: list[Mapping[str, int]] = []
    done = 0
    for trial in range(trials):
        drawn = draw(model, policy, seed, trial, given, lambda values: _works(model, policy, values))
        draws.append(drawn.varied)
        for framework in frameworks:
            if progress is not None:
                progress(f"{model.name} in {framework}", done)
            run = _in_keras if framework == "keras" else _in_torch
            comparison = run(model, policy, drawn, quantities, precisions)
            comparison.notes.insert(0, f"a trial with sizes that are {drawn.kind}")
            outcome.comparisons.append(comparison)
            done += 1
        if trial == 0 and "torch" in frameworks and outcome.comparisons[0].passed:
            _prove(outcome, model, policy, drawn, quantities, precisions)
    _chances(outcome, model, policy, given, draws, quantities)
    return outcome


def _works(model: Model, policy: Policy, values: dict[str, GivenValue]) -> None:
    model.check_requirements(model.derive(policy, values), values)
    check_sizes(unrolled(model, policy, values))


def _in_torch(
    model: Model, policy: Policy, drawn: Drawn, quantities: Sequence[str], precisions: Sequence[str]
) -> Comparison:
    from archspec.verify.traced.modules import Maker

    derived = derive(model, policy, drawn.given, tuple(precisions) if SAVED in quantities else ())
    maker = Maker.of_build(builder(model, "torch", policy, drawn.given))
    light = derived.totals.get(f"{SAVED}[fp32]", 0) <= LARGEST_REAL
    tensors = "auto" if light and drawn.kind != "large" else "fake"
    record = traced(maker, _feed(derived), policy, quantities, precisions, tensors)
    return compare(derived, record, "its export to torch", exported=True, only=quantities)


def _in_keras(model: Model, policy: Policy, drawn: Drawn, quantities: Sequence[str], _: Sequence[str]) -> Comparison:
    derived = derive(model, policy, drawn.given, ())
    name = "its export to keras"
    try:
        build = builder(model, "keras", policy, drawn.given)
    except SpecError as error:
        reason = next(one.message for one in error.diagnostics if one.severity == "error")
        return Comparison(model.name, name, dict(derived.report.values), notes=[f"nothing compared: {reason}"])
    return compare_keras(derived, build, name, quantities)


def _prove(
    outcome: Outcome,
    model: Model,
    policy: Policy,
    drawn: Drawn,
    quantities: Sequence[str],
    precisions: Sequence[str],
) -> None:
    """Prove for every size of the axes what can be proved; a recurrent layer runs step by step and cannot."""
    derived = derive(model, policy, drawn.given, ())
    kinds = tuple(precisions) if outcome.comparisons[0].has(SAVED) else tuple(precisions[:1])
    found = prove(model, policy, drawn.given, derived, quantities, kinds)
    outcome.axes, outcome.conditions, outcome.unproved = found.axes, found.conditions, found.failed
    outcome.proved = [name for name in found.proved if outcome.comparisons[0].has(name)]


def _feed(derived: Derived) -> Callable[[nn.Module, torch.dtype, str], Inputs]:
    from archspec.verify.traced.modules import Inputs, Wanted

    wanted = [
        Wanted(name, "float" if dtype in ("act", "float32") else dtype, shape) for name, dtype, shape in derived.inputs
    ]

    def feed(_: nn.Module, floating: torch.dtype, device: str) -> Inputs:
        return Inputs(tuple(one.make(floating, device) for one in wanted), {})

    return feed


def _chances(
    outcome: Outcome,
    model: Model,
    policy: Policy,
    given: Given,
    draws: Sequence[Mapping[str, int]],
    quantities: Sequence[str],
) -> None:
    for quantity in (*TOTALS, SAVED):
        if quantity in quantities:
            found = chance(model.dim(quantity, policy, given)[0], draws)
            if found is not None:
                outcome.chance[quantity] = found
