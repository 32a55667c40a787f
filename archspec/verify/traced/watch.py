"""Watching a forward pass in torch: in which layer and operation it is, what layers give, what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode

from archspec.verify.traced.records import Kept, Made


def tensors_in(value: object) -> Iterator[torch.Tensor]:
    """The tensors of a nest of tuples, lists and dictionaries, in order."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from tensors_in(item)


class _Names(TorchFunctionMode):
    """Knows the torch function that was called last."""

    current = ""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        before, self.current = self.current, getattr(func, "__name__", "")
        if self.current in ("__get__", "__set__"):
            self.current = before
        try:
            return func(*args, **(kwargs or {}))
        finally:
            self.current = before

    def spoken(self) -> str:
        """The name as people write it."""
        return self.current.removeprefix("_")


class Watch:
    """Hooks on all modules of `model` while it is entered.

    calls: the layers in the order in which they were called first. made: outputs of layers
    with parameters of their own and no layers inside.
    """

    def __init__(self, model: nn.Module) -> None:
        self.calls: dict[str, None] = {}
        self.made: list[Made] = []
        self._names: dict[nn.Module, str] = {}
        for name, module in model.named_modules():
            self._names.setdefault(module, name)
        self._path: list[str] = []
        self._functions = _Names()
        self._stack = ExitStack()

    def __enter__(self) -> Watch:
        self._stack.enter_context(self._functions)
        before = register_module_forward_pre_hook(self._enter)
        after = register_module_forward_hook(self._leave, always_call=True)
        self._stack.callback(before.remove)
        self._stack.callback(after.remove)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def layer(self) -> str:
        """The innermost module that is running."""
        return self._path[-1] if self._path else ""

    @property
    def operation(self) -> str:
        """The torch function that is running."""
        return self._functions.spoken()

    def _enter(self, module: nn.Module, _: Any) -> None:
        name = self._names.get(module, self.layer)
        self._path.append(name)
        self.calls.setdefault(name)

    def _leave(self, module: nn.Module, _: Any, output: Any) -> None:
        own = any(one is not None for one in module._parameters.values())
        if own and not module._modules and module in self._names:
            shapes = tuple(tuple(one.shape) for one in tensors_in(output))
            self.made.append(Made(self._names[module], type(module).__name__, shapes))
        if self._path:
            self._path.pop()


class Keeper:
    """Hooks that list the storages kept for the backward pass, each once, without those of `own` tensors.

    A saved view pins its whole storage, so that storages are counted, not views.
    """

    def __init__(self, watch: Watch, own: list[torch.Tensor]) -> None:
        self.kept: list[Kept] = []
        self._watch = watch
        self._own = {storage._cdata: storage for storage in (one.untyped_storage() for one in own)}
        self._hooks = torch.autograd.graph.saved_tensors_hooks(self._pack, lambda tensor: tensor)

    def __enter__(self) -> Keeper:
        self._hooks.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._hooks.__exit__(*error)

    def _pack(self, tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in self._own:
            self._own[storage._cdata] = storage  # held, for an address that is free would be used again
            size = storage.nbytes()
            if size:
                dtype = str(tensor.dtype).removeprefix("torch.")
                self.kept.append(Kept(self._watch.layer, self._watch.operation, dtype, tuple(tensor.shape), int(size)))
        return tensor


__all__ = ["Keeper", "Watch", "tensors_in"]
