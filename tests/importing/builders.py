"""Models of torchvision with all that they are made with as arguments: `torch:tests.importing.builders:resnet`."""

from __future__ import annotations

from typing import Any

from torchvision.models.densenet import DenseNet
from torchvision.models.resnet import Bottleneck, ResNet
from torchvision.models.vision_transformer import VisionTransformer

import tests.zoo.torchvision_operators  # noqa: F401  (before torchvision)


def resnet(layers: Any = (3, 4, 6, 3), width_per_group: int = 64, groups: int = 1, num_classes: int = 1000) -> ResNet:
    """ResNet-50, or another number of bottlenecks."""
    return ResNet(Bottleneck, list(layers), num_classes, groups=groups, width_per_group=width_per_group)


def vit(
    image_size: int = 224, patch_size: int = 16, num_layers: int = 3, num_heads: int = 12, hidden_dim: int = 768,
    mlp_dim: int = 3072, num_classes: int = 1000,
) -> VisionTransformer:  # fmt: skip
    """ViT-B/16 with 3 layers, or one of another size."""
    return VisionTransformer(
        image_size, patch_size, num_layers, num_heads, hidden_dim, mlp_dim, num_classes=num_classes
    )


def densenet(
    growth_rate: int = 32, block_config: Any = (3, 4, 6, 5), num_init_features: int = 64, bn_size: int = 4,
    num_classes: int = 1000,
) -> DenseNet:  # fmt: skip
    """A DenseNet of any size; a small one takes less time."""
    return DenseNet(growth_rate, tuple(block_config), num_init_features, bn_size, num_classes=num_classes)
