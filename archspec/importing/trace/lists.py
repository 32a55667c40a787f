"""Lists of modules, such as the experts of a mixture, and whether any of these could do the work of the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn


def lists_of(model: nn.Module) -> dict[str, dict[str, Any]]:
    """How many modules there are in each `ModuleList` of two or more, and whether they are alike and share nothing."""
    found: dict[str, dict[str, Any]] = {}
    for name, module in model.named_modules():
        if not isinstance(module, nn.ModuleList) or len(module) < 2:
            continue
        first, *others = module
        if all(one is first for one in others):
            continue  # one module, which does all there is to do
        tensors = [id(one) for entry in module for one in _tensors(entry)]
        same = _made(first)
        alike = len(set(tensors)) == len(tensors) and all(_made(one) == same for one in others)
        found[name] = {"count": len(module), "alike": alike}
    return found


def _tensors(module: nn.Module) -> Iterator[torch.Tensor]:
    yield from module.parameters()
    yield from module.buffers()


def _made(entry: nn.Module) -> list[Any]:
    """What can be seen of a module without running it: classes, settings, shapes, of all that is inside too."""
    found: list[Any] = []
    for name, module in entry.named_modules(remove_duplicate=False):
        held = [
            (leaf, None if one is None else (tuple(one.shape), one.dtype, one.requires_grad))
            for tensors in (module._parameters, module._buffers)
            for leaf, one in tensors.items()
        ]
        settings = {key: _plain(one) for key, one in vars(module).items() if not key.startswith("_")}
        found.append((name, type(module), held, settings, len(module._forward_hooks), len(module._forward_pre_hooks)))
    return found


def _plain(value: Any) -> Any:
    """A setting as something that can be compared: functions are themselves, other objects their class."""
    if value is None or isinstance(value, bool | int | float | str) or callable(value):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return type(value)


__all__ = ["lists_of"]
