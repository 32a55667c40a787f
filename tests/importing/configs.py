"""Configuration files of every known type: drawn ones, with the class of transformers, and those that are published."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

Table = dict[str, Any]


def drawn(kind: str, draw: random.Random) -> Table:
    """Keywords of a small configuration."""
    kv_heads, width = draw.randint(1, 3), 2 * draw.randint(2, 6)
    heads = kv_heads * draw.randint(1, 3)
    shape: Table = {
        "hidden_size": heads * width,
        "intermediate_size": draw.randint(5, 60),
        "num_hidden_layers": draw.randint(1, 4),
        "num_attention_heads": heads,
        "vocab_size": draw.randint(20, 90),
    }
    return _KINDS[kind](draw, shape, {"num_key_value_heads": kv_heads})


def _decoder(draw: random.Random, shape: Table, grouped: Table) -> Table:
    own = {"head_dim": 2 * draw.randint(2, 9)} if draw.random() < 0.5 else {}
    return {**shape, **grouped, **own, "tie_word_embeddings": draw.random() < 0.5, "rms_norm_eps": 1e-5}


def _mixture(draw: random.Random, shape: Table, grouped: Table) -> Table:
    own = {"head_dim": 2 * draw.randint(2, 9)} if draw.random() < 0.5 else {}
    return {**shape, **grouped, **own, "num_local_experts": draw.randint(3, 7), "num_experts_per_tok": 2}


def _qwen_mixture(draw: random.Random, shape: Table, grouped: Table) -> Table:
    experts = {"num_experts": draw.randint(3, 7), "num_experts_per_tok": 2, "moe_intermediate_size": 11}
    return {**shape, **grouped, **experts, "head_dim": 2 * draw.randint(2, 9), "norm_topk_prob": True}


def _gpt2(draw: random.Random, shape: Table, _: Table) -> Table:
    return {
        "n_embd": shape["hidden_size"],
        "n_layer": shape["num_hidden_layers"],
        "n_head": shape["num_attention_heads"],
        "n_positions": draw.randint(20, 60),
        "n_inner": draw.choice([None, 77]),
        "vocab_size": shape["vocab_size"],
        "tie_word_embeddings": draw.random() < 0.5,
    }


def _bert(draw: random.Random, shape: Table, _: Table) -> Table:
    return {**shape, "max_position_embeddings": draw.randint(20, 60), "type_vocab_size": draw.randint(1, 3)}


def _t5(draw: random.Random, shape: Table, _: Table) -> Table:
    return {
        "d_model": draw.randint(8, 40),
        "d_kv": draw.randint(2, 9),
        "d_ff": shape["intermediate_size"],
        "num_layers": shape["num_hidden_layers"],
        "num_decoder_layers": draw.choice([None, 2]),
        "num_heads": shape["num_attention_heads"],
        "relative_attention_num_buckets": 2 * draw.randint(4, 9),
        "vocab_size": shape["vocab_size"],
    }


def _vit(draw: random.Random, shape: Table, _: Table) -> Table:
    labels = draw.choice([1, 2, 7])
    return {
        **{key: value for key, value in shape.items() if key != "vocab_size"},
        "patch_size": 4,
        "image_size": 4 * draw.randint(2, 5),
        "id2label": {number: f"class {number}" for number in range(labels)},
    }


def _gemma2(draw: random.Random, shape: Table, grouped: Table) -> Table:
    even = {"num_hidden_layers": 2 * draw.randint(1, 2)}
    return {**shape, **grouped, **even, "head_dim": 2 * draw.randint(2, 9), "sliding_window": draw.randint(3, 12)}


def _gpt_oss(draw: random.Random, shape: Table, grouped: Table) -> Table:
    experts = {"num_local_experts": draw.randint(3, 7), "num_experts_per_tok": 2}
    return {**_gemma2(draw, shape, grouped), **experts}


def _deepseek(draw: random.Random, shape: Table, _: Table) -> Table:
    groups, nope, rope = draw.randint(1, 3), draw.randint(3, 9), 2 * draw.randint(1, 4)
    return {
        **shape,
        "num_key_value_heads": shape["num_attention_heads"],
        "num_hidden_layers": 3,
        "first_k_dense_replace": draw.randint(1, 2),
        "moe_intermediate_size": draw.randint(5, 30),
        "n_shared_experts": draw.randint(1, 2),
        "n_routed_experts": groups * draw.randint(2, 3),
        "n_group": groups,
        "topk_group": draw.randint(1, groups),
        "num_experts_per_tok": draw.randint(1, 2),
        "kv_lora_rank": draw.randint(4, 20),
        "q_lora_rank": draw.choice([None, 13]),
        "qk_nope_head_dim": nope,
        "qk_rope_head_dim": rope,
        "v_head_dim": nope + draw.choice([0, rope]),
    }


def _mamba(draw: random.Random, shape: Table, _: Table) -> Table:
    return {
        "hidden_size": draw.randint(8, 40),
        "num_hidden_layers": draw.randint(1, 3),
        "state_size": draw.randint(2, 9),
        "conv_kernel": draw.randint(2, 5),
        "expand": draw.randint(1, 3),
        "time_step_rank": draw.choice(["auto", 5]),
        "vocab_size": shape["vocab_size"],
    }


_KINDS: dict[str, Callable[[random.Random, Table, Table], Table]] = {
    "gpt2": _gpt2,
    "llama": _decoder,
    "mistral": _decoder,
    "qwen2": _decoder,
    "mixtral": _mixture,
    "qwen3_moe": _qwen_mixture,
    "bert": _bert,
    "roberta": _bert,
    "t5": _t5,
    "vit": _vit,
    "gemma2": _gemma2,
    "gpt_oss": _gpt_oss,
    "deepseek_v3": _deepseek,
    "mamba": _mamba,
}

PUBLISHED: dict[str, tuple[int, Table]] = {
    "meta-llama/Meta-Llama-3-8B": (
        8_030_261_248,
        {
            "architectures": ["LlamaForCausalLM"], "attention_bias": False, "attention_dropout": 0.0,
            "bos_token_id": 128000, "eos_token_id": 128001, "hidden_act": "silu", "hidden_size": 4096,
            "initializer_range": 0.02, "intermediate_size": 14336, "max_position_embeddings": 8192,
            "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8,
            "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": None, "rope_theta": 500000.0,
            "tie_word_embeddings": False, "torch_dtype": "bfloat16", "transformers_version": "4.40.0.dev0",
            "use_cache": True, "vocab_size": 128256,
        },
    ),
    "mistralai/Mistral-7B-v0.1": (
        7_241_732_096,
        {
            "architectures": ["MistralForCausalLM"], "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu",
            "hidden_size": 4096, "initializer_range": 0.02, "intermediate_size": 14336,
            "max_position_embeddings": 32768, "model_type": "mistral", "num_attention_heads": 32,
            "num_hidden_layers": 32, "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_theta": 10000.0,
            "sliding_window": 4096, "tie_word_embeddings": False, "torch_dtype": "bfloat16",
            "transformers_version": "4.34.0.dev0", "use_cache": True, "vocab_size": 32000,
        },
    ),
    "mistralai/Mistral-Nemo-Base-2407": (  # heads of 128, which is not 5120 / 32
        12_247_782_400,
        {
            "architectures": ["MistralForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2,
            "head_dim": 128, "hidden_act": "silu", "hidden_size": 5120, "initializer_range": 0.02,
            "intermediate_size": 14336, "max_position_embeddings": 128000, "model_type": "mistral",
            "num_attention_heads": 32, "num_hidden_layers": 40, "num_key_value_heads": 8, "rms_norm_eps": 1e-05,
            "rope_theta": 1000000.0, "sliding_window": None, "tie_word_embeddings": False, "torch_dtype": "bfloat16",
            "transformers_version": "4.43.0.dev0", "use_cache": True, "vocab_size": 131072,
        },
    ),
    "Qwen/Qwen2.5-7B": (
        7_615_616_512,
        {
            "architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643,
            "eos_token_id": 151643, "hidden_act": "silu", "hidden_size": 3584, "initializer_range": 0.02,
            "intermediate_size": 18944, "max_position_embeddings": 131072, "max_window_layers": 28,
            "model_type": "qwen2", "num_attention_heads": 28, "num_hidden_layers": 28, "num_key_value_heads": 4,
            "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "sliding_window": 131072, "tie_word_embeddings": False,
            "torch_dtype": "bfloat16", "transformers_version": "4.40.1", "use_cache": True, "use_mrope": False,
            "use_sliding_window": False, "vocab_size": 152064,
        },
    ),
    "openai-community/gpt2-xl": (
        1_557_611_200,
        {
            "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
            "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256, "initializer_range": 0.02,
            "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_ctx": 1024, "n_embd": 1600, "n_head": 25,
            "n_layer": 48, "n_positions": 1024, "output_past": True, "resid_pdrop": 0.1, "summary_activation": None,
            "summary_first_dropout": 0.1, "summary_proj_to_labels": True, "summary_type": "cls_index",
            "summary_use_proj": True,
            "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}}, "vocab_size": 50257,
        },
    ),
    "mistralai/Mixtral-8x7B-v0.1": (
        46_702_792_704,
        {
            "architectures": ["MixtralForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2,
            "hidden_act": "silu", "hidden_size": 4096, "initializer_range": 0.02, "intermediate_size": 14336,
            "max_position_embeddings": 32768, "model_type": "mixtral", "num_attention_heads": 32,
            "num_experts_per_tok": 2, "num_hidden_layers": 32, "num_key_value_heads": 8, "num_local_experts": 8,
            "output_router_logits": False, "rms_norm_eps": 1e-05, "rope_theta": 1000000.0,
            "router_aux_loss_coef": 0.02, "sliding_window": None, "tie_word_embeddings": False,
            "torch_dtype": "bfloat16", "transformers_version": "4.36.0.dev0", "use_cache": True, "vocab_size": 32000,
        },
    ),
    "google-bert/bert-large-uncased": (
        335_141_888,
        {
            "architectures": ["BertForMaskedLM"], "attention_probs_dropout_prob": 0.1, "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1, "hidden_size": 1024, "initializer_range": 0.02, "intermediate_size": 4096,
            "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "model_type": "bert", "num_attention_heads": 16,
            "num_hidden_layers": 24, "pad_token_id": 0, "position_embedding_type": "absolute",
            "transformers_version": "4.6.0.dev0", "type_vocab_size": 2, "use_cache": True, "vocab_size": 30522,
        },
    ),
    "deepseek-ai/DeepSeek-V3": (
        671_026_404_352,
        {
            "architectures": ["DeepseekV3ForCausalLM"], "attention_bias": False, "attention_dropout": 0.0,
            "auto_map": {"AutoConfig": "configuration_deepseek.DeepseekV3Config"}, "bos_token_id": 0,
            "eos_token_id": 1, "ep_size": 1, "first_k_dense_replace": 3, "hidden_act": "silu", "hidden_size": 7168,
            "initializer_range": 0.02, "intermediate_size": 18432, "kv_lora_rank": 512,
            "max_position_embeddings": 163840, "model_type": "deepseek_v3", "moe_intermediate_size": 2048,
            "moe_layer_freq": 1, "n_group": 8, "n_routed_experts": 256, "n_shared_experts": 1,
            "norm_topk_prob": True, "num_attention_heads": 128, "num_experts_per_tok": 8, "num_hidden_layers": 61,
            "num_key_value_heads": 128, "num_nextn_predict_layers": 1, "q_lora_rank": 1536, "qk_nope_head_dim": 128,
            "qk_rope_head_dim": 64,
            "quantization_config": {"fmt": "e4m3", "quant_method": "fp8", "weight_block_size": [128, 128]},
            "rms_norm_eps": 1e-06, "rope_scaling": {"factor": 40, "type": "yarn"}, "rope_theta": 10000,
            "routed_scaling_factor": 2.5, "scoring_func": "sigmoid", "tie_word_embeddings": False, "topk_group": 4,
            "topk_method": "noaux_tc", "torch_dtype": "bfloat16", "transformers_version": "4.33.1",
            "use_cache": True, "v_head_dim": 128, "vocab_size": 129280,
        },
    ),
}  # fmt: skip
"""The published files, and how many parameters the published weights have (BERT's: of the encoder and its pooler)."""
