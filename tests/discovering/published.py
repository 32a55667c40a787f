"""Published models as functions of their sizes, in the names of the zoo's specs, at sizes that fit together.

Heads and widths, say, cannot be chosen freely: `e` is the width of a head, and `d` is as many times that as there are
heads.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent.parent / "zoo"))

import reference_caches as caches
import reference_small as small
import reference_torchvision as vision
import reference_transformers as text
from torch import nn


def gpt2(heads: int, e: int, **others: Any) -> nn.Module:
    """transformers' GPT-2."""
    return text.build_gpt2("sdpa", d=heads * e, heads=heads, **others)()


def llama(kv_heads: int, shared: int, e: int, **others: Any) -> nn.Module:
    """transformers' Llama, or Qwen2: each key head is for `shared` heads."""
    heads = kv_heads * shared
    return text.build_llama("sdpa", d=heads * e, heads=heads, kv_heads=kv_heads, **others)()


def mixtral(kv_heads: int, shared: int, **others: Any) -> nn.Module:
    """transformers' Mixtral, or Qwen3-MoE."""
    return text.build_mixtral("sdpa", heads=kv_heads * shared, kv_heads=kv_heads, **others)()


def mixtral_counted(**others: Any) -> nn.Module:
    """The same with experts that are computed without looking at tokens."""
    return mixtral(kernel="batched_mm", **others)


def bert(heads: int, e: int, **others: Any) -> nn.Module:
    """transformers' BERT, or RoBERTa."""
    return text.build_bert("sdpa", d=heads * e, heads=heads, **others)()


def t5(d: int, **others: Any) -> nn.Module:
    """transformers' T5."""
    return text.build_t5("sdpa", d=d, hidden=4 * d, **others)()


def gemma2(kv_heads: int, shared: int, e: int, **others: Any) -> nn.Module:
    """transformers' Gemma 2."""
    heads = kv_heads * shared
    return caches.build_gemma2("eager", d=heads * e, heads=heads, kv_heads=kv_heads, **others)()


def gpt_oss(kv_heads: int, shared: int, **others: Any) -> nn.Module:
    """transformers' gpt-oss."""
    return caches.build_gpt_oss("eager", heads=kv_heads * shared, kv_heads=kv_heads, **others)()


def deepseek(more: int, dense: int, each: int, groups: int, **others: Any) -> nn.Module:
    """transformers' DeepSeek-V3 with `more` layers of mixtures after the dense ones, and `each` experts in a group."""
    return caches.build_deepseek(
        "sdpa", layers=dense + more, dense=dense, experts=each * groups, groups=groups, **others
    )()  # fmt: skip


def mamba(**others: Any) -> nn.Module:
    """transformers' Mamba."""
    return caches.build_mamba(**others)()


def resnet(**others: Any) -> nn.Module:
    """torchvision's ResNet."""
    return vision.build_resnet(**others)()


def densenet(**others: Any) -> nn.Module:
    """torchvision's DenseNet."""
    return vision.build_densenet(**others)()


def vgg(**others: Any) -> nn.Module:
    """torchvision's VGG."""
    return vision.build_vgg(**others)()


def alexnet(**others: Any) -> nn.Module:
    """torchvision's AlexNet."""
    return vision.build_alexnet(**others)()


def mobilenet(**others: Any) -> nn.Module:
    """torchvision's MobileNetV2."""
    return vision.build_mobilenet(**others)()


def vit(patch: int, patches: int, heads: int, e: int, **others: Any) -> nn.Module:
    """torchvision's vision transformer on pictures of `patches` × `patches` patches."""
    return vision.build_vit(image=patch * patches, patch=patch, d=heads * e, heads=heads, **others)()


def vit_of_pixels(image: int, heads: int, e: int, **others: Any) -> nn.Module:
    """The same with patches of 4."""
    return vision.build_vit(image=image, patch=4, d=heads * e, heads=heads, **others)()


def linear(features: int, targets: int) -> nn.Module:
    """Linear regression."""
    return small.build_linear(features, targets)()


def mlp(inputs: int, **others: Any) -> nn.Module:
    """A perceptron."""
    return small.build_mlp(inputs=inputs, **others)()


def convnet(inputs: int, image: int, **others: Any) -> nn.Module:
    """A small convolutional net."""
    return small.build_convnet(inputs=inputs, image=image, **others)()


def conv_features(inputs: int, image: int = 0, **others: Any) -> nn.Module:
    """Its convolutions."""
    return small.build_features(inputs=inputs, **others)()


def unet(channels: int, **others: Any) -> nn.Module:
    """U-Net."""
    return small.build_unet(channels=channels, **others)()


def lstm(**others: Any) -> nn.Module:
    """An LSTM language model."""
    return small.build_lstm(**others)()
