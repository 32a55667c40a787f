"""An ensemble of any layer: what one member has and keeps, n times, and what PyTorch keeps for as many modules."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from archspec.loading import load_text
from archspec.testing import assert_matches

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402  # after torch is known to be there

SPEC = """
layer Member(hidden, classes) {
  x[B, d] -> y[B, classes]
  y = x -> Linear(hidden) as hidden -> ReLU -> Linear(classes) as out
}

model One(d = 12, hidden = 7, classes = 3) {
  x[B, d] -> y[B, classes]
  y = x -> Member(hidden, classes) as member
}

model Many(n = 4, d = 12, hidden = 7, classes = 3) {
  x[B, d] -> y[B, classes]
  y = x -> Ensemble(n, Member(hidden, classes)) as ensemble
}
"""


class Member(nn.Module):
    def __init__(self, d: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.hidden, self.relu, self.out = nn.Linear(d, hidden), nn.ReLU(), nn.Linear(hidden, classes)

    def forward(self, x: Any) -> Any:
        return self.out(self.relu(self.hidden(x)))


class Turn(nn.Module):
    def __init__(self, member: nn.Module) -> None:
        super().__init__()
        self.member = member


class Ensemble(nn.Module):
    def __init__(self, n: int, d: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.members = nn.ModuleList(Turn(Member(d, hidden, classes)) for _ in range(n))

    def forward(self, x: Any) -> Any:
        total = self.members[0].member(x)
        for turn in list(self.members)[1:]:
            total = total + turn.member(x)
        return total / len(self.members)


class Many(nn.Module):
    def __init__(self, n: int, d: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.ensemble = Ensemble(n, d, hidden, classes)

    def forward(self, x: Any) -> Any:
        return self.ensemble(x)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_against_a_list_of_modules(n: int) -> None:
    sizes = {"d": 12, "hidden": 7, "classes": 3}
    assert_matches(load_text(SPEC, "Many"), Many(n, **sizes), torch.zeros(6, 12), n=n, B=6, **sizes)


@pytest.mark.parametrize("quantity", ["params", "activations.saved", "flops.forward", "flops.backward"])
def test_everything_is_there_n_times(quantity: str) -> None:
    from archspec.algebra import symbol

    one, many = load_text(SPEC, "One"), load_text(SPEC, "Many")
    assert many.expression(quantity) == one.expression(quantity) * symbol("n", 1)


def test_a_member_may_be_a_model_of_the_zoo() -> None:
    text = """
    model Sure(n = 3) {
      tokens[B, S]: int64 -> logits[B, S, vocab]
      logits = tokens -> Ensemble(n, GPT2(layers = 2)) as ensemble
    }
    """
    assert load_text(text).size()["params"] == 3 * archspec.load("gpt2").size(layers=2)["params"]


def test_ensembles_of_ensembles() -> None:
    text = SPEC + "model Most(n = 4, m = 5) { x[B, 2] -> y[B, 3]\n y = x -> Ensemble(n, Ensemble(m, Member(7, 3))) }"
    assert load_text(text, "Most").size()["params"] == 4 * 5 * (2 * 7 + 7 + 7 * 3 + 3)


def test_the_peak_holds_one_member_and_the_sum() -> None:
    peaks = {n: load_text(SPEC, "Many").size(n=n, B=64)["activations.peak"] for n in (3, 4, 50)}
    assert len(set(peaks.values())) == 1
    # The input, both layers of a member in turn, and the sum so far: 64 rows of float32.
    assert peaks[3] == 4 * 64 * (12 + 7 + 7 + 3)
