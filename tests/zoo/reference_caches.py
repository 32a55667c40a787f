"""Hugging Face's Gemma 2, gpt-oss, DeepSeek-V3 and Mamba, built from configurations. Shares no code with archspec."""

from __future__ import annotations

import torchvision_operators  # noqa: F401  # isort: skip  # before whatever imports torchvision

from collections.abc import Callable, Iterable, Iterator

import torch
import transformers
from torch import nn
from transformers import (
    DeepseekV3Config,
    DeepseekV3ForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    GptOssConfig,
    GptOssForCausalLM,
    MambaConfig,
    MambaForCausalLM,
)

transformers.logging.set_verbosity_error()

Build = Callable[[], nn.Module]
Inputs = dict[str, torch.Tensor]


def build_gemma2(
    attention: str,
    vocab: int = 256000,
    d: int = 2304,
    hidden: int = 9216,
    layers: int = 26,
    heads: int = 8,
    kv_heads: int = 4,
    head_dim: int = 256,
    window: int = 4096,
) -> Build:
    """Gemma 2."""
    config = Gemma2Config(
        vocab_size=vocab,
        hidden_size=d,
        intermediate_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        head_dim=head_dim,
        sliding_window=window,
        attn_implementation=attention,
        use_cache=False,
    )
    return lambda: Gemma2ForCausalLM(config)


def build_gpt_oss(
    attention: str,
    vocab: int = 201088,
    d: int = 2880,
    hidden: int = 2880,
    layers: int = 36,
    heads: int = 64,
    kv_heads: int = 8,
    head_dim: int = 64,
    experts: int = 128,
    active: int = 4,
    window: int = 128,
    kernel: str = "eager",
) -> Build:
    """A gpt-oss. `kernel`: how the experts are computed."""
    config = GptOssConfig(
        vocab_size=vocab,
        hidden_size=d,
        intermediate_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        head_dim=head_dim,
        num_local_experts=experts,
        num_experts_per_tok=active,
        sliding_window=window,
        attn_implementation=attention,
        experts_implementation=kernel,
        use_cache=False,
    )
    return lambda: GptOssForCausalLM(config)


def build_deepseek(
    attention: str,
    vocab: int = 129280,
    d: int = 7168,
    hidden: int = 18432,
    layers: int = 61,
    dense: int = 3,
    heads: int = 128,
    q_rank: int = 1536,
    kv_rank: int = 512,
    nope_dim: int = 128,
    rope_dim: int = 64,
    v_dim: int = 128,
    experts: int = 256,
    active: int = 8,
    shared: int = 1,
    expert_hidden: int = 2048,
    groups: int = 8,
    best_groups: int = 4,
    kernel: str = "eager",
) -> Build:
    """DeepSeek-V3. `kernel`: how the experts are computed."""
    config = DeepseekV3Config(
        vocab_size=vocab,
        hidden_size=d,
        intermediate_size=hidden,
        moe_intermediate_size=expert_hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        n_shared_experts=shared,
        n_routed_experts=experts,
        kv_lora_rank=kv_rank,
        q_lora_rank=q_rank,
        qk_rope_head_dim=rope_dim,
        v_head_dim=v_dim,
        qk_nope_head_dim=nope_dim,
        n_group=groups,
        topk_group=best_groups,
        num_experts_per_tok=active,
        first_k_dense_replace=dense,
        attn_implementation=attention,
        experts_implementation=kernel,
        use_cache=False,
    )
    return lambda: DeepseekV3ForCausalLM(config)


def build_mamba(
    vocab: int = 50280,
    d: int = 768,
    layers: int = 24,
    state: int = 16,
    kernel: int = 4,
    expand: int = 2,
    rank: int | None = None,
) -> Build:
    """Mamba, which on a CPU walks over the sequence in a loop."""
    config = MambaConfig(
        vocab_size=vocab,
        hidden_size=d,
        num_hidden_layers=layers,
        state_size=state,
        conv_kernel=kernel,
        expand=expand,
        time_step_rank=rank if rank is not None else -(-d // 16),
        use_cache=False,
    )
    return lambda: MambaForCausalLM(config)


def cached_bytes(model: nn.Module, inputs: Inputs, policy: str) -> int:
    """Bytes that are kept for the next token, under archspec's name of a policy.

    `full`: each layer holds what it has seen. `window`: buffers of a fixed size for as many tokens as there are, in
    which a layer with a window has no more places than that.
    """
    length = inputs["input_ids"].shape[1]
    cache: transformers.Cache = transformers.DynamicCache()
    if policy == "window":
        cache = transformers.StaticCache(config=model.config, max_cache_len=length)
    elif isinstance(model, MambaForCausalLM):
        cache = transformers.DynamicCache(config=model.config)
    name = "cache_params" if isinstance(model, MambaForCausalLM) else "past_key_values"
    with torch.no_grad():
        model(**inputs, use_cache=True, **{name: cache})
    held = {id(t): t for layer in cache.layers for t in _tensors(vars(layer).values())}
    return sum(tensor.nbytes for tensor in held.values())


def _tensors(values: Iterable[object]) -> Iterator[torch.Tensor]:
    for value in values:
        if isinstance(value, torch.Tensor) and value.is_floating_point():  # the others count positions
            yield value
        elif isinstance(value, dict):
            yield from _tensors(value.values())
