"""torchvision's own models, built from hyperparameters. Shares no code with archspec."""

from __future__ import annotations

import torchvision_operators  # noqa: F401  # isort: skip  # before whatever imports torchvision

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torchvision import models
from torchvision.models import densenet, mobilenetv2, resnet, vgg, vision_transformer

Build = Callable[[], nn.Module]


class NarrowResNet(resnet.ResNet):
    """torchvision's ResNet with another width of the stem, which its constructor fixes to 64."""

    def __init__(self, block: Any, depths: list[int], width: int, groups: int, group_width: int, classes: int) -> None:
        super().__init__(block, depths, num_classes=classes)
        if (width, groups, group_width) == (64, 1, 64):
            return
        self.inplanes, self.groups, self.base_width = width, groups, 64
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        for stage, depth in enumerate(depths):
            # A bottleneck's inner width is planes * base_width / 64 * groups: solve for base_width.
            self.base_width = 64 * group_width // width if block is resnet.Bottleneck else 64
            layer = self._make_layer(block, width * 2**stage, depth, stride=1 if stage == 0 else 2)
            setattr(self, f"layer{stage + 1}", layer)
        self.fc = nn.Linear(width * 2 ** (len(depths) - 1) * block.expansion, classes)


def build_resnet(
    depths: tuple[int, ...] = (3, 4, 6, 3),
    width: int = 64,
    groups: int = 1,
    group_width: int | None = None,
    classes: int = 1000,
    bottleneck: bool = True,
) -> Build:
    """A residual network; `group_width` is that of the first stage."""
    block = resnet.Bottleneck if bottleneck else resnet.BasicBlock
    return lambda: NarrowResNet(block, list(depths), width, groups, group_width or width, classes)


def build_vgg(
    convs: tuple[int, ...] = (2, 2, 3, 3, 3),
    width: int = 64,
    hidden: int = 4096,
    classes: int = 1000,
    dropout: float = 0.5,
    norm: bool = False,
) -> Build:
    """VGG; the classifier is rebuilt where its widths are not torchvision's."""

    def build() -> nn.Module:
        plan: list[str | int] = []
        for stage, count in enumerate(convs):
            plan += [width * min(2**stage, 8)] * count + ["M"]
        model = vgg.VGG(
            vgg.make_layers(plan, batch_norm=norm), num_classes=classes, init_weights=False, dropout=dropout
        )
        last = width * min(2 ** (len(convs) - 1), 8)
        model.classifier[0] = nn.Linear(last * 49, hidden)
        model.classifier[3] = nn.Linear(hidden, hidden)
        model.classifier[6] = nn.Linear(hidden, classes)
        return model

    return build


def build_alexnet(classes: int = 1000, dropout: float = 0.5) -> Build:
    """AlexNet."""
    return lambda: models.AlexNet(num_classes=classes, dropout=dropout)


def build_densenet(
    growth: int = 32,
    depths: tuple[int, ...] = (6, 12, 24, 16),
    stem: int = 64,
    bottleneck: int = 4,
    classes: int = 1000,
) -> Build:
    """DenseNet."""
    return lambda: densenet.DenseNet(growth, depths, stem, bottleneck, 0.0, classes)  # type: ignore[arg-type]


def build_mobilenet(
    expand: int = 6,
    stages: tuple[tuple[int, int, bool], ...] = (
        (24, 2, True),
        (32, 3, True),
        (64, 4, True),
        (96, 3, False),
        (160, 3, True),
        (320, 1, False),
    ),
    first: int = 16,
    classes: int = 1000,
    dropout: float = 0.2,
) -> Build:
    """MobileNetV2: rows of (expand, width, depth, stride), the first without expansion."""
    rows = [[1, first, 1, 1]] + [[expand, width, depth, 2 if halve else 1] for width, depth, halve in stages]
    return lambda: mobilenetv2.MobileNetV2(classes, 1.0, rows, 1, dropout=dropout)


def build_vit(
    image: int = 224,
    patch: int = 16,
    d: int = 768,
    heads: int = 12,
    layers: int = 12,
    hidden: int | None = None,
    classes: int = 1000,
    dropout: float = 0.0,
) -> Build:
    """The vision transformer."""
    return lambda: vision_transformer.VisionTransformer(
        image, patch, layers, heads, d, hidden or 4 * d, dropout=dropout, num_classes=classes
    )


def pixels(batch: int, height: int, width: int, device: str = "cpu") -> dict[str, torch.Tensor]:
    """A batch of pictures."""
    return {"image": torch.zeros(batch, 3, height, width, device=device)}


def forward(model: nn.Module, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """One call on a batch of pictures."""
    output: torch.Tensor = model(inputs["image"])
    return output
