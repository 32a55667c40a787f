"""Models and inputs without weights (`meta`), with made-up ones (fake) and with real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from archspec.verify.traced.records import Shape

Build = Callable[[], nn.Module]
_FILLERS = tuple(
    name
    for name in dir(nn.init)
    if name.endswith("_") and not name.startswith("_") and callable(getattr(nn.init, name))
)
"""Functions that give parameters their first values."""


@dataclass(frozen=True)
class Maker:
    """Makes a model anew at each call: `real` with weights, `light` without (on `meta`, or an error)."""

    real: Build
    light: Build

    @staticmethod
    def of_build(build: Build) -> Maker:
        """From a function that makes it."""
        return Maker(build, lambda: on_meta(build))

    @staticmethod
    def of_model(model: nn.Module) -> Maker:
        """From a model, of which copies are made."""
        import copy

        def light() -> nn.Module:
            memo: dict[int, Any] = {}
            for tensor in [*model.parameters(), *model.buffers()]:
                empty = torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")
                trained = tensor.requires_grad
                memo[id(tensor)] = nn.Parameter(empty, trained) if isinstance(tensor, nn.Parameter) else empty
            return copy.deepcopy(model, memo)

        return Maker(lambda: copy.deepcopy(model), light)


WHOLE_NUMBER = 2
"""What inputs of whole numbers hold unless asked otherwise: not 0 and not 1, which some models take for padding."""


@dataclass(frozen=True)
class Wanted:
    """An input to make. `dtype` is torch's name of it, `float` the model's own. `value`: what it is filled with."""

    name: str
    dtype: str
    shape: Shape
    value: int | None = None

    def make(self, floating: torch.dtype, device: str = "cpu") -> torch.Tensor:
        """The tensor."""
        dtype = floating if self.dtype == "float" else getattr(torch, self.dtype)
        whole = not dtype.is_floating_point and dtype is not torch.bool
        value = self.value if self.value is not None else WHOLE_NUMBER if whole else None
        if value is not None:
            return torch.full(self.shape, value, dtype=dtype, device=device)
        if dtype is torch.bool:
            return torch.ones(self.shape, dtype=dtype, device=device)
        return torch.rand(self.shape, dtype=torch.float32, device=device).to(dtype)


@dataclass(frozen=True)
class Inputs:
    """How a model is called."""

    positional: tuple[Any, ...]
    named: Mapping[str, Any]

    def tensors(self) -> list[torch.Tensor]:
        """The tensors among them."""
        from archspec.verify.traced.watch import tensors_in

        return list(tensors_in([*self.positional, dict(self.named)]))


def make_inputs(wanted: Sequence[Wanted], model: nn.Module, floating: torch.dtype, device: str = "cpu") -> Inputs:
    """Inputs by name, if the model's `forward` has parameters of all these names; else in order."""
    import inspect

    tensors = {one.name: one.make(floating, device) for one in wanted}
    try:
        parameters = inspect.signature(model.forward).parameters
    except (TypeError, ValueError):
        return Inputs(tuple(tensors.values()), {})
    if all(name in parameters for name in tensors):
        return Inputs((), tensors)
    return Inputs(tuple(tensors.values()), {})


def move(inputs: Inputs, floating: torch.dtype, device: str) -> Inputs:
    """Given inputs on another device, floating ones in another dtype. Those of a fake mode stay in it."""

    def moved(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            dtype = floating if value.is_floating_point() else value.dtype
            if device == "meta":
                return torch.empty(value.shape, dtype=dtype, device="meta")
            return value.detach().to(device=device, dtype=dtype, copy=True)
        if isinstance(value, dict):
            return {name: moved(one) for name, one in value.items()}
        if isinstance(value, tuple | list):
            return type(value)(moved(one) for one in value)
        return value

    return Inputs(tuple(moved(one) for one in inputs.positional), {n: moved(one) for n, one in inputs.named.items()})


def on_meta(build: Build) -> nn.Module:
    """A model without weights. One that asks for values of its own while it is made, such as widths that it computes
    with tensors, is made on cpu without filling anything, which takes no memory, and its weights are left out then.
    """
    with _without_filling():
        try:
            with torch.device("meta"):
                return build()
        except (NotImplementedError, RuntimeError):
            return _left_out(build())


def _left_out(model: nn.Module) -> nn.Module:
    """Tensors on `meta` in place of a model's own. Tied ones stay tied."""

    def empty(tensor: torch.Tensor) -> torch.Tensor:
        return torch.empty_like(tensor, device="meta")

    return _replaced(model, empty)


@contextmanager
def _without_filling() -> Iterator[None]:
    """Nothing is filled with first values: a tensor without storage has none, and `trunc_normal_` asks for them."""
    kept = {name: getattr(nn.init, name) for name in _FILLERS}
    for name in _FILLERS:
        setattr(nn.init, name, lambda tensor, *_, **__: tensor)
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(nn.init, name, function)


def as_fake(model: nn.Module, mode: FakeTensorMode, floating: torch.dtype) -> nn.Module:
    """Puts fake tensors on cpu in place of a model's parameters and buffers. Tied ones stay tied."""

    def fake(tensor: torch.Tensor) -> torch.Tensor:
        dtype = floating if tensor.is_floating_point() else tensor.dtype
        return FakeTensor(mode, torch.empty(tensor.shape, dtype=dtype, device="meta"), torch.device("cpu"))

    return _replaced(model, fake)


def _replaced(model: nn.Module, new: Callable[[torch.Tensor], torch.Tensor]) -> nn.Module:
    made: dict[int, torch.Tensor] = {}

    def other(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in made:
            trained = tensor.requires_grad
            found = new(tensor)
            made[id(tensor)] = nn.Parameter(found, trained) if isinstance(tensor, nn.Parameter) else found
        return made[id(tensor)]

    for module in model.modules():
        tables: tuple[dict[str, Any], ...] = (module._parameters, module._buffers)
        for table in tables:
            table.update({name: other(tensor) for name, tensor in table.items() if tensor is not None})
        if isinstance(module, nn.RNNBase):
            module._flat_weights = [getattr(module, name) for name in module._flat_weights_names]
    return model
