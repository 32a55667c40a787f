"""Layers that take layers, exported: a class for each use, which computes, holds and keeps what the spec says."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

import exported as ex  # noqa: E402  # imports torch

import archspec  # noqa: E402
from archspec.errors.diagnostic import SpecError  # noqa: E402
from archspec.export import export  # noqa: E402
from archspec.loading import load_text  # noqa: E402
from archspec.policy import Policy  # noqa: E402
from archspec.testing import assert_matches  # noqa: E402
from archspec.verify.trials import verify  # noqa: E402

LAYERS = """
layer Residual(inner: layer, times = 2, norm: layer = LayerNorm(eps = 0.001)) {
  x[*s] -> y[*s]
  repeat times as steps { x = x + (x -> norm as norm -> inner as inner) }
  y = x
}

layer Wide(times, act: layer) {
  x[B, d] -> y[B, d]
  y = x -> Linear(times*d) as up -> act -> Linear(d) as down
}

layer Wider(m: layer, w) {
  x[*s] -> y[*t]
  y = x -> m(w) as more
}

layer Through(m: layer, n) {
  x[*s] -> y[*t]
  y = x -> Ensemble(n, m) as all
}

layer Plain(act) {
  x[*] -> y[*]
  y = x -> act
}

layer Best(n, member: layer) {
  x[*s] -> y[*t]
  first = x
  best = x
  repeat n as members at i {
    a = x -> member as member -> Tanh
    if i == 0 {
      best = a
      first = 2*a
    } else {
      best = best*a + i
      first = first - a
    }
  }
  y = best + first
}
"""
MODELS = {
    "layers with parameters of the same names, and defaults": """
model M(d = 6, times = 3, n = 4) {
  x[B, d] -> y[B, d]
  y = x -> Residual(Wide(times, GELU), n, norm = RMSNorm) -> Residual(Wide(act = ReLU, times = 5))
      -> Residual(Linear(d, bias = false), 1)
}""",
    "a layer in a layer in a layer": """
model M(d = 6, n = 4, m = 3, w = 7) {
  x[B, d] -> y[B, w]
  y = x -> Ensemble(n, Ensemble(m, Wide(2, ReLU))) as deep -> Through(Linear(w), n)
}""",
    "arguments in the block, and parameters without a kind": """
model M(d = 6, w = 7) {
  x[B, d] -> y[B, w]
  y = x -> Wider(Linear, w) as a -> Wider(Linear(bias = false), w) as b -> Plain(Tanh) -> Plain(Softplus)
}""",
    "images, whose channels a star stands for": """
model M(channels = 6, out = 7) {
  x[B, channels, H, W] -> y[B, out, H, W]
  y = x -> Ensemble(3, Conv2d(out, 3, padding = 1)) as e -> Residual(Conv2d(out, 3, padding = 1), norm = GroupNorm(1))
}""",
    "a model of the zoo": """
model M(n = 3, v = 20) {
  tokens[B, S]: int64 -> logits[B, S, v]
  logits = tokens -> Ensemble(n, GPT2(vocab = v, d = 12, heads = 3, layers = 2)) as ensemble
}""",
    "one that is called twice": """
model M(d = 6, n = 3) {
  x[B, d] -> y[B, d]
  net = Ensemble(n, Linear(d))
  y = x -> net -> net
}""",
    "turns that are joined in two ways": """
model M(d = 6, n = 3) {
  x[B, d] -> y[B, d]
  y = x -> Best(n, Linear(d)) as k
}""",
}  # fmt: skip


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_delta_is_0(model: str) -> None:
    outcome = verify(load_text(LAYERS + model, "M"), Policy(backend="cpu"), {}, trials=2)
    assert outcome.passed, outcome.comparisons
    rows = {row.quantity for one in outcome.comparisons for row in one.rows if row.traced is not None}
    assert {"params", "flops.forward", "flops.backward", "activations.saved[fp32]"} <= rows


OWN = """
layer Scorer(hidden, classes) {
  x[B, d] -> y[B, classes]
  y = x -> Linear(hidden) as hidden -> ReLU -> Linear(classes) as out
}

layer Voting(of: layer, count) {
  x[B, d] -> y[B, k]
  votes = x
  repeat count as voters at i {
    vote = x -> of as voter
    if i == 0 { votes = vote } else { votes = votes + vote }
  }
  y = votes
}

model Sure(d = 12, voters = 4, hidden = 7, classes = 3) {
  x[B, d] -> y[B, classes]
  y = x -> Voting(Scorer(hidden, classes), voters) as voting
}
"""


def test_a_file_of_ones_own() -> None:
    model = load_text(OWN, "Sure")
    settings: dict[str, Any] = {"d": 5, "voters": 3, "hidden": 6, "classes": 2}
    module = ex.load_source(export(model, "torch"))["Sure"](**settings)
    x = torch.randn(4, 5)
    votes = [module.voting.voters[number].voter(x) for number in range(3)]
    torch.testing.assert_close(module(x), votes[0] + votes[1] + votes[2])
    assert "voting.voters.2.voter.hidden.weight" in module.state_dict()
    assert_matches(model, module, x, B=4, **settings)


def test_the_ensemble_of_the_zoo_is_the_mean_of_its_members() -> None:
    settings = {"members": 3, "inputs": 7, "widths": [5, 4], "classes": 6}
    model = archspec.load("deep_ensemble")
    module = ex.build(model, settings, "cpu").eval()
    x = torch.randn(8, 7)
    members = [turn.member(x) for turn in module.ensemble.members]  # type: ignore[union-attr]  # a list of modules
    torch.testing.assert_close(module(x), torch.stack(members).mean(0))
    derived = ex.derived_tensors(model, settings, {"B": 8})
    assert ex.by_path(ex.held(module), set(derived)) == derived


def test_each_use_has_a_class_and_equal_ones_share_it() -> None:
    text = """
    model M(d = 4) {
      x[B, d] -> y[B, d]
      y = x -> Ensemble(2, Linear(d)) as a -> Ensemble(3, Linear(d)) as b -> Ensemble(3, Linear(d, false)) as c
    }
    """
    source = export(load_text(text), "torch")
    assert source.count("class EnsembleOfLinear(nn.Module)") == 1
    assert source.count("class EnsembleOfLinear2(nn.Module)") == 1
    assert "def __init__(self, features: int, n: int, out: int, bias: bool) -> None:" in source


REFUSED = {
    "a choice": "y = x -> Ensemble(3, Linear(d) if k else Tanh) as a",
    "a list": "y = x -> Sequential([Linear(d), Tanh])",
    "one made before": "once = Linear(d)\n  y = x -> Plain(once)",
}


@pytest.mark.parametrize("line", REFUSED.values(), ids=REFUSED)
def test_what_names_no_layer_is_refused(line: str) -> None:
    model = load_text(f"{LAYERS}\nmodel M(d = 4, k = true) {{\n  x[B, d] -> y[B, d]\n  {line}\n}}", "M")
    with pytest.raises(SpecError, match="gets a layer from a list or a choice, or one made before") as caught:
        export(model, "torch")
    only = caught.value.diagnostics[0]
    assert only.id == "export-template"
    assert only.place is not None
    assert only.fix == "name the layer where it is used: one call for each"
