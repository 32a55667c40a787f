"""Tiny models of transformers with windows, latent vectors and states: see `originals`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import torch
from originals import DECODER, TOKENS, Original, _decoder, _logits


def gemma2(attention: str) -> Original:
    """Gemma 2, whose caps PyTorch's fused attention does not know: the original always runs eager."""
    from transformers import Gemma2Config, Gemma2ForCausalLM

    common = {**_decoder("eager", 1e-6, 10_000.0), "tie_word_embeddings": True}
    config = Gemma2Config(
        intermediate_size=24, head_dim=6, sliding_window=3, query_pre_attn_scalar=7, attn_logit_softcapping=0.5,
        final_logit_softcapping=2.0, **common,
    )  # fmt: skip
    settings = {**DECODER, "head_dim": 6, "window": 3, "width": 7, "score_cap": 0.5, "logit_cap": 2.0}
    return Original("gemma2_2b", settings, Gemma2ForCausalLM(config), TOKENS, _logits, ALTERNATING)


class GptOss(Original):
    """The maps of gpt-oss' experts lie in one tensor, as input × output, and their biases in another."""

    def state(self, wanted: list[str]) -> dict[str, torch.Tensor]:
        """The state dict with the spec's names."""
        return {name: tensor for key, one in self.module.state_dict().items() for name, tensor in self._parts(key, one)}

    def _parts(self, key: str, tensor: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
        name = self._renamed(key)
        bank = re.fullmatch(r"(.*\.experts)\.(gate_up_proj|down_proj)(_bias)?", name)
        if bank is None:
            yield name, tensor
            return
        for number, one in enumerate(tensor):
            leaf = "bias" if bank[3] else "weight"
            yield f"{bank[1]}.{number}.{bank[2]}.{leaf}", one if bank[3] else one.T


def gpt_oss(attention: str) -> Original:
    """A gpt-oss with plain rotations; the original, whose sinks fused attention does not know, always runs eager."""
    from transformers import GptOssConfig, GptOssForCausalLM

    config = GptOssConfig(
        intermediate_size=24, head_dim=6, sliding_window=3, num_local_experts=5, num_experts_per_tok=2,
        swiglu_limit=0.7, experts_implementation="eager", **_decoder("eager", 1e-5, 150_000.0),
    )  # fmt: skip
    settings = {**DECODER, "head_dim": 6, "window": 3, "experts": 5, "active": 2, "limit": 0.7}
    return GptOss("gpt_oss_20b", settings, GptOssForCausalLM(config), TOKENS, _logits, ALTERNATING)


def deepseek(attention: str) -> Original:
    """DeepSeek-V3: the experts are chosen within the best groups."""
    from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

    common = {**_decoder(attention, 1e-6, 10_000.0), "num_hidden_layers": 3, "num_key_value_heads": 4}
    config = DeepseekV3Config(
        intermediate_size=24, moe_intermediate_size=10, n_shared_experts=2, n_routed_experts=6, kv_lora_rank=9,
        q_lora_rank=7, qk_rope_head_dim=4, v_head_dim=5, qk_nope_head_dim=6, n_group=3, topk_group=2,
        num_experts_per_tok=2, first_k_dense_replace=1, experts_implementation="eager", **common,
    )  # fmt: skip
    settings = {
        "vocab": 20, "d": 16, "hidden": 24, "layers": 3, "heads": 4, "dense": 1, "q_rank": 7, "kv_rank": 9,
        "nope_dim": 6, "rope_dim": 4, "v_dim": 5, "experts": 6, "active": 2, "shared": 2, "expert_hidden": 10,
        "groups": 3, "best_groups": 2,
    }  # fmt: skip
    names = [(r"^model\.", ""), (r"^layers\.0\.", "dense_layers.0."), (r"^layers\.(\d+)", _one_less)]
    return Original("deepseek_v3", settings, DeepseekV3ForCausalLM(config), TOKENS, _logits, names)


def mamba(attention: str) -> Original:
    """Mamba; it has no attention."""
    from transformers import MambaConfig, MambaForCausalLM

    config = MambaConfig(
        vocab_size=20, hidden_size=16, num_hidden_layers=2, state_size=3, conv_kernel=3, time_step_rank=2,
        use_cache=False,
    )  # fmt: skip
    settings = {"vocab": 20, "d": 16, "layers": 2, "state": 3, "kernel": 3, "rank": 2}
    return Original("mamba_130m", settings, MambaForCausalLM(config), TOKENS, _logits, [(r"^backbone\.", "")])


def _one_less(found: re.Match[str]) -> str:
    return f"layers.{int(found[1]) - 1}"


def _pair(found: re.Match[str]) -> str:
    number = int(found[1])
    return f"layers.{number // 2}.{'full' if number % 2 else 'sliding'}"


ALTERNATING = [(r"^model\.", ""), (r"^layers\.(\d+)", _pair)]
"""Two layers of the original are one turn of the spec."""
