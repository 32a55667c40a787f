"""A spec against its own export, at random numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from archspec.elaborate.entry import Given, GivenValue
from archspec.model import Model
from archspec.policy import Policy
from archspec.verify.against import ALL, PRECISIONS, require_torch, traced
from archspec.verify.chance import chance
from archspec.verify.compare import compare
from archspec.verify.derived import SAVED, TOTALS, Derived, check_sizes, derive, unrolled
from archspec.verify.draw import Drawn, draw
from archspec.verify.exported import torch_builder
from archspec.verify.outcome import Comparison, Outcome

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
    trials: int = TRIALS,
    seed: int = 0,
    quantities: Sequence[str] = ALL,
    precisions: Sequence[str] = PRECISIONS,
    progress: Progress | None = None,
) -> Outcome:
    """Draw numbers, export, build, trace and compare, `trials` times. Raises `CannotVerify` and `SpecError`.

    given: values that every trial has.
    """
    require_torch()
    policy = policy.with_(backend="cpu")
    outcome = Outcome()
    draws: list[Mapping[str, int]] = []
    for trial in range(trials):
        drawn = draw(model, policy, seed, trial, given, lambda values: _works(model, policy, values))
        if progress is not None:
            progress(f"{model.name} in torch", trial)
        outcome.comparisons.append(_trial(model, policy, drawn, quantities, precisions))
        draws.append(drawn.varied)
    _chances(outcome, model, policy, given, draws, quantities)
    return outcome


def _works(model: Model, policy: Policy, values: dict[str, GivenValue]) -> None:
    model.check_requirements(model.derive(policy, values), values)
    check_sizes(unrolled(model, policy, values))


def _trial(
    model: Model, policy: Policy, drawn: Drawn, quantities: Sequence[str], precisions: Sequence[str]
) -> Comparison:
    from archspec.verify.traced.modules import Maker

    derived = derive(model, policy, drawn.given, tuple(precisions) if SAVED in quantities else ())
    maker = Maker.of_build(torch_builder(model, policy, drawn.given))
    light = derived.totals.get(f"{SAVED}[fp32]", 0) <= LARGEST_REAL
    tensors = "auto" if light and drawn.kind != "large" else "fake"
    record = traced(maker, _feed(derived), policy, quantities, precisions, tensors)
    comparison = compare(derived, record, "its export to torch", exported=True, only=quantities)
    comparison.notes.insert(0, f"a trial with {drawn.kind} sizes")
    return comparison


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
