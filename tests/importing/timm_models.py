"""One model of each family of timm: `torch:tests.importing.timm_models:convnext_tiny`."""

from __future__ import annotations

from typing import Any

import tests.zoo.torchvision_operators  # noqa: F401  (before torchvision)


def __getattr__(name: str) -> Any:
    import timm

    if name.startswith("_") or not timm.is_model(name):
        raise AttributeError(name)

    def build(num_classes: int = 1000) -> Any:
        return timm.create_model(name, num_classes=num_classes)

    return build
