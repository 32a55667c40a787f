"""Small relatives of models of torchvision that take long: `torch:tests.importing.small_vision:swin_v2`."""

from __future__ import annotations

import torch
from torch import nn
from torchvision.models.swin_transformer import PatchMergingV2, SwinTransformer, SwinTransformerBlockV2
from torchvision.models.video.mvit import MSBlockConfig, MViT
from torchvision.models.video.swin_transformer import SwinTransformer3d

import tests.zoo.torchvision_operators  # noqa: F401  (before torchvision)

INPUTS = {
    "swin_v2": ("image=float32[B,3,64,64]",),
    "swin3d": ("video=float32[B,3,8,32,32]",),
    "mvit": ("video=float32[B,3,8,32,32]",),
    "warp": ("image=float32[B,3,H,W]",),
}
"""How each is called."""


def swin_v2() -> SwinTransformer:
    """Two stages of Swin V2: windows with scores that are cosines, shifted ones, and a bias of keys that is zero."""
    return SwinTransformer(
        [4, 4], 24, [2, 2], [2, 4], [4, 4], block=SwinTransformerBlockV2, downsample_layer=PatchMergingV2
    )


def swin3d() -> SwinTransformer3d:
    """Two stages of Swin over video: windows of three axes, and so tensors of eight."""
    return SwinTransformer3d([2, 4, 4], 24, [2, 2], [2, 4], [2, 4, 4])


def mvit() -> MViT:
    """Two blocks of MViT V2: relative positions by height, width and time, added into a piece of the scores."""
    settings = [
        MSBlockConfig(1, 24, 24, [3, 3, 3], [3, 3, 3], [1, 1, 1], [1, 2, 2]),
        MSBlockConfig(2, 24, 48, [3, 3, 3], [3, 3, 3], [1, 2, 2], [1, 1, 1]),
    ]
    return MViT(
        (32, 32), 8, settings, residual_pool=True, residual_with_cls_embed=False, rel_pos_embed=True,
        proj_after_attn=True, stochastic_depth_prob=0.1,
    )  # fmt: skip


class Warp(nn.Module):
    """Features read at places that were computed, as optical flow does it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.features = nn.Conv2d(3, width, 3, padding=1)
        self.flow = nn.Conv2d(width, 2, 3, padding=1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """The features, moved."""
        features = self.features(image)
        places = self.flow(features).permute(0, 2, 3, 1).tanh()
        moved: torch.Tensor = nn.functional.grid_sample(features, places, mode="bilinear", align_corners=True)
        found: torch.Tensor = moved * features.sigmoid()
        return found


def warp(width: int = 12) -> Warp:
    """One warp."""
    return Warp(width)
