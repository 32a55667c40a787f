"""Hugging Face's own models, built from configurations. Shares no code with archspec.

Small models run on real CPU tensors: transformers notices fake tensors and `meta`, and then runs another program.
FLOPs are counted on `meta`, where a mask is passed in, because making one asks for values.
"""

from __future__ import annotations

import torchvision_operators  # noqa: F401  # isort: skip  # before whatever imports torchvision

from collections.abc import Callable
from typing import Any

import torch
import transformers
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3MoeConfig,
    Qwen3MoeForCausalLM,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5ForConditionalGeneration,
)

transformers.logging.set_verbosity_error()

Build = Callable[[], nn.Module]


def build_gpt2(
    attention: str,
    vocab: int = 50257,
    context: int = 1024,
    d: int = 768,
    heads: int = 12,
    layers: int = 12,
    hidden: int | None = None,
    dropout: float = 0.1,
    tied: bool = True,
) -> Build:
    """GPT-2 with its language-model head."""
    config = GPT2Config(
        vocab_size=vocab,
        n_positions=context,
        n_embd=d,
        n_head=heads,
        n_layer=layers,
        n_inner=hidden,
        attn_pdrop=dropout,
        resid_pdrop=dropout,
        embd_pdrop=dropout,
        tie_word_embeddings=tied,
        attn_implementation=attention,
        use_cache=False,
        bos_token_id=0,
        eos_token_id=0,
    )
    return lambda: GPT2LMHeadModel(config)


def build_llama(
    attention: str,
    vocab: int = 32000,
    d: int = 4096,
    hidden: int = 11008,
    layers: int = 32,
    heads: int = 32,
    kv_heads: int | None = None,
    qkv_bias: bool = False,
    tied: bool = False,
) -> Build:
    """Llama, or Qwen2 where queries, keys and values have biases."""
    common: dict[str, Any] = {
        "vocab_size": vocab,
        "hidden_size": d,
        "intermediate_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads or heads,
        "tie_word_embeddings": tied,
        "attn_implementation": attention,
        "use_cache": False,
    }
    if qkv_bias:
        qwen = Qwen2Config(**common)
        return lambda: Qwen2ForCausalLM(qwen)
    config = LlamaConfig(**common)
    return lambda: LlamaForCausalLM(config)


def build_mixtral(
    attention: str,
    vocab: int = 32000,
    d: int = 4096,
    hidden: int = 14336,
    layers: int = 32,
    heads: int = 32,
    kv_heads: int = 8,
    head_dim: int = 128,
    experts: int = 8,
    active: int = 2,
    qk_norm: bool = False,
    kernel: str = "eager",
) -> Build:
    """Mixtral, or Qwen3-MoE where queries and keys are normalised. `kernel`: how the experts are computed."""
    common: dict[str, Any] = {
        "vocab_size": vocab,
        "hidden_size": d,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": head_dim,
        "num_experts_per_tok": active,
        "tie_word_embeddings": False,
        "attn_implementation": attention,
        "experts_implementation": kernel,
        "use_cache": False,
    }
    if qk_norm:
        qwen = Qwen3MoeConfig(
            moe_intermediate_size=hidden,
            num_experts=experts,
            norm_topk_prob=True,
            decoder_sparse_step=1,
            mlp_only_layers=[],
            **common,
        )
        return lambda: Qwen3MoeForCausalLM(qwen)
    config = MixtralConfig(intermediate_size=hidden, num_local_experts=experts, sliding_window=None, **common)
    return lambda: MixtralForCausalLM(config)


def build_bert(
    attention: str,
    vocab: int = 30522,
    context: int = 512,
    types: int = 2,
    d: int = 768,
    heads: int = 12,
    layers: int = 12,
    hidden: int | None = None,
    dropout: float = 0.1,
    counted_positions: bool = False,
) -> Build:
    """BERT with its pooler, or RoBERTa where positions are counted from the tokens."""
    common: dict[str, Any] = {
        "vocab_size": vocab,
        "max_position_embeddings": context,
        "type_vocab_size": types,
        "hidden_size": d,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "intermediate_size": hidden or 4 * d,
        "hidden_dropout_prob": dropout,
        "attention_probs_dropout_prob": dropout,
        "attn_implementation": attention,
    }
    if counted_positions:
        roberta = RobertaConfig(**common)
        return lambda: RobertaModel(roberta)
    config = BertConfig(**common)
    return lambda: BertModel(config)


def build_t5(
    attention: str,
    vocab: int = 32128,
    d: int = 512,
    head_dim: int = 64,
    hidden: int = 2048,
    layers: int = 6,
    decoder_layers: int | None = None,
    heads: int = 8,
    buckets: int = 32,
    dropout: float = 0.1,
) -> Build:
    """T5 for conditional generation, with its language-model head tied to the token vectors."""
    config = T5Config(
        vocab_size=vocab,
        d_model=d,
        d_kv=head_dim,
        d_ff=hidden,
        num_layers=layers,
        num_decoder_layers=decoder_layers or layers,
        num_heads=heads,
        relative_attention_num_buckets=buckets,
        dropout_rate=dropout,
        attn_implementation=attention,
        use_cache=False,
        decoder_start_token_id=0,
        tie_word_embeddings=True,
    )
    return lambda: T5ForConditionalGeneration(config)


def tokens(batch: int, length: int, target: int | None = None) -> dict[str, torch.Tensor]:
    """Token numbers on cpu; with `target`, a second sequence for a decoder."""
    # Any number but 0 and 1, which some models take for padding.
    inputs = {"input_ids": torch.full((batch, length), 5)}
    if target is not None:
        inputs["decoder_input_ids"] = torch.full((batch, target), 5)
    return inputs


def tokens_on_meta(batch: int, length: int, target: int | None = None) -> dict[str, torch.Tensor]:
    """The same on `meta`, with ready masks: making one would ask for values."""
    with torch.device("meta"):
        inputs = {
            "input_ids": torch.zeros(batch, length, dtype=torch.int64),
            "attention_mask": torch.zeros(batch, 1, length, length),
        }
        if target is not None:
            inputs["attention_mask"] = torch.zeros(batch, 1, 1, length)
            inputs["decoder_input_ids"] = torch.zeros(batch, target, dtype=torch.int64)
            inputs["decoder_attention_mask"] = torch.zeros(batch, 1, target, target)
    return inputs


def forward(model: nn.Module, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """One call; the output that a loss would be computed from."""
    outputs = model(**inputs)
    result: torch.Tensor = outputs.pooler_output if "pooler_output" in outputs else outputs.logits
    return result
