"""Published numbers on training memory: Megatron's activations and ZeRO's states, from specs alone."""

from __future__ import annotations

from typing import Any

import pytest
import sympy

import archspec

ARTICLE: dict[str, Any] = {"precision": "bf16", "attention": "eager"}  # 2-byte activations, 1-byte masks, on CUDA
s, b, h, a, n, t = (
    sympy.Symbol(name, integer=True, positive=True) for name in ("S", "B", "d", "heads", "layers", "tp")
)
SEQUENCE = "tensor = 8 sequence"

FORMULAS: dict[str, tuple[dict[str, Any], Any]] = {
    "one device": ({}, s * b * h * (34 + 5 * a * s / h)),
    "tensor parallel": ({"shard": "tensor = 8"}, s * b * h * (10 + 24 / t + 5 * a * s / (h * t))),
    "sequence parallel": ({"shard": SEQUENCE}, s * b * h / t * (34 + 5 * a * s / h)),
    "and selective": ({"shard": SEQUENCE, "checkpoint": "Attention"}, 34 * s * b * h / t),
    "full recomputation": ({"checkpoint": "Block"}, 2 * s * b * h),
}


@pytest.mark.parametrize("case", FORMULAS)
def test_activations_of_a_layer_as_a_formula(case: str) -> None:
    """Korthikanti et al. (2022), table 2; the statistics of the layer norms stand apart."""
    choices, wanted = FORMULAS[case]
    model = archspec.load("megatron_22b")
    whole = model.formula("activations.saved", path="layers", **ARTICLE, **choices)
    statistics = model.formula("activations.saved", path="layers", dtype="stat", **ARTICLE, **choices)
    plain = {one: sympy.Symbol(str(one), integer=True, positive=True) for one in whole.free_symbols}
    assert sympy.expand((whole - statistics).subs(plain) - n * wanted) == 0
    split = t if "shard" in choices and "sequence" in choices["shard"] else 1
    kept = 0 if case == "full recomputation" else 16 * s * b * n / split
    assert sympy.expand(sympy.sympify(statistics).subs(plain) - kept) == 0


TOTALS = {  # tensor, pipeline, interleaving, microbatch; GiB with tensor parallelism, then sequence and selective too
    "megatron_22b": (8, 1, 1, 4, 59.25, 9.5625),
    "megatron_175b": (8, 8, 3, 1, 66.84375, 12.3515625),
    "megatron_530b": (8, 35, 3, 1, 114.0234375, 23.076171875),
    "megatron_1t": (8, 64, 1, 1, 131.25, 26.5625),
}


@pytest.mark.parametrize("name", TOTALS)
def test_activations_of_the_first_stage(name: str) -> None:
    """The layers' part; the article leaves out the embedding, the loss and the statistics."""
    tensor, pipeline, pieces, batch, alone, selective = TOTALS[name]
    model = archspec.load(name)
    for options, checkpoint, wanted in (("", [], alone), (" sequence", ["Attention"], selective)):
        shard = f"tensor = {tensor}{options}, pipeline = {pipeline} interleave {pieces}"
        found = [
            model.expression(
                "activations.saved",
                path="layers",
                dtype=dtype,
                shard=shard,
                checkpoint=checkpoint,
                **ARTICLE,
                **_at(name, batch),
            )
            for dtype in (None, "stat")
        ]
        assert (found[0] - found[1]) == wanted * 2**30


def _at(name: str, batch: int) -> dict[str, int]:
    """Every symbol as a number: those of the variant, the mesh and the axes."""
    model = archspec.load(name)
    sizes = {one: value for one, value in model.symbols.items() if value is not None}
    tensor, pipeline, *_ = TOTALS[name]
    mesh = {"tp": tensor, **({"pp": pipeline} if pipeline > 1 else {})}
    return {**sizes, **mesh, "B": batch, "S": 2048}


SPEC = """
layer Weights(n) { x[*s] -> y[*s]  param weight[n]  view x }
model Large(n = 7_500_000_000) { x[B] -> y[B]  y = x -> Weights(n) }
"""


@pytest.mark.parametrize(("stage", "gigabytes"), [(0, 120.0), (1, 31.4), (2, 16.6), (3, 1.9)])
def test_states_that_copies_share(stage: int, gigabytes: float) -> None:
    """Rajbhandari et al. (2020), figure 1: 7.5 billion parameters on 64 devices, Adam, two-byte weights."""
    model = archspec.load_text(SPEC)
    report = model.size(B=1, precision="bf16-master", train="adam", shard=f"data = 64 zero = {stage}")
    held = [report[name] for name in ("memory.weights", "memory.gradients", "memory.optimizer")]
    assert round(sum(value or 0 for value in held) / 1e9, 1) == gigabytes
