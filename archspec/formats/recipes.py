"""The mixed recipes of llama.cpp: which tensor of a GGUF file is stored in which block type.

Source: llama.cpp, src/llama-quant.cpp (`llama_tensor_get_type_impl`, `tensor_type_fallback`,
`tensor_allows_quantization`), read at commit 007dbbf. Rules for single architectures (Falcon) and importance matrices
are left out. Older versions treated a fused `attn_qkv` apart (Q5_K in Q4_K_M); this one treats it as `attn_v`.
"""

from __future__ import annotations

from dataclasses import dataclass

from archspec.formats.places import EIGHTH, EVERYWHERE, MORE_BITS, SIXTEENTH, Place, first

ATTENTION_V = frozenset({"attn_v", "attn_qkv", "attn_kv_b"})
"""Roles that count as `attn_v`."""

CATEGORIES: tuple[tuple[str, str], ...] = (
    ("token_embd", "*embed_tokens.weight *wte.weight *word_embeddings.weight *tok_embeddings.weight shared.weight"),
    ("token_embd", "embedding.weight embeddings.weight embed.weight table.weight backbone.embeddings.weight"),
    ("position_embd", "*wpe.weight *position_embeddings.weight *embed_positions.weight place.weight"),
    ("token_types", "*token_type_embeddings.weight"),
    ("output", "lm_head.weight output.weight embed_out.weight head.weight"),
    ("attn_kv_b", "*.kv_b_proj.weight"),
    ("attn_qkv", "*.c_attn.weight *.qkv_proj.weight *.qkv.weight *.Wqkv.weight *.query_key_value.weight"),
    ("attn_q", "*.q_proj.weight *attention.self.query.weight *Attention.q.weight *.wq.weight"),
    ("attn_k", "*.k_proj.weight *attention.self.key.weight *Attention.k.weight *.wk.weight"),
    ("attn_v", "*.v_proj.weight *attention.self.value.weight *Attention.v.weight *.wv.weight"),
    ("attn_output", "*.o_proj.weight *attn.c_proj.weight *attention.output.dense.weight *Attention.o.weight"),
    ("attn_output", "*attn.out_proj.weight *attn.dense.weight *attn.out.weight *attention.dense.weight"),
    ("ffn_gate_inp", "*.router.weight *.mlp.gate.weight *.block_sparse_moe.gate.weight *.shared_expert_gate.weight"),
    ("ffn_gate", "*.gate_proj.weight *.w1.weight *.gate_up_proj.weight"),
    ("ffn_up", "*.up_proj.weight *.w3.weight *.c_fc.weight *.fc1.weight *.intermediate.dense.weight"),
    ("ffn_up", "*.wi.weight *.dense_h_to_4h.weight"),
    ("ffn_down", "*.down_proj.weight *.w2.weight *mlp.c_proj.weight *.fc2.weight *.output.dense.weight"),
    ("ffn_down", "*.wo.weight *.dense_4h_to_h.weight"),
    ("ssm_conv1d", "*.conv1d.weight"),
    ("attn_rel_b", "*relative_attention_bias.weight"),
)
"""The role that a weight has for llama.cpp, by its path: the first pattern that fits.

Source: gguf-py/gguf/tensor_mapping.py, for the names that the zoo and the frameworks use.
"""

ALWAYS_F32 = frozenset({"position_embd", "token_types", "ffn_gate_inp", "ssm_conv1d"})
"""Roles that stay float32, as do norms, vectors, and what is not called `weight` (conversion/base.py)."""
AS_IT_CAME = frozenset({"attn_rel_b"})
"""Roles that are not quantised, and stay in the type of the file that is quantised: float16."""

FALLBACK = {
    "Q2_K": "Q4_0",
    "Q3_K": "Q4_0",
    "Q4_K": "Q5_0",
    "Q5_K": "Q5_1",
    "Q6_K": "Q8_0",
    "IQ4_XS": "IQ4_NL",
}
"""What is taken where 256 does not divide a row; where 32 does not divide it either, F16."""


@dataclass(frozen=True)
class Rule:
    """Tensors of a role get a type: those of the layers at some places. grouped: only where at least four query heads
    share a key head.
    """

    role: str
    type: str
    place: Place = EVERYWHERE
    grouped: bool = False


@dataclass(frozen=True)
class Recipe:
    """A file type of llama-quantize. default: the type of what no rule is for; the first rule that holds is taken.

    eight_experts: what the output of attention gets in a mixture of 8 experts. experts: what all experts get.
    """

    name: str
    default: str
    rules: tuple[Rule, ...] = ()
    eight_experts: str | None = None
    experts: str | None = None

    @property
    def quantises(self) -> bool:
        """Whether it is more than a choice of float."""
        return self.default not in ("F32", "F16", "BF16")


RECIPES: dict[str, Recipe] = {}


def _recipe(
    name: str, default: str, *rules: Rule, eight_experts: str | None = None, experts: str | None = None
) -> None:
    RECIPES[name] = Recipe(name, default, rules, eight_experts, experts)


_recipe("F32", "F32")
_recipe("F16", "F16")
_recipe("BF16", "BF16")
_recipe("Q4_0", "Q4_0")
_recipe("Q4_1", "Q4_1")
_recipe("Q5_0", "Q5_0")
_recipe("Q5_1", "Q5_1")
_recipe("Q8_0", "Q8_0")
_recipe(
    "Q2_K",
    "Q2_K",
    Rule("attn_v", "Q4_K", grouped=True),
    Rule("attn_v", "Q3_K"),
    Rule("ffn_down", "Q3_K"),
    Rule("attn_output", "Q3_K"),
    eight_experts="Q5_K",
)
_recipe("Q3_K_S", "Q3_K", eight_experts="Q5_K")
_recipe(
    "Q3_K_M",
    "Q3_K",
    Rule("attn_v", "Q5_K", first(2)),
    Rule("attn_v", "Q4_K"),
    Rule("ffn_down", "Q5_K", SIXTEENTH),
    Rule("ffn_down", "Q4_K"),
    Rule("attn_output", "Q4_K"),
    eight_experts="Q5_K",
)
_recipe("Q3_K_L", "Q3_K", Rule("attn_v", "Q5_K"), Rule("ffn_down", "Q5_K"), Rule("attn_output", "Q5_K"))
_recipe(
    "Q4_K_S",
    "Q4_K",
    Rule("attn_v", "Q5_K", first(4)),
    Rule("ffn_down", "Q5_K", EIGHTH),
    eight_experts="Q5_K",
)
_recipe(
    "Q4_K_M",
    "Q4_K",
    Rule("attn_v", "Q6_K", MORE_BITS),
    Rule("ffn_down", "Q6_K", MORE_BITS),
    eight_experts="Q5_K",
)
_recipe("Q5_K_S", "Q5_K")
_recipe("Q5_K_M", "Q5_K", Rule("attn_v", "Q6_K", MORE_BITS), Rule("ffn_down", "Q6_K", MORE_BITS))
_recipe("Q6_K", "Q6_K")
_recipe(
    "IQ4_NL",
    "IQ4_NL",
    Rule("attn_v", "Q5_K", grouped=True),
    Rule("ffn_down", "Q5_K", EIGHTH),
    eight_experts="Q5_K",
)
_recipe(
    "IQ4_XS",
    "IQ4_XS",
    Rule("attn_v", "Q5_K", grouped=True),
    Rule("ffn_down", "Q5_K", EIGHTH),
    eight_experts="Q5_K",
)
_recipe("MXFP4_MOE", "Q8_0", experts="MXFP4")
