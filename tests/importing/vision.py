"""Models of torchvision, whose compiled operators need not be there: `torch:tests.importing.vision:resnet50`."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torchvision import models

import tests.zoo.torchvision_operators  # noqa: F401  (before torchvision)
from archspec.importing.model import Source
from tests.importing import small_vision

_WHOLE_VIDEO = ("video=float32[B,3,16,224,224]",)
"""MViT has positions for a clip of one size, and Swin's clips are cut into windows of a fixed size."""
INPUTS = {
    "mvit": _WHOLE_VIDEO,
    "raft": ("image1=float32[B,3,H,W], image2=float32[B,3,H,W]",),
}
"""How models are called that take something else than one picture, by the beginnings of their names."""


def __getattr__(name: str) -> Any:
    try:
        builder = models.get_model_builder(name)
    except ValueError:
        return getattr(models, name)
    if ".detection." not in builder.__module__:
        return builder

    def detector() -> tuple[nn.Module, Any]:
        """A detector, and what it is trained on: a picture with one box."""
        picture = torch.rand(3, 320, 320)
        target = {"boxes": torch.tensor([[8.0, 8.0, 96.0, 96.0]]), "labels": torch.ones(1, dtype=torch.int64)}
        if name.startswith("mask"):
            target["masks"] = torch.ones(1, 320, 320, dtype=torch.uint8)
        elif name.startswith("keypoint"):
            target["keypoints"] = torch.ones(1, 17, 3)
        return builder(weights_backbone=None), ([picture], [target])

    return detector


def classifiers() -> list[str]:
    """The builders of torchvision's models that classify pictures."""
    return list(models.list_models(models))


def everything() -> list[str]:
    """All of torchvision's builders: also of segmentation, detection, video, optical flow and quantization."""
    return list(models.list_models())


def family(name: str) -> str:
    """What a builder's models do: `classification`, `segmentation`, `detection`, …"""
    package = models.get_model_builder(name).__module__.removeprefix("torchvision.models.")
    return package.partition(".")[0].replace("_", " ") if "." in package else "classification"


def source(name: str) -> Source:
    """What to import for a builder, under the name that a user would give; `small_…` are those of `small_vision`."""
    if name.startswith("small_"):
        name = name.removeprefix("small_")
        module = small_vision.__name__
        return Source("torch", f"torch:{module}:{name}", module, name, inputs=small_vision.INPUTS[name])
    builder = models.get_model_builder(name)
    package = builder.__module__.rpartition(".")[0]
    said = f"torch:{package}:{builder.__name__}"
    given = {"weights_backbone": None} if ".segmentation." in builder.__module__ else {}
    inputs = next((one for start, one in INPUTS.items() if name.startswith(start)), ())
    return Source("torch", said, "tests.importing.vision", name, given=given, inputs=inputs)
