"""Exported mixtures of experts: rows go where the router sends them, at the cost that the spec says."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

import exported as ex  # noqa: E402  # imports torch
from torch.nn import functional as F  # noqa: E402

import archspec  # noqa: E402
from archspec.export import export  # noqa: E402
from archspec.loading import load_text  # noqa: E402
from archspec.policy import Policy  # noqa: E402
from archspec.verify.trials import verify  # noqa: E402

SPEC = """
model M(d = 6, experts = 5, active = 2) {
  x[B, S, d] -> y[B, S, d]
  y = x -> MoE(experts, active, 7) as moe
}
"""
EVEN = """
model Even(d = 4, experts = 3) {
  rows[n, d] -> y[n, 2]
  y = rows -> Bank(experts, 1, Linear(2)) as experts
}
"""


@pytest.mark.parametrize("length", [1, 9], ids=["experts without rows", "all at work"])
def test_each_row_meets_its_experts(length: int) -> None:
    torch.manual_seed(0)
    module = ex.load_source(export(load_text(SPEC), "torch"))["M"]()
    x = torch.randn(1, length, 6)
    result = module(x)
    scores, chosen = F.softmax(module.moe.gate(x), -1).topk(2)
    for place in range(length):
        wanted = sum(
            score * module.moe.experts[int(expert)](x[0, place])
            for score, expert in zip(scores[0, place], chosen[0, place], strict=True)
        )
        torch.testing.assert_close(result[0, place], wanted)
    result.sum().backward()
    trained = {number for number, expert in enumerate(module.moe.experts) if expert.down_proj.weight.grad is not None}
    assert trained == set(chosen.flatten().tolist())


def test_without_choice_every_expert_gets_as_many() -> None:
    module = ex.load_source(export(load_text(EVEN), "torch"))["Even"]()
    rows = torch.randn(6, 4)
    wanted = torch.cat([expert(part) for expert, part in zip(module.experts, rows.chunk(3), strict=True)])
    torch.testing.assert_close(module(rows), wanted)


@pytest.mark.parametrize("name", ["mixtral_8x7b", "qwen3_30b_a3b"])
def test_costs(name: str) -> None:
    sizes = {"layers": 2, "d": 12, "hidden": 10, "vocab": 13, "heads": 4, "kv_heads": 2, "head_dim": 4, "B": 2, "S": 7}
    outcome = verify(archspec.load(name), Policy(), {**sizes, "experts": 5, "active": 3}, trials=1)
    assert outcome.passed
    rows = {row.quantity for one in outcome.comparisons for row in one.rows if row.traced is not None}
    assert {"flops.forward", "flops.backward", "activations.saved[fp32]", "activations.saved[bf16]"} <= rows
