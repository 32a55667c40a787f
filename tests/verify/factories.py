"""Models of torchvision and transformers as a person would name them after `--against`. Share no code with archspec."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent.parent / "zoo"))

import reference_torchvision as vision
import reference_transformers as text


class Answer(nn.Module):
    """A model of transformers that returns tensors alone: its scores, or its last states and the pooled vector."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, decoder_input_ids: torch.Tensor | None = None) -> Any:
        """One call."""
        second = {} if decoder_input_ids is None else {"decoder_input_ids": decoder_input_ids}
        outputs = self.model(input_ids=input_ids, **second)
        return (outputs.last_hidden_state, outputs.pooler_output) if "pooler_output" in outputs else outputs.logits


def alexnet(**arguments: Any) -> nn.Module:
    return vision.build_alexnet(**arguments)()


def vgg(**arguments: Any) -> nn.Module:
    return vision.build_vgg(**arguments)()


def resnet(**arguments: Any) -> nn.Module:
    return vision.build_resnet(**arguments)()


def densenet(**arguments: Any) -> nn.Module:
    return vision.build_densenet(**arguments)()


def mobilenet(**arguments: Any) -> nn.Module:
    return vision.build_mobilenet(**arguments)()


def vit(**arguments: Any) -> nn.Module:
    return vision.build_vit(**arguments)()


def gpt2(**arguments: Any) -> nn.Module:
    return Answer(text.build_gpt2(**{"attention": "sdpa", **arguments})())


def llama(**arguments: Any) -> nn.Module:
    return Answer(text.build_llama(**{"attention": "sdpa", **arguments})())


def mixtral(**arguments: Any) -> nn.Module:
    return Answer(text.build_mixtral(**{"attention": "sdpa", **arguments})())


def bert(**arguments: Any) -> nn.Module:
    return Answer(text.build_bert(**{"attention": "sdpa", **arguments})())


def t5(**arguments: Any) -> nn.Module:
    return Answer(text.build_t5(**{"attention": "sdpa", **arguments})())
