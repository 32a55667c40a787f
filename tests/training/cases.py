"""What is trained: ten models of the zoo at small sizes, each as the framework's own model, with a loss.

The builders are the zoo's (tests/zoo), so that a case's `model`, `set` and `axes` ask archspec for the same model.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "zoo"))

import reference_small as plain  # beside this folder, not in a package
import reference_torchvision as vision
import reference_transformers as text
import torch
import torch.nn.functional as F
from instruments import make_fake, on_meta
from torch import nn, optim
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers import masking_utils

from tests.training.instrument import Job, Tensors

# transformers takes fake tensors for a trace, and makes masks that a run does not make.
vars(masking_utils)["is_tracing"] = lambda *_: False
# It asks for values, which fake tensors do not have; with one sequence a row the answer is None.
vars(masking_utils)["find_packed_sequence_indices"] = lambda position_ids: None

INPUT: dict[Any, str] = {plain.forward: "x", vision.forward: "image", text.forward: "input_ids"}
Settings = dict[str, Any]
BATCHES = (1, 2, 4)


@dataclass(frozen=True)
class Trained:
    """A model at one size, without its batch.

    shape: of one input. kind: what has a class, `rows` of the batch, `pixels` or `tokens`.
    """

    model: str
    settings: Settings
    axes: dict[str, int]
    build: Callable[[], nn.Module]
    kind: str
    shape: tuple[int, ...]
    forward: Callable[[nn.Module, Tensors], torch.Tensor]

    def job(self, batch: int, make: Callable[[nn.Module], optim.Optimizer], held: bool = False) -> Job:
        """The training of this model."""
        mode = FakeTensorMode(allow_non_fake_inputs=True)
        model = make_fake(on_meta(self.build), mode)
        with mode:
            inputs, target = self._tensors(batch)
            optimizer = make(model)
        return Job(mode, model, inputs, target, self.forward, _loss(self.kind), optimizer, held)

    def _tensors(self, batch: int) -> tuple[Tensors, torch.Tensor]:
        whole = (batch, *self.shape)
        words = len(self.shape) == 1 and self.model != "mlp"
        x = torch.full(whole, 5) if words else torch.zeros(whole)
        of_each = {"rows": (), "pixels": self.shape[1:], "tokens": self.shape}[self.kind]
        return {INPUT[self.forward]: x}, torch.zeros(batch, *of_each, dtype=torch.int64)


def _loss(kind: str) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """Mean cross-entropy: of a class for each example, pixel, or position."""
    if kind != "tokens":
        return F.cross_entropy
    return lambda logits, target: F.cross_entropy(logits.flatten(0, 1), target.flatten())


OPTIMIZERS: dict[str, Callable[[nn.Module], optim.Optimizer]] = {
    "sgd": lambda model: optim.SGD(model.parameters(), lr=0.1, foreach=False),
    "adamw": lambda model: optim.AdamW(model.parameters(), foreach=False),
    "adamw_foreach": lambda model: optim.AdamW(model.parameters(), foreach=True),
}


def trained() -> Iterator[Trained]:
    """The models."""
    yield _vision("mlp", {"inputs": 784, "widths": [512, 256], "outputs": 10}, plain.build_mlp, (784,))
    yield _vision("alexnet", {"classes": 100}, vision.build_alexnet, (3, 96, 96))
    vgg = {"convs": [1, 1, 2, 2, 2], "width": 16, "hidden": 128, "classes": 10}
    yield _vision("vgg16", vgg, vision.build_vgg, (3, 64, 64))
    resnet = {"depths": [2, 2, 2, 2], "width": 16, "classes": 10, "bottleneck": False}
    yield _vision("resnet50", resnet, vision.build_resnet, (3, 64, 64))
    bottlenecks = {"depths": [1, 2, 2, 1], "width": 16, "groups": 1, "group_width": 16, "classes": 10}
    yield _vision("resnet50", bottlenecks, vision.build_resnet, (3, 96, 96))
    dense = {"growth": 8, "depths": [2, 3, 4, 2], "stem": 16, "bottleneck": 4, "classes": 10}
    yield _vision("densenet121", dense, vision.build_densenet, (3, 64, 64))
    yield _vision("mobilenet_v2", {"classes": 10}, vision.build_mobilenet, (3, 64, 64))
    vit = {"image": 32, "patch": 8, "d": 64, "heads": 4, "layers": 3, "hidden": 256, "classes": 10}
    yield _vision("vit_b_16", vit, vision.build_vit, (3, 32, 32))
    yield _vision("unet", {"widths": [8, 16, 32], "classes": 4}, plain.build_unet, (3, 32, 48), kind="pixels")

    gpt2 = {"layers": 3, "d": 64, "heads": 4, "vocab": 500, "context": 64}
    for dropout in (0.0, 0.1):
        yield _text("gpt2", {**gpt2, "dropout": dropout}, text.build_gpt2, 32)
    yield _text("gpt2", {**gpt2, "dropout": 0.0, "layers": 12, "vocab": 50}, text.build_gpt2, 64)
    llama = {"layers": 3, "d": 64, "hidden": 160, "heads": 4, "kv_heads": 2, "vocab": 500}
    yield _text("llama2_7b", llama, text.build_llama, 48)
    bert = {"layers": 3, "d": 64, "hidden": 256, "heads": 4, "vocab": 300, "context": 64}
    for dropout in (0.0, 0.1):
        yield _text("bert_base", {**bert, "dropout": dropout}, text.build_bert, 32, kind="rows")
    words: Settings = {"vocab": 500, "d": 64, "layers": 2, "dropout": 0.0}
    yield Trained("lstm_lm", words, {"S": 24}, plain.build_lstm(**words), "tokens", (24,), plain.forward)


def _vision(model: str, settings: Settings, build: Any, shape: tuple[int, ...], kind: str = "rows") -> Trained:
    axes = {} if model in ("mlp", "vit_b_16") else {"H": shape[1], "W": shape[2]}
    forward = plain.forward if model in ("mlp", "unet") else vision.forward
    return Trained(model, settings, axes, build(**settings), kind, shape, forward)


def _text(model: str, settings: Settings, build: Any, length: int, kind: str = "tokens") -> Trained:
    return Trained(model, settings, {"S": length}, build("sdpa", **settings), kind, (length,), text.forward)
