"""Models of torchvision, whose compiled operators need not be there: `torch:tests.importing.vision:resnet50`."""

from __future__ import annotations

from typing import Any

from torchvision import models

import tests.zoo.torchvision_operators  # noqa: F401  (before torchvision)


def __getattr__(name: str) -> Any:
    return getattr(models, name)


def classifiers() -> list[str]:
    """The builders of torchvision's models that classify pictures."""
    return list(models.list_models(models))
