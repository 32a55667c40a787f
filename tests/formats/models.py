"""Models of the zoo as formats see them: the elaborated program, and numbers for its symbols."""

from __future__ import annotations

from typing import Any

import archspec
from archspec.algebra import evaluate
from archspec.elaborate.program import Program
from archspec.formats import find, weights
from archspec.policy import Policy

FP32, BF16 = Policy(), Policy(precision="bf16")

SMALL = {
    "gpt2": {"d": 32, "heads": 4, "layers": 12, "vocab": 100, "context": 64},
    "llama2_7b": {"d": 32, "hidden": 48, "heads": 4, "kv_heads": 2, "layers": 3, "vocab": 100},
    "mixtral_8x7b": {
        "d": 32, "hidden": 48, "heads": 4, "kv_heads": 2, "head_dim": 8, "layers": 2, "vocab": 100, "experts": 11,
    },
    "bert_base": {"d": 32, "heads": 4, "layers": 2, "vocab": 100, "context": 64},
    "t5_small": {"d": 32, "heads": 2, "layers": 2, "vocab": 50},
    "resnet18": {"width": 8},
}  # fmt: skip
"""Settings at which a model can be built in a moment."""


def program(name: str, policy: Policy = FP32, **given: Any) -> tuple[Program, dict[str, int]]:
    """A model of the zoo, and its numbers."""
    model = archspec.load(name)
    derivation = model.derive(policy, given)
    return derivation.program, model.values(derivation, given)


def data(name: str, format: str, policy: Policy = BF16, **given: Any) -> int:
    """Bytes of the tensors of a file."""
    elaborated, values = program(name, policy, **given)
    return evaluate(weights(elaborated, policy, find(format), values).data(), values)
