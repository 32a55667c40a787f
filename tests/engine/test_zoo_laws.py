"""The zoo at random small sizes: formulas, walks with numbers and brute force agree; and the cost of deriving a model
does not hang on how deep it is."""

from __future__ import annotations

import random

import pytest
from drawn import draw_values
from oracle import disagreements

import archspec
from archspec.elaborate.entry import elaborate
from archspec.elaborate.frame import Frame
from archspec.elaborate.program import Fixed
from archspec.errors.diagnostic import Diagnostics
from archspec.ledger.build import build
from archspec.model import Model
from archspec.policy import Policy

MODELS = (
    "alexnet",
    "bert_base",
    "convnet_3_16",
    "deepseek_v3",
    "densenet121",
    "gemma2_9b",
    "gpt2",
    "gpt_oss_20b",
    "linear_regression",
    "llama3_8b",
    "lstm_lm",
    "mamba_130m",
    "mixtral_8x7b",
    "mlp",
    "mobilenet_v2",
    "qwen2_5_7b",
    "resnet18",
    "resnet50",
    "t5_small",
    "unet",
    "vgg11_bn",
    "vit_b_16",
)
POLICIES = {
    "default": Policy(),
    "eager autocast on cpu": Policy(precision="mixed-bf16", backend="cpu", attention="eager"),
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
@pytest.mark.parametrize("name", MODELS)
def test_the_readings_agree(name: str, policy: Policy) -> None:
    model = archspec.load(name)
    for seed in range(2):
        given = draw_values(model, policy, random.Random(f"{name} {seed}"))
        assert not (found := disagreements(model, policy, given)), f"{given}: " + "\n".join(found)


@pytest.mark.parametrize(
    "name", ["gpt2", "llama3_8b", "bert_base", "t5_small", "vit_b_16", "mixtral_8x7b", "mamba_130m"]
)
def test_depth_costs_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten layers and ten thousand take the same steps, also where they are numbers from the start, and one derivation
    with symbols holds for both."""
    model = archspec.load(name)
    assert _cost(model, 10, monkeypatch) == _cost(model, 10_000, monkeypatch)
    assert model.derive(given={"layers": 10}) is model.derive(given={"layers": 10_000})


def _cost(model: Model, layers: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
    """Steps, operations and terms of a model whose number of layers is a number from the start."""
    steps: list[object] = []
    with monkeypatch.context() as patch:
        patch.setattr(Frame, "step", lambda _, node: steps.append(node))
        fixed = {"layers": Fixed("layers", layers, None)}
        policy = Policy(mode="eval")
        program = elaborate(model.definition, {"layers": layers}, model.defaults, policy, Diagnostics(), fixed)
    assert program is not None
    return len(steps), len(list(program.region.operations())), len(build(program, policy).terms)
