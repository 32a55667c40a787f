"""Questions drawn over the zoo: a model, its other sizes, what is asked for, and a budget that some value fits in."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

import archspec
from archspec.model import Model

COUNT = 50
_TOKENS = {"B": (1, 16), "S": (32, 512)}
_PICTURES = {"B": (1, 16), "H": (33, 260), "W": (33, 260)}
_MODELS: dict[str, tuple[dict[str, tuple[int, int]], tuple[str, ...]]] = {
    "gpt2": (_TOKENS, ("B", "S", "layers", "d", "vocab", "context")),
    "gpt2_medium": (_TOKENS, ("B", "S", "layers", "d")),
    "qwen2_5_0_5b": (_TOKENS, ("B", "S", "layers", "hidden", "d")),
    "llama3_8b": (_TOKENS, ("B", "S", "layers", "hidden", "kv_heads")),
    "bert_base": (_TOKENS, ("B", "S", "layers", "d")),
    "resnet18": (_PICTURES, ("B", "H", "W", "width", "classes", "depths[1]")),
    "alexnet": ({"B": (1, 16), "H": (63, 260), "W": (63, 260)}, ("B", "H", "classes")),
    "mlp": ({"B": (1, 64)}, ("B", "inputs", "outputs", "widths[0]")),
}
_PLANS: dict[str, tuple[tuple[str, str], ...]] = {
    "gpt2": (
        ("checkpoint", "Block"),
        ("lora", "rank = 8 on c_attn"),
        ("freeze", "wte.*"),
        ("shard", "data = 4 zero = 1"),
        ("shard", "data = 4 zero = 3"),
    ),
    "qwen2_5_0_5b": (
        ("shard", "tensor = 2 sequence"),
        ("shard", "data = 8 zero = 2"),
        ("shard", "pipeline = 4"),
        ("lora", "rank = 4 on q_proj, v_proj"),
    ),
}
"""Lines of plans, for training."""


@dataclass(frozen=True)
class Drawn:
    """A question. fitting: a value that the budget is enough for, which the answer is to be no smaller than."""

    model: str
    unknown: str
    given: tuple[tuple[str, int], ...]
    policy: tuple[tuple[str, str], ...]
    budget: int
    fitting: int

    @property
    def choices(self) -> dict[str, Any]:
        """All keywords but the unknown."""
        return {**dict(self.given), **dict(self.policy)}

    @property
    def quantity(self) -> str:
        """What the budget is for."""
        return "memory.training" if "train" in self.choices else "memory.inference"

    def needs(self, value: int) -> int:
        """What the report says of a value. Raises `SpecError` where the model cannot have it."""
        size = loaded(self.model).size(**self.choices, **{self.unknown: value})[self.quantity]
        assert size is not None
        return size

    def __str__(self) -> str:
        return f"{self.model}-{self.unknown}-{'-'.join(value for _, value in self.policy)}"


@cache
def loaded(name: str) -> Model:
    """A model, elaborated once for all questions."""
    return archspec.load(name)


def drawn(seed: int) -> Drawn:
    """The question of a seed."""
    chance = random.Random(seed)
    name = list(_MODELS)[seed % len(_MODELS)]
    ranges, unknowns = _MODELS[name]
    unknown = chance.choice(unknowns)
    given = tuple((one, chance.randint(*span)) for one, span in ranges.items() if one != unknown)
    policy = [("precision", chance.choice(("fp32", "bf16", "mixed-bf16")))]
    if chance.random() < 0.5:
        policy.append(("train", chance.choice(("sgd", "adamw"))))
        if name in _PLANS and chance.random() < 0.5:
            policy.append(chance.choice(_PLANS[name]))
    if chance.random() < 0.2:
        policy.append(("attention", "eager"))
    question = Drawn(name, unknown, given, tuple(policy), 1, 1)
    for _ in range(40):
        fitting = _some_value(chance, name, unknown)
        try:
            needs = question.needs(fitting)
        except archspec.SpecError:
            continue
        return Drawn(name, unknown, given, tuple(policy), needs + chance.randint(0, needs // 50), fitting)
    raise AssertionError(f"nothing can be asked of {name} for {unknown}")


def _some_value(chance: random.Random, name: str, unknown: str) -> int:
    """A value near the default, or a plausible one where there is none."""
    default = loaded(name).symbols.get(unknown)
    if default is None:
        return chance.randint(1, 300)
    if unknown == "d":
        return default * chance.randint(1, 3)
    return chance.randint(max(default // 2, 1), 2 * default)
