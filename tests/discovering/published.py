"""Published models as functions of their sizes, in the names of the zoo's specs."""

from __future__ import annotations

import tests.zoo.torchvision_operators  # noqa: F401  # isort: skip  # before whatever imports torchvision

from torch import nn
from torchvision.models.densenet import DenseNet
from torchvision.models.resnet import Bottleneck, ResNet
from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM


def gpt2(vocab: int, context: int, d: int, layers: int) -> nn.Module:
    """transformers' GPT-2 with 2 heads."""
    config = GPT2Config(
        vocab_size=vocab, n_positions=context, n_embd=d, n_layer=layers, n_head=2, use_cache=False,
        bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    return GPT2LMHeadModel(config)


def llama(vocab: int, e: int, hidden: int, layers: int, kv_heads: int) -> nn.Module:
    """transformers' Llama with twice as many heads as key heads, of width `e`."""
    config = LlamaConfig(
        vocab_size=vocab, hidden_size=2 * kv_heads * e, intermediate_size=hidden, num_hidden_layers=layers,
        num_attention_heads=2 * kv_heads, num_key_value_heads=kv_heads, use_cache=False, tie_word_embeddings=False,
        bos_token_id=0, eos_token_id=0, pad_token_id=None,
    )  # fmt: skip
    return LlamaForCausalLM(config)


def bert(vocab: int, context: int, d: int, layers: int) -> nn.Module:
    """transformers' BERT with its pooler, with 2 heads."""
    config = BertConfig(
        vocab_size=vocab, max_position_embeddings=context, hidden_size=d, intermediate_size=4 * d,
        num_hidden_layers=layers, num_attention_heads=2,
    )  # fmt: skip
    return BertModel(config)


def resnet(first: int, second: int, classes: int) -> nn.Module:
    """torchvision's ResNet of bottlenecks."""
    return ResNet(Bottleneck, [first, second, 2, 2], num_classes=classes)


def densenet(
    growth: int, depths: list[int], stem: int = 16, bottleneck: int = 4, classes: int = 10, image: int = 32
) -> nn.Module:
    """torchvision's DenseNet."""
    return DenseNet(growth, tuple(depths), stem, bottleneck, 0.0, classes)
