"""Cases of Hugging Face's models: small ones measured whole, published ones counted without weights."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import reference_transformers as ref
from cases import Case, Inputs, Settings

Builder = Callable[..., ref.Build]

LARGE: Settings = {"d": 8192, "hidden": 28672, "layers": 80, "heads": 64, "kv_heads": 8}
QWEN: Settings = {"qkv_bias": True, "vocab": 152064}
QWEN_TIED: Settings = {"qkv_bias": True, "vocab": 151936, "tied": True, "kv_heads": 2}
QWEN_MOE: Settings = {"qk_norm": True, "vocab": 151936, "kv_heads": 4, "experts": 128, "active": 8}
ROBERTA: Settings = {"counted_positions": True, "vocab": 50265, "context": 514, "types": 1}

PUBLISHED: list[tuple[str, Builder, Settings]] = [
    ("gpt2", ref.build_gpt2, {}),
    ("gpt2_medium", ref.build_gpt2, {"d": 1024, "heads": 16, "layers": 24}),
    ("gpt2_large", ref.build_gpt2, {"d": 1280, "heads": 20, "layers": 36}),
    ("gpt2_xl", ref.build_gpt2, {"d": 1600, "heads": 25, "layers": 48}),
    ("gpt3", ref.build_gpt2, {"context": 2048, "d": 12288, "heads": 96, "layers": 96, "dropout": 0.0}),
    ("llama2_7b", ref.build_llama, {}),
    ("llama2_13b", ref.build_llama, {"d": 5120, "hidden": 13824, "layers": 40, "heads": 40}),
    ("llama2_70b", ref.build_llama, LARGE),
    ("llama3_8b", ref.build_llama, {"vocab": 128256, "hidden": 14336, "kv_heads": 8}),
    ("llama3_70b", ref.build_llama, {"vocab": 128256, **LARGE}),
    (
        "llama3_405b",
        ref.build_llama,
        {"vocab": 128256, "d": 16384, "hidden": 53248, "layers": 126, "heads": 128, "kv_heads": 8},
    ),
    ("mistral_7b", ref.build_llama, {"hidden": 14336, "kv_heads": 8}),
    ("qwen2_5_0_5b", ref.build_llama, {**QWEN_TIED, "d": 896, "hidden": 4864, "layers": 24, "heads": 14}),
    ("qwen2_5_1_5b", ref.build_llama, {**QWEN_TIED, "d": 1536, "hidden": 8960, "layers": 28, "heads": 12}),
    ("qwen2_5_3b", ref.build_llama, {**QWEN_TIED, "d": 2048, "hidden": 11008, "layers": 36, "heads": 16}),
    ("qwen2_5_7b", ref.build_llama, {**QWEN, "d": 3584, "hidden": 18944, "layers": 28, "heads": 28, "kv_heads": 4}),
    ("qwen2_5_14b", ref.build_llama, {**QWEN, "d": 5120, "hidden": 13824, "layers": 48, "heads": 40, "kv_heads": 8}),
    ("qwen2_5_32b", ref.build_llama, {**QWEN, "d": 5120, "hidden": 27648, "layers": 64, "heads": 40, "kv_heads": 8}),
    ("qwen2_5_72b", ref.build_llama, {**QWEN, "d": 8192, "hidden": 29568, "layers": 80, "heads": 64, "kv_heads": 8}),
    ("mixtral_8x7b", ref.build_mixtral, {}),
    ("mixtral_8x22b", ref.build_mixtral, {"vocab": 32768, "d": 6144, "hidden": 16384, "layers": 56, "heads": 48}),
    ("qwen3_30b_a3b", ref.build_mixtral, {**QWEN_MOE, "d": 2048, "hidden": 768, "layers": 48}),
    ("qwen3_235b_a22b", ref.build_mixtral, {**QWEN_MOE, "d": 4096, "hidden": 1536, "layers": 94, "heads": 64}),
    ("bert_base", ref.build_bert, {}),
    ("bert_large", ref.build_bert, {"d": 1024, "heads": 16, "layers": 24}),
    ("roberta_base", ref.build_bert, ROBERTA),
    ("roberta_large", ref.build_bert, {**ROBERTA, "d": 1024, "heads": 16, "layers": 24}),
    ("t5_small", ref.build_t5, {}),
    ("t5_base", ref.build_t5, {"d": 768, "hidden": 3072, "layers": 12, "heads": 12}),
    ("t5_large", ref.build_t5, {"d": 1024, "hidden": 4096, "layers": 24, "heads": 16}),
]

MEASURED_WHOLE = {"gpt2", "bert_base", "roberta_base", "t5_small"}
"""Small enough to run with weights; of the others only parameters, buffers and FLOPs are measured."""


def published_text() -> Iterator[Case]:
    """Every published model, for 40 tokens (24 in a decoder with its own sequence)."""
    for model, build, arguments in PUBLISHED:
        length = (40, 24) if build is ref.build_t5 else (40,)
        saved = "real" if model in MEASURED_WHOLE else "no"
        yield text_case(model, build, "sdpa", 2, length, arguments, saved)


def small_text() -> Iterator[Case]:
    """Small models, with both kinds of attention, with and without dropout."""
    draw = random.Random(7)
    gpt2: Settings = {"layers": 2, "d": 32, "heads": 4, "vocab": 100, "context": 64}
    other: Settings = {"layers": 3, "d": 30, "heads": 5, "vocab": 51, "context": 20, "hidden": 77, "tied": False}
    llama: Settings = {"layers": 2, "d": 32, "hidden": 48, "heads": 4, "kv_heads": 2, "vocab": 100}
    for attention in ("eager", "sdpa"):
        for batch, length in ((2, 16), (3, 9)):
            for dropout in (0.1, 0.0):
                yield text_case("gpt2", ref.build_gpt2, attention, batch, (length,), **gpt2, dropout=dropout)
            yield text_case("llama2_7b", ref.build_llama, attention, batch, (length,), **llama)
        yield text_case("gpt2", ref.build_gpt2, attention, 2, (7,), **other)
        for _ in range(3):
            yield from _drawn(draw, attention)


def _drawn(draw: random.Random, attention: str) -> Iterator[Case]:
    kv_heads, width = draw.randint(1, 3), 2 * draw.randint(2, 6)
    heads = kv_heads * draw.randint(1, 3)
    shape: Settings = {
        "layers": draw.randint(1, 4),
        "d": heads * width,
        "hidden": draw.randint(5, 60),
        "heads": heads,
        "vocab": draw.randint(20, 90),
    }
    decoder: Settings = {**shape, "kv_heads": kv_heads}
    mixture: Settings = {
        **decoder,
        "head_dim": 2 * draw.randint(2, 9),
        "experts": draw.randint(3, 7),
        "active": draw.randint(1, 3),
    }
    encoder: Settings = {
        **shape,
        "context": draw.randint(30, 50),
        "types": draw.randint(1, 3),
        "dropout": draw.choice([0.0, 0.1]),
    }
    both: Settings = {
        **shape,
        "d": draw.randint(8, 40),
        "head_dim": draw.randint(2, 9),
        "decoder_layers": draw.randint(1, 3),
        "buckets": 2 * draw.randint(4, 9),
    }

    def case(model: str, build: Builder, published: Settings, settings: Settings, sequences: int = 1) -> Case:
        lengths = tuple(draw.randint(2, 24) for _ in range(sequences))
        return text_case(model, build, attention, draw.randint(2, 4), lengths, published, **settings)

    yield case("llama3_8b", ref.build_llama, {}, decoder)
    yield case("qwen2_5_7b", ref.build_llama, {"qkv_bias": True}, {**decoder, "tied": draw.random() < 0.5})
    yield case("mixtral_8x7b", ref.build_mixtral, {}, mixture)
    yield case("qwen3_30b_a3b", ref.build_mixtral, {"qk_norm": True}, mixture)
    yield case("bert_base", ref.build_bert, {}, encoder)
    yield case("roberta_base", ref.build_bert, {"counted_positions": True}, encoder)
    for dropout in (0.1, 0.0):
        yield case("t5_small", ref.build_t5, {}, {**both, "dropout": dropout}, 2)


def text_case(
    model: str,
    build: Builder,
    attention: str,
    batch: int,
    lengths: tuple[int, ...],
    published: Settings | None = None,
    saved: str = "real",
    /,
    **settings: Any,
) -> Case:
    """A model at a batch and the lengths of its sequences."""

    def inputs(device: str) -> Inputs:
        return ref.tokens_on_meta(batch, *lengths) if device == "meta" else ref.tokens(batch, *lengths)

    axes = {"B": batch} | dict(zip(("S",) if len(lengths) == 1 else ("T", "S"), lengths, strict=True))
    arguments = {**(published or {}), **settings}
    # On `meta` a mixture must not look at which expert a token goes to.
    counted = build(attention, **arguments, kernel="batched_mm") if build is ref.build_mixtral else None
    return Case(
        model,
        settings,
        axes,
        "transformers",
        build(attention, **arguments),
        inputs,
        ref.forward,
        attention,
        saved,
        counted,
    )
