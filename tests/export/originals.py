"""Tiny models of transformers and torchvision, and how their state dicts are called in the zoo's specs."""

from __future__ import annotations

import torchvision_operators  # noqa: F401  # isort: skip  # before whatever imports torchvision

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

Renaming = list[tuple[str, str | Callable[[re.Match[str]], str]]]
TOKENS = {"input_ids": torch.tensor([[5, 9, 2, 17, 3, 11, 8], [4, 7, 19, 2, 6, 13, 10]])}
TARGET = {"decoder_input_ids": torch.tensor([[3, 12, 6, 9], [15, 2, 8, 4]])}

FIRST = re.compile("wte|wpe|embed|shared|class_token|conv_proj")
"""Weights that the stream begins with."""


@dataclass(frozen=True)
class Original:
    """A model of another library, in evaluation.

    model: its name in the zoo; settings: what makes that as small. feed: the inputs, by the original's names.
    output: what is compared, in the order of the spec. names: what is replaced, in order, to get the spec's names;
    without any, the two state dicts are in the same order.
    """

    model: str
    settings: dict[str, Any]
    module: nn.Module
    feed: dict[str, torch.Tensor]
    output: Callable[[Any], tuple[torch.Tensor, ...]]
    names: Renaming | None = None

    def draw(self) -> None:
        """New weights: those of norms and biases too, so that nothing is hidden by a 0 or a 1, and small ones where the
        stream begins, so that the epsilon of the first norm shows.
        """
        torch.manual_seed(0)
        running = [(name, one) for name, one in self.module.named_buffers() if "running" in name]
        with torch.no_grad():
            for name, tensor in [*self.module.named_parameters(), *running]:
                if tensor.dim() == 1:
                    tensor.copy_(0.5 + torch.rand_like(tensor))
                else:
                    tensor.copy_(torch.randn_like(tensor) / tensor[0].numel() ** 0.5)
                if FIRST.search(name):
                    tensor.mul_(0.01)

    def state(self, wanted: list[str]) -> dict[str, torch.Tensor]:
        """The state dict with the spec's names, which are `wanted`."""
        state = self.module.state_dict()
        if self.names is None:
            return dict(zip(wanted, state.values(), strict=True))
        return {name: tensor for key, one in state.items() for name, tensor in _apart(self._renamed(key), one)}

    def _renamed(self, key: str) -> str:
        for pattern, new in self.names or []:
            key = re.sub(pattern, new, key)
        return key


def _apart(name: str, tensor: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
    """The weights of all experts in one tensor, as those of each."""
    bank = re.fullmatch(r"(.*\.experts)\.(\w+)", name)
    if bank is None:
        yield name, tensor
        return
    for number, one in enumerate(tensor):
        yield f"{bank[1]}.{number}.{bank[2]}.weight", one


def _logits(result: Any) -> tuple[torch.Tensor, ...]:
    return (result.logits,)


def gpt2(attention: str) -> Original:
    """GPT-2 with its language-model head."""
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=20, n_positions=12, n_embd=16, n_head=4, n_layer=2, attn_implementation=attention, use_cache=False
    )
    settings = {"vocab": 20, "context": 12, "d": 16, "heads": 4, "layers": 2}
    return Original("gpt2", settings, GPT2LMHeadModel(config), TOKENS, _logits, [(r"^transformer\.", "")])


DECODER = {"vocab": 20, "d": 16, "hidden": 24, "layers": 2, "heads": 4, "kv_heads": 2}


def _decoder(attention: str, eps: float, theta: float) -> dict[str, Any]:
    return {
        "vocab_size": 20,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "rms_norm_eps": eps,
        "rope_parameters": {"rope_type": "default", "rope_theta": theta},
        "tie_word_embeddings": False,
        "attn_implementation": attention,
        "use_cache": False,
    }


def llama2(attention: str) -> Original:
    """Llama 2."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(intermediate_size=24, **_decoder(attention, 1e-5, 10_000.0))
    return Original("llama2_7b", DECODER, LlamaForCausalLM(config), TOKENS, _logits, [(r"^model\.", "")])


def llama3(attention: str) -> Original:
    """Llama 3: slower rotations."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(intermediate_size=24, **_decoder(attention, 1e-5, 500_000.0))
    return Original("llama3_8b", DECODER, LlamaForCausalLM(config), TOKENS, _logits, [(r"^model\.", "")])


def qwen2(attention: str) -> Original:
    """Qwen2.5: biases of queries, keys and values."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(intermediate_size=24, **_decoder(attention, 1e-6, 1_000_000.0))
    return Original("qwen2_5_7b", DECODER, Qwen2ForCausalLM(config), TOKENS, _logits, [(r"^model\.", "")])


def mixtral(attention: str) -> Original:
    """Mixtral: tokens really go to the experts that the router chooses."""
    from transformers import MixtralConfig, MixtralForCausalLM

    common = {**_decoder(attention, 1e-5, 1_000_000.0), "head_dim": 6, "experts_implementation": "eager"}
    config = MixtralConfig(
        intermediate_size=24, num_local_experts=5, num_experts_per_tok=2, sliding_window=None, **common
    )
    settings = {**DECODER, "head_dim": 6, "experts": 5, "active": 2}
    return Original("mixtral_8x7b", settings, MixtralForCausalLM(config), TOKENS, _logits, [(r"^model\.", "")])


def qwen3_moe(attention: str) -> Original:
    """Qwen3-MoE: queries and keys are normalised."""
    from transformers import Qwen3MoeConfig, Qwen3MoeForCausalLM

    common = {**_decoder(attention, 1e-6, 1_000_000.0), "head_dim": 6, "experts_implementation": "eager"}
    config = Qwen3MoeConfig(
        moe_intermediate_size=24, num_experts=5, num_experts_per_tok=3, norm_topk_prob=True, decoder_sparse_step=1,
        mlp_only_layers=[], **common,
    )  # fmt: skip
    settings = {**DECODER, "head_dim": 6, "experts": 5, "active": 3}
    return Original("qwen3_30b_a3b", settings, Qwen3MoeForCausalLM(config), TOKENS, _logits, [(r"^model\.", "")])


ENCODER = {"vocab": 20, "context": 12, "types": 2, "d": 16, "heads": 4, "layers": 2}


def _encoder(attention: str, eps: float) -> dict[str, Any]:
    return {
        "vocab_size": 20,
        "max_position_embeddings": 12,
        "type_vocab_size": 2,
        "hidden_size": 16,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "intermediate_size": 64,
        "layer_norm_eps": eps,
        "attn_implementation": attention,
    }


def _states_and_pooled(result: Any) -> tuple[torch.Tensor, ...]:
    return result.last_hidden_state, result.pooler_output


def bert(attention: str) -> Original:
    """BERT with its pooler."""
    from transformers import BertConfig, BertModel

    module = BertModel(BertConfig(**_encoder(attention, 1e-12)))
    return Original("bert_base", ENCODER, module, TOKENS, _states_and_pooled, [])


def roberta(attention: str) -> Original:
    """RoBERTa, which counts its positions from the tokens."""
    from transformers import RobertaConfig, RobertaModel

    module = RobertaModel(RobertaConfig(**_encoder(attention, 1e-5)))
    return Original("roberta_base", ENCODER, module, TOKENS, _states_and_pooled, [])


def t5(attention: str) -> Original:
    """T5 for conditional generation."""
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(
        vocab_size=20, d_model=16, d_kv=6, d_ff=24, num_layers=2, num_heads=4, relative_attention_num_buckets=8,
        attn_implementation=attention, use_cache=False, decoder_start_token_id=0, tie_word_embeddings=True,
    )  # fmt: skip
    settings = {"vocab": 20, "d": 16, "head_dim": 6, "hidden": 24, "layers": 2, "heads": 4, "buckets": 8}
    names: Renaming = [
        (r"block\.0\.layer\.0\.SelfAttention\.relative", "relative"),
        (r"\.layer\.0\.", ".attention."),
        (r"decoder(\.block\.\d+)\.layer\.1\.", r"decoder\1.cross_attention."),
        (r"\.layer\.[12]\.", ".feed_forward."),
        (r"^(en|de)coder\.embed_tokens", "shared"),
    ]
    # Distances up to 150 take every bucket.
    long = {"input_ids": torch.arange(2 * 150).reshape(2, 150) % 20}
    return Original("t5_small", settings, T5ForConditionalGeneration(config), {**long, **TARGET}, _logits, names)


def t5_long_target(attention: str) -> Original:
    """The same with a long text in the decoder."""
    one = t5(attention)
    long = {**TOKENS, "decoder_input_ids": torch.arange(2 * 150).reshape(2, 150) % 20}
    return Original(one.model, one.settings, one.module, long, one.output, one.names)


def _pictures(size: int) -> dict[str, torch.Tensor]:
    return {"x": torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(1))}


def _alone(result: Any) -> tuple[torch.Tensor, ...]:
    return (result,)


def resnet50(_: str) -> Original:
    """ResNet-50, with as many blocks as ResNet-26 has: widths are fixed there."""
    from torchvision import models

    module = models.resnet.ResNet(models.resnet.Bottleneck, [1, 2, 1, 1], num_classes=7)
    names: Renaming = [
        (r"^layer(\d)\.", lambda found: f"layer.{int(found[1]) - 1}.block."),
        (r"downsample\.0", "downsample.conv"),
        (r"downsample\.1", "downsample.bn"),
    ]
    return Original("resnet50", {"depths": [1, 2, 1, 1], "classes": 7}, module, _pictures(49), _alone, names)


def vit(_: str) -> Original:
    """The vision transformer."""
    from torchvision import models

    module = models.VisionTransformer(
        image_size=8, patch_size=4, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=64, num_classes=7
    )
    settings = {"image": 8, "patch": 4, "d": 16, "heads": 2, "layers": 2, "classes": 7}
    names: Renaming = [
        (r"encoder_layer_", ""),
        (r"mlp\.0", "mlp.fc1"),
        (r"mlp\.3", "mlp.fc2"),
        (r"^heads\.", ""),
    ]
    return Original("vit_b_16", settings, module, _pictures(8), _alone, names)


def densenet(_: str) -> Original:
    """DenseNet with two blocks."""
    from torchvision import models

    module = models.DenseNet(8, (2, 2), 16, num_classes=7)
    settings = {"growth": 8, "depths": [2, 2], "stem": 16, "classes": 7}
    return Original("densenet121", settings, module, _pictures(40), _alone)


def mobilenet(_: str) -> Original:
    """MobileNetV2."""
    from torchvision import models

    return Original("mobilenet_v2", {"classes": 7}, models.mobilenet_v2(num_classes=7), _pictures(40), _alone)
