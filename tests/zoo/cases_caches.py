"""Cases of models with windows, latent vectors and states: Gemma 2, gpt-oss, DeepSeek-V3, Mamba."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import reference_caches as ref
import reference_transformers as transformers
from cases import Case, Inputs, Settings

Builder = Callable[..., ref.Build]

MIXTURES = (ref.build_gpt_oss, ref.build_deepseek)
WINDOWS = (ref.build_gemma2, ref.build_gpt_oss)

PUBLISHED: list[tuple[str, Builder, Settings]] = [
    ("gemma2_2b", ref.build_gemma2, {}),
    ("gemma2_9b", ref.build_gemma2, {"d": 3584, "hidden": 14336, "layers": 42, "heads": 16, "kv_heads": 8}),
    (
        "gemma2_27b",
        ref.build_gemma2,
        {"d": 4608, "hidden": 36864, "layers": 46, "heads": 32, "kv_heads": 16, "head_dim": 128},
    ),
    ("gpt_oss_20b", ref.build_gpt_oss, {"layers": 24, "experts": 32}),
    ("gpt_oss_120b", ref.build_gpt_oss, {}),
    ("deepseek_v3", ref.build_deepseek, {}),
    ("mamba_130m", ref.build_mamba, {}),
    ("mamba_370m", ref.build_mamba, {"d": 1024, "layers": 48}),
    ("mamba_790m", ref.build_mamba, {"d": 1536, "layers": 48}),
    ("mamba_1_4b", ref.build_mamba, {"d": 2048, "layers": 48}),
    ("mamba_2_8b", ref.build_mamba, {"d": 2560, "layers": 64}),
]


def published_caches() -> Iterator[Case]:
    """Every published model, for 20 tokens, without weights."""
    for model, build, arguments in PUBLISHED:
        yield _case(model, build, _attention(build), 2, 20, arguments, "no")


def small_caches() -> Iterator[Case]:
    """Small models of drawn sizes. Caps and sinks are not in PyTorch's fused attention: those run eager."""
    draw = random.Random(11)
    for _ in range(3):
        decoder = _decoder(draw)
        mixture: Settings = {**decoder, "experts": draw.randint(3, 7), "active": draw.randint(1, 3)}
        yield _drawn(draw, "gemma2_9b", ref.build_gemma2, decoder)
        yield _drawn(draw, "gpt_oss_20b", ref.build_gpt_oss, mixture)
        yield _drawn(draw, "mamba_130m", ref.build_mamba, _recurrent(draw))
    for attention in ("eager", "sdpa"):
        for _ in range(2):
            yield _drawn(draw, "deepseek_v3", ref.build_deepseek, _latent(draw), attention)


def _decoder(draw: random.Random) -> Settings:
    kv_heads = draw.randint(1, 3)
    heads = kv_heads * draw.randint(1, 3)
    return {
        "layers": 2 * draw.randint(1, 2),
        "d": heads * draw.randint(4, 10),
        "hidden": draw.randint(5, 60),
        "heads": heads,
        "kv_heads": kv_heads,
        "head_dim": 2 * draw.randint(2, 9),
        "vocab": draw.randint(20, 90),
        "window": draw.randint(3, 12),
    }


def _recurrent(draw: random.Random) -> Settings:
    return {
        "layers": draw.randint(1, 3),
        "d": draw.randint(8, 40),
        "state": draw.randint(2, 9),
        "kernel": draw.randint(2, 5),
        "expand": draw.randint(1, 3),
        "vocab": draw.randint(20, 90),
    }


def _latent(draw: random.Random) -> Settings:
    dense, groups = draw.randint(1, 2), draw.randint(1, 3)
    nope_dim, rope_dim = draw.randint(3, 9), 2 * draw.randint(1, 4)
    return {
        "layers": dense + draw.randint(1, 2),
        "dense": dense,
        "d": draw.randint(10, 40),
        "hidden": draw.randint(5, 60),
        "heads": draw.randint(2, 4),
        "q_rank": draw.randint(4, 20),
        "kv_rank": draw.randint(4, 20),
        "nope_dim": nope_dim,
        "rope_dim": rope_dim,
        "v_dim": nope_dim + draw.choice([0, rope_dim + 1]),
        "experts": groups * draw.randint(2, 3),
        "groups": groups,
        "best_groups": draw.randint(1, groups),
        "active": draw.randint(1, 2),
        "shared": draw.randint(1, 2),
        "expert_hidden": draw.randint(5, 30),
        "vocab": draw.randint(20, 90),
    }


def _drawn(draw: random.Random, model: str, build: Builder, settings: Settings, attention: str | None = None) -> Case:
    size = draw.randint(2, 4), draw.randint(2, 24)
    return _case(model, build, attention or _attention(build), *size, {}, "real", settings)


def _attention(build: Builder) -> str:
    return "eager" if build in WINDOWS else "sdpa"


def _case(
    model: str,
    build: Builder,
    attention: str,
    batch: int,
    length: int,
    published: Settings,
    saved: str,
    settings: Settings | None = None,
) -> Case:
    def inputs(device: str) -> Inputs:
        if device != "meta":
            return transformers.tokens(batch, length)
        ready = transformers.tokens_on_meta(batch, length)
        return ready if build is not ref.build_mamba else {"input_ids": ready["input_ids"]}

    arguments = {**published, **(settings or {})}
    if build is not ref.build_mamba:
        arguments["attention"] = attention
    # On `meta` a mixture must not look at which expert a token goes to.
    counted = build(**arguments, kernel="batched_mm") if build in MIXTURES else None
    return Case(
        model,
        settings or {},
        {"B": batch, "S": length},
        "transformers",
        build(**arguments),
        inputs,
        transformers.forward,
        attention,
        saved,
        counted,
        ref.cached_bytes,
        ("full", "window") if build in WINDOWS else ("full",),
    )
