"""Random programs: formulas, walks with numbers and brute force agree at random small sizes."""

from __future__ import annotations

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from oracle import disagreements
from random_programs import programs, sizes

from archspec.errors.diagnostic import SpecError
from archspec.loading import load_text
from archspec.policy import Policy

POLICIES = st.builds(
    Policy,
    precision=st.sampled_from(("fp32", "bf16", "mixed-bf16")),
    backend=st.sampled_from(("cuda", "cpu")),
    mode=st.sampled_from(("train", "eval")),
    inputs_grad=st.booleans(),
    frozen=st.sampled_from(((), ("k1*", "h*"), ("shared*", "k0*"))),
)
UNSOLVED = frozenset({"loop-shape", "nothing-of-that-name"})
"""Turns that differ in kind (dtype, gradient) more than twice have no closed form, which is said; and what is to be
frozen may not be there."""


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs(), POLICIES, sizes())
def test_the_readings_agree(text: str, policy: Policy, values: dict[str, int]) -> None:
    model = load_text(text)
    try:
        found = disagreements(model, policy, values)
    except SpecError as error:
        if not {one.id for one in error.diagnostics} <= UNSOLVED:
            raise
        event("no closed form")
        return
    assert not found, "\n".join(found)
