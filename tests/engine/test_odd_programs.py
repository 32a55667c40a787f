"""Small odd programs: formulas, walks with numbers and brute force agree."""

from __future__ import annotations

import pytest
from odd_programs import PROGRAMS, Odd
from oracle import disagreements

from archspec.loading import load_text
from archspec.policy import Policy

POLICIES = {
    "training in fp32 on cuda": Policy(),
    "eager training under autocast on cpu": Policy(precision="mixed-bf16", backend="cpu", attention="eager"),
    "bf16 with a gradient for the inputs": Policy(precision="bf16", inputs_grad=True),
    "evaluation": Policy(mode="eval"),
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
@pytest.mark.parametrize("program", PROGRAMS, ids=[program.name for program in PROGRAMS])
def test_the_readings_agree(program: Odd, policy: Policy) -> None:
    model = load_text(program.text)
    found = [
        f"{given}: {one}" for given in program.settings() for one in disagreements(model, policy, given, program.named)
    ]
    assert not found, "\n".join(found)
