"""GGUF files, written by the gguf package: architectures as converters lay them out, in the types of a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import gguf
import numpy as np

Shapes = dict[str, tuple[int, ...]]
Sizes = Mapping[str, int]


def llama(sizes: Sizes, biased: bool = False, tied: bool = False) -> Shapes:
    """Llama, Mistral and Qwen2; a mixture where there are experts."""
    d, hidden, vocab = sizes["d"], sizes["hidden"], sizes["vocab"]
    width = d // sizes["heads"]
    keys = width * sizes["kv_heads"]
    found: Shapes = {"token_embd.weight": (vocab, d)}
    for layer in range(sizes["layers"]):
        blk = f"blk.{layer}."
        found |= {f"{blk}attn_norm.weight": (d,), f"{blk}ffn_norm.weight": (d,)}
        found |= {f"{blk}attn_q.weight": (d, d), f"{blk}attn_k.weight": (keys, d), f"{blk}attn_v.weight": (keys, d)}
        if biased:
            found |= {f"{blk}attn_q.bias": (d,), f"{blk}attn_k.bias": (keys,), f"{blk}attn_v.bias": (keys,)}
        found[f"{blk}attn_output.weight"] = (d, d)
        if sizes.get("experts"):
            experts = sizes["experts"]
            found |= {
                f"{blk}ffn_gate_inp.weight": (experts, d),
                f"{blk}ffn_gate_exps.weight": (experts, hidden, d),
                f"{blk}ffn_up_exps.weight": (experts, hidden, d),
                f"{blk}ffn_down_exps.weight": (experts, d, hidden),
            }
        else:
            found |= {
                f"{blk}ffn_gate.weight": (hidden, d),
                f"{blk}ffn_up.weight": (hidden, d),
                f"{blk}ffn_down.weight": (d, hidden),
            }
    found["output_norm.weight"] = (d,)
    if not tied:
        found["output.weight"] = (vocab, d)
    return found


def llama_keys(sizes: Sizes, architecture: str = "llama") -> dict[str, Any]:
    """The metadata that goes with it."""
    experts = {"expert_count": sizes["experts"], "expert_used_count": 2} if sizes.get("experts") else {}
    own = {
        "block_count": sizes["layers"],
        "context_length": 2048,
        "embedding_length": sizes["d"],
        "feed_forward_length": sizes["hidden"],
        "attention.head_count": sizes["heads"],
        "attention.head_count_kv": sizes["kv_heads"],
        "attention.layer_norm_rms_epsilon": 1e-5,
        "rope.dimension_count": sizes["d"] // sizes["heads"],
        "rope.freq_base": 500000.0,
        "vocab_size": sizes["vocab"],
        **experts,
    }
    return {f"{architecture}.{key}": value for key, value in own.items()}


def gpt2(sizes: Sizes) -> Shapes:
    """GPT-2: matrices stand as those of linear layers."""
    d, hidden = sizes["d"], 4 * sizes["d"]
    found: Shapes = {"token_embd.weight": (sizes["vocab"], d), "position_embd.weight": (sizes["context"], d)}
    for layer in range(sizes["layers"]):
        blk = f"blk.{layer}."
        for name, shape in {
            "attn_norm": (d,), "attn_qkv": (3 * d, d), "attn_output": (d, d), "ffn_norm": (d,), "ffn_up": (hidden, d),
            "ffn_down": (d, hidden),
        }.items():  # fmt: skip
            found |= {f"{blk}{name}.weight": shape, f"{blk}{name}.bias": shape[:1]}
    return {**found, "output_norm.weight": (d,), "output_norm.bias": (d,)}


def gpt2_keys(sizes: Sizes) -> dict[str, Any]:
    """The metadata that goes with it."""
    return {
        "gpt2.block_count": sizes["layers"], "gpt2.context_length": sizes["context"],
        "gpt2.embedding_length": sizes["d"], "gpt2.feed_forward_length": 4 * sizes["d"],
        "gpt2.attention.head_count": sizes["heads"], "gpt2.attention.layer_norm_epsilon": 1e-5,
    }  # fmt: skip


def q4_k_m(name: str, shape: tuple[int, ...], layer: int, layers: int, tied: bool = False) -> str:
    """The type of a tensor: llama-quant.cpp, for rows that 256 divides."""
    kind = name.split(".")[-2]
    if len(shape) < 2 or kind.endswith("norm") or kind in ("position_embd", "ffn_gate_inp"):
        return "F32"
    if kind == "output" or (kind == "token_embd" and tied):
        return "Q6_K"
    more = layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2
    return "Q6_K" if more and kind.startswith(("attn_v", "attn_qkv", "ffn_down")) else "Q4_K"


def typed(shapes: Shapes, layers: int) -> dict[str, str]:
    """The types of all tensors in Q4_K_M."""
    tied = "output.weight" not in shapes
    return {
        name: q4_k_m(name, shape, int(name.split(".")[1]) if name.startswith("blk.") else 0, layers, tied)
        for name, shape in shapes.items()
    }


def plain(shapes: Shapes, type_: str = "F16") -> dict[str, str]:
    """Matrices in one type, the rest in F32."""
    return {name: type_ if len(shape) > 1 and "norm" not in name else "F32" for name, shape in shapes.items()}


def write(
    path: Path, architecture: str, keys: Mapping[str, Any], shapes: Shapes, types: Mapping[str, str], **more: Any
) -> int:
    """Write a file of zeros; the bytes of its tensor data."""
    writer = gguf.GGUFWriter(path, architecture)
    for key, value in {**keys, **more}.items():
        if isinstance(value, bool):
            writer.add_bool(key, value)
        elif isinstance(value, int):
            writer.add_uint32(key, value)
        elif isinstance(value, float):
            writer.add_float32(key, value)
        elif isinstance(value, str):
            writer.add_string(key, value)
        else:
            writer.add_array(key, value)
    total = 0
    for name, shape in shapes.items():
        type_ = gguf.GGMLQuantizationType[types[name]]
        weights, size = gguf.GGML_QUANT_SIZES[type_]
        data = np.zeros((*shape[:-1], shape[-1] // weights * size), dtype=np.uint8)
        writer.add_tensor(name, data, raw_dtype=type_)
        total += -(-(prod(shape) // weights * size) // 32) * 32
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return total


def keys_of(architecture: str, config: Any) -> dict[str, Any]:
    """The metadata that converters write for a configuration of transformers, as far as sizes hang on it."""
    get = config.to_dict().get
    own = {
        "block_count": get("num_hidden_layers") or get("num_layers"),
        "embedding_length": get("hidden_size") or get("d_model"),
        "context_length": get("max_position_embeddings"),
        "feed_forward_length": get("intermediate_size") or get("d_ff"),
        "attention.head_count": get("num_attention_heads") or get("num_heads"),
        "attention.head_count_kv": get("num_key_value_heads"),
        "attention.key_length": get("head_dim") or get("d_kv"),
        "attention.sliding_window": get("sliding_window"),
        "attention.relative_buckets_count": get("relative_attention_num_buckets"),
        "decoder_block_count": get("num_decoder_layers"),
        "expert_count": get("num_experts") or get("num_local_experts"),
        "expert_used_count": get("num_experts_per_tok"),
        "expert_feed_forward_length": get("moe_intermediate_size") or get("intermediate_size"),
        "ssm.conv_kernel": get("conv_kernel"),
        "ssm.inner_size": get("intermediate_size"),
        "ssm.state_size": get("state_size"),
        "ssm.time_step_rank": get("time_step_rank"),
    }
    return {f"{architecture}.{key}": value for key, value in own.items() if value is not None}


def converted(architecture: str, state: Mapping[str, tuple[int, ...]], layers: int) -> Shapes:
    """The tensors of a model of transformers under the names of GGUF; what has none there keeps its own."""
    known = {name: one for one, name in gguf.MODEL_ARCH_NAMES.items()}
    names = gguf.get_tensor_name_map(known[architecture], layers)
    found: Shapes = {}
    for name, shape in state.items():
        new = names.get_name(name, try_suffixes=(".weight", ".bias")) or name[-60:]
        if new == "output.weight" and "token_embd.weight" in found and found["token_embd.weight"] == shape:
            continue
        found[new if new not in found else name[-60:]] = shape
    return found
