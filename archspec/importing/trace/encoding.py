"""Tensors as numbers, and everything that a call takes or gives as plain data.

A tensor that is overwritten gets a new number: what was read before and after are different values. Tensors are held,
for the address of one that is gone would be used again.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

Code = Any
"""Numbers, texts, None and lists as they are; `{"v": 3}` a tensor, `{"t": "float32"}` a dtype, `{"s": [a, b, c]}` a
slice, `{"e": 1}` an ellipsis, `{"d": {…}}` a dictionary, `{"x": "…"}` anything else, by its class."""

_PLAIN = (int, bool, float, str, type(None))


class Encoder:
    """Numbers the tensors of one run."""

    def __init__(self, model: nn.Module) -> None:
        self._numbers: dict[int, int] = {}
        self._kept: list[torch.Tensor] = []
        self._table: list[dict[str, Any]] = []
        self._storages: dict[int, int] = {}
        self._held: dict[str, dict[str, Any]] = {}
        for path, module in model.named_modules(remove_duplicate=False):
            for role, tensors in (("param", module._parameters), ("buffer", module._buffers)):
                for leaf, tensor in tensors.items():
                    if tensor is not None:
                        name = f"{path}.{leaf}" if path else leaf
                        transient = role == "buffer" and leaf in module._non_persistent_buffers_set
                        self._held[name] = {"v": self.number(tensor), "role": role, "transient": transient}

    def number(self, tensor: torch.Tensor) -> int:
        """The number of a tensor; a new one for a tensor not seen before."""
        known = self._numbers.get(id(tensor))
        return self.renew(tensor) if known is None else known

    def renew(self, tensor: torch.Tensor) -> int:
        """A new number for a tensor that was overwritten."""
        number = self._numbers[id(tensor)] = len(self._table)
        self._kept.append(tensor)
        storage = tensor.untyped_storage()._cdata
        self._table.append(
            {
                "shape": [int(size) for size in tensor.shape],
                "dtype": str(tensor.dtype).removeprefix("torch."),
                "grad": bool(tensor.requires_grad),
                "storage": self._storages.setdefault(storage, len(self._storages)),
                "strides": [int(step) for step in tensor.stride()],
            }
        )
        return number

    def encode(self, value: Any) -> Code:
        """A value as plain data."""
        if type(value) in _PLAIN:
            return value
        if isinstance(value, torch.Tensor):
            return {"v": self.number(value)}
        if isinstance(value, float | str):
            return value
        if isinstance(value, int):
            return int(value)
        if isinstance(value, list | tuple):
            return [self.encode(one) for one in value]
        if isinstance(value, torch.dtype):
            return {"t": str(value).removeprefix("torch.")}
        if isinstance(value, slice):
            return {"s": [self.encode(one) for one in (value.start, value.stop, value.step)]}
        if value is Ellipsis:
            return {"e": 1}
        if isinstance(value, Mapping):
            return {"d": {str(key): self.encode(one) for key, one in value.items()}}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {"d": {one.name: self.encode(getattr(value, one.name)) for one in dataclasses.fields(value)}}
        return {"x": type(value).__name__}

    def holds_tensor(self, code: Code) -> bool:
        """Whether there is a tensor in something encoded."""
        if isinstance(code, dict):
            return "v" in code or any(self.holds_tensor(one) for one in code.get("d", {}).values())
        return isinstance(code, list) and any(self.holds_tensor(one) for one in code)

    def changed(self, name: str, args: Any, kwargs: Any, result: Any) -> list[torch.Tensor]:
        """The tensors that a function wrote into, which say so by their names: `add_`, `__iadd__`, `inplace=True`."""
        leaf = name.rpartition(".")[2]
        first = args[0] if args and isinstance(args[0], torch.Tensor) else None
        if isinstance(kwargs.get("out"), torch.Tensor):
            return [kwargs["out"]]
        if first is None:
            return []
        if leaf in ("__setitem__", "copy_", "__set__"):
            return [first]
        writes = (leaf.endswith("_") and not leaf.endswith("__")) or leaf.startswith("__i")
        if (writes and leaf not in ("__invert__", "requires_grad_", "__init__")) or kwargs.get("inplace") is True:
            return [first]
        if result is first and any(one is True for one in args[1:]) and "functional" in name:  # F.relu(x, True)
            return [first]
        return []

    def inputs(self, positional: tuple[Any, ...], named: dict[str, Any], model: nn.Module) -> dict[str, Code]:
        """The model's inputs by the names that its `forward` has for them."""
        try:
            names = list(inspect.signature(model.forward).parameters)
        except (TypeError, ValueError):
            names = []
        found: dict[str, Code] = {}
        for place, one in enumerate(positional):
            found[names[place] if place < len(names) else f"input_{place}"] = self.encode(one)
        return found | {name: self.encode(one) for name, one in named.items()}

    def table(self) -> list[dict[str, Any]]:
        """What is known of each number."""
        return self._table

    def held(self) -> dict[str, dict[str, Any]]:
        """Parameters and buffers by name."""
        return self._held
