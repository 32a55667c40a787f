"""Small odd programs: formulas, walks with numbers and brute force agree."""

from __future__ import annotations

import pytest
from odd_programs import PROGRAMS, Odd
from oracle import disagreements

from archspec.loading import load_text
from archspec.policy import Policy

POLICIES = (
    Policy(),
    Policy(precision="mixed-bf16", backend="cpu", attention="eager"),
    Policy(precision="bf16", inputs_grad=True),
    Policy(mode="eval"),
)


def _case(program: Odd) -> object:
    return pytest.param(program, id=program.name)


@pytest.mark.parametrize("program", [_case(program) for program in PROGRAMS])
def test_the_readings_agree(program: Odd) -> None:
    """Every size under two of the policies, in turn."""
    model = load_text(program.text)
    found: list[str] = []
    for number, given in enumerate(program.settings()):
        for policy in (POLICIES[number % 4], POLICIES[(number + 1) % 4]):
            found += [f"{policy} {given}: {one}" for one in disagreements(model, policy, given, program.named)]
    assert not found, "\n".join(found)
