"""Cases with axes of size 1, where PyTorch sees instead of copying: the small models on one row, and with one head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import reference_transformers as ref
from cases import Case, Inputs, Settings
from cases_caches import small_caches
from cases_text import Builder, small_text, text_case
from cases_vision import drawn_vision

GPT2: Settings = {"layers": 2, "d": 12, "vocab": 40, "context": 16}
LLAMA: Settings = {"layers": 2, "d": 24, "hidden": 20, "vocab": 40}


def single() -> Iterator[Case]:
    """Every small model of texts and every small vision transformer on one row, then models with one head."""
    for case in (*small_text(), *small_caches(), *drawn_vision()):
        if case.source == "transformers" or case.model == "vit_b_16":
            yield _first_row(case)
    for attention in ("eager", "sdpa"):
        for batch, length in ((3, 7), (2, 1), (1, 6), (1, 1)):
            for heads, kv_heads in ((1, 1), (3, 1), (3, 3)):
                heads_only: list[tuple[str, Builder, Settings]] = [
                    ("gpt2", ref.build_gpt2, {**GPT2, "heads": heads, "dropout": 0.1}),
                    ("llama3_8b", ref.build_llama, {**LLAMA, "heads": heads, "kv_heads": kv_heads}),
                ]
                for model, build, settings in heads_only[kv_heads == heads and heads > 1 :]:
                    yield text_case(model, build, attention, batch, (length,), **settings)


def _first_row(case: Case) -> Case:
    def inputs(device: str) -> Inputs:
        return {name: tensor[:1] for name, tensor in case.inputs(device).items()}

    return replace(case, inputs=inputs, axes={**case.axes, "B": 1}, caches=())
