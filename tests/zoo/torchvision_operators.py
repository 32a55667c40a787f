"""Stands in for torchvision's compiled operators where they cannot be loaded: its import describes two of them."""

from __future__ import annotations

import contextlib

import torch

LIBRARY = torch.library.Library("torchvision", "FRAGMENT")

for _name in ("nms", "qnms"):
    with contextlib.suppress(RuntimeError):  # it exists where the compiled operators were loaded
        LIBRARY.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
