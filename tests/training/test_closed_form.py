"""The course of memory over a step, with loops as they stand and turn by turn: the same largest moments."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from archspec.algebra import evaluate
from archspec.choices import split_choices
from archspec.elaborate.entry import elaborate
from archspec.elaborate.program import Fixed, Program
from archspec.errors.diagnostic import Diagnostics
from archspec.ledger.build import build
from archspec.ledger.training import training
from archspec.model import Model
from archspec.policy import Policy

SIZES: dict[str, dict[str, Any]] = {
    "gpt2": {"layers": 5, "d": 32, "heads": 4, "vocab": 50, "context": 32, "B": 3, "S": 16},
    "llama2_7b": {"layers": 4, "d": 32, "hidden": 48, "heads": 4, "kv_heads": 2, "vocab": 40, "B": 2, "S": 12},
    "bert_base": {"layers": 4, "d": 32, "hidden": 64, "heads": 4, "vocab": 40, "context": 32, "B": 2, "S": 8},
    "mixtral_8x7b": {"layers": 4, "d": 16, "hidden": 24, "heads": 4, "kv_heads": 2, "vocab": 40, "B": 2, "S": 8},
    "resnet50": {"depths": [3, 4, 5, 3], "width": 8, "group_width": 8, "classes": 5, "B": 2, "H": 64, "W": 64},
    "unet": {"widths": [4, 8, 16], "classes": 3, "B": 2, "H": 32, "W": 32},
    "vit_b_16": {"image": 32, "patch": 8, "d": 32, "heads": 4, "layers": 4, "hidden": 64, "classes": 5, "B": 2},
}
PLANS: dict[str, dict[str, Any]] = {
    "plain": {"train": "adamw", "precision": "fp32"},
    "autocast on cpu, eager": {"train": "sgd", "precision": "mixed-bf16", "backend": "cpu", "attention": "eager"},
    "accumulated, one by one": {"train": "adadelta", "accumulate": 2, "step": "for-loop"},
}
MORE: dict[str, dict[str, Any]] = {
    "gpt2": {"checkpoint": "Block"},
    "llama2_7b": {"lora": "rank = 3 on q_proj, down_proj"},
    "bert_base": {"checkpoint": "Attention*"},
    "vit_b_16": {"freeze": ["conv_proj", "encoder.layers.*"]},
}


def _largest(program: Program, policy: Policy, values: dict[str, int]) -> dict[str, int]:
    found = training(program, build(program, policy), policy, policy.bits)
    largest: dict[str, int] = {}
    for point in found.points:
        largest[point.phase] = max(largest.get(point.phase, 0), evaluate(point.size, values))
    return largest


def _turn_by_turn(model: Model, policy: Policy, given: dict[str, Any], values: dict[str, int]) -> Program:
    fixed = {name: Fixed(name, value, None) for name, value in values.items()}
    program = elaborate(model.definition, given, model.defaults, policy, Diagnostics(), fixed=fixed, unrolled=True)
    assert program is not None
    return program


CASES = [(model, plan, choices) for model in SIZES for plan, choices in PLANS.items()]
CASES += [(model, "its own", {"train": "adamw", **choices}) for model, choices in MORE.items()]


@pytest.mark.parametrize(("name", "plan", "choices"), CASES, ids=lambda one: one if isinstance(one, str) else "")
def test_loops_say_what_their_turns_say(name: str, plan: str, choices: dict[str, Any]) -> None:
    model = archspec.load(name)
    policy, given = split_choices({**SIZES[name], **choices})
    derivation = model.derive(policy, given)
    values = model.values(derivation, given)
    closed = _largest(derivation.program, policy, values)
    turns = _largest(_turn_by_turn(model, policy, given, values), policy, values)
    assert closed == turns
