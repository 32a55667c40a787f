"""What is said where a plan and a model do not go together."""

from __future__ import annotations

from typing import Any

import pytest

import archspec

PARTS = """
model M(d = 8, n = 4) {
  x[B, d] -> y[B, d]
  h = x
  repeat n as h {
    h = h + (h -> Linear(d) as up)
    shard columns up
  }
  y = h
}
"""
PAIR = """
model M(d = 9, n: dim) {
  x[B, d] -> y[B, n]
  y = x -> Linear(d) as up -> Linear(n) as down
  shard columns up
  shard rows down
}
"""
SENTENCES: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "needs-optimizer": (PAIR, "memory.training", {"B": 1}, "is known only for a model that is trained"),
    "shard-mismatch": (PARTS, "activations.saved", {"B": 1, "shard": "tensor = 2"}, "is cut over the devices where"),
    "require-failed": (PAIR, "memory.weights", {"B": 1, "n": 4, "shard": "tensor = 2"}, "must divide evenly"),
    "file-needs-numbers": (PAIR, "file.safetensors", {}, "there is no value for `n`"),
    "not-a-recipe": (PAIR, "file.gguf", {"n": 4, "weights": "nf4"}, "`nf4` is none"),
    "unknown-value": (PAIR, "memory.training", {"train": "adamv"}, "`optimizer` cannot be `adamv`"),
    "wrong-plan-value": (PAIR, "memory.weights", {"shard": "data = 0"}, "it must be a positive integer"),
}


@pytest.mark.parametrize("kind", SENTENCES)
def test_sentences(kind: str) -> None:
    spec, quantity, choices, sentence = SENTENCES[kind]
    with pytest.raises(archspec.SpecError) as raised:
        assert archspec.load_text(spec).size(**choices)[quantity]
    assert kind in {one.id for one in raised.value.diagnostics}
    assert sentence in str(raised.value)


def test_a_plan_of_a_model_of_the_zoo() -> None:
    with pytest.raises(archspec.SpecError, match="a model of the zoo has no plan `pod`"):
        archspec.load("gpt2", plan="pod")


def test_a_file_of_plans_means_the_model_that_they_are_for(tmp_path: Any) -> None:
    file = tmp_path / "pods.arch"
    file.write_text("plan pod for gpt2 { optimizer sgd freeze wte, wpe }", encoding="utf-8")
    model = archspec.load(str(file), plan="pod")
    assert model.name == "gpt2"
    assert model.size()["memory.optimizer"] == 0
    assert model.size(train="adamw")["memory.optimizer"] == 8 * 85_056_000 + 4 * 146
