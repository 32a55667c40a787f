"""A forward pass in torch, written down: every function that was called, in which module, on which tensors.

A `TorchFunctionMode` sees functions at the level at which the library's `torch` spellings are written. Modules of
`torch.nn` that a spelling names are not looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode, resolve_name

from archspec.importing.trace.encoding import Encoder
from archspec.importing.trace.lists import lists_of
from archspec.importing.trace.settings import known_numbers, leaf_class, settings_of

Node = dict[str, Any]
MAX_NODES = 60_000
"""Calls of one forward pass that are written down. Limits memory, and the time that folding takes."""

_TELLING = frozenset(
    [getattr(torch.Tensor, name).__get__ for name in ("shape", "dtype", "device", "ndim", "requires_grad", "is_meta")]
    + [getattr(torch.Tensor, name) for name in ("size", "dim", "numel", "stride", "is_contiguous", "is_floating_point")]
)
"""Functions that tell of a tensor what is no tensor."""


class TooLong(Exception):
    """The forward pass makes more calls than are written down."""


class Recorder(TorchFunctionMode):
    """Writes down what runs while it is entered.

    leaves: names of classes of `torch.nn` that are taken as a whole.
    """

    def __init__(self, model: nn.Module, leaves: Collection[str]) -> None:
        super().__init__()
        self.values = Encoder(model)
        self.body: list[Node] = []
        self._leaves = leaves
        self._names: dict[int, str] = {}
        for name, module in model.named_modules():
            self._names.setdefault(id(module), name)
        self._open: list[tuple[nn.Module, list[Node]]] = [(model, self.body)]
        self._silent = 0
        self._count = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if self._silent or func in _TELLING:
            return func(*args, **kwargs)
        before = self.values.encode([list(args), kwargs])
        self._silent += 1
        try:
            result = func(*args, **kwargs)
        finally:
            self._silent -= 1
        name = _name_of(func)
        changed = self.values.changed(name, args, kwargs, result)
        for tensor in changed:
            self.values.renew(tensor)
        after = self.values.encode(result)
        if changed or self.values.holds_tensor(after):
            node: Node = {"f": name, "a": before[0], "k": before[1]["d"], "o": after}
            if changed:
                node["w"] = [self.values.number(tensor) for tensor in changed]
            self._add(node)
        return result

    def call(self, module: nn.Module, run: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Run a module's call, written down as a node of its own."""
        if self._silent or (self._open[-1][0] is module and self._open[-1][1] is not self.body):
            return run(module, *args, **kwargs)  # a class that calls its parent's __call__
        leaf = leaf_class(module, self._leaves)
        before = self._encoded([list(args), kwargs])
        node: Node = {
            "m": self._names.get(id(module), f"?{id(module)}"),
            "c": f"{type(module).__module__}.{type(module).__qualname__}",
            "a": before[0],
            "k": before[1]["d"],
        }
        if leaf is not None:
            node["leaf"], node["s"] = leaf, settings_of(module, leaf)
            self._silent += 1
        else:
            node["n"], node["b"] = known_numbers(module), []
            self._open.append((module, node["b"]))
        try:
            result = run(module, *args, **kwargs)
        finally:
            if leaf is not None:
                self._silent -= 1
            else:
                self._open.pop()
        if leaf is not None and getattr(module, "inplace", False) is True and args:
            self._silent += 1
            self.values.renew(args[0])
            self._silent -= 1
        node["o"] = self._encoded(result)
        self._add(node)
        return result

    def _encoded(self, value: Any) -> Any:
        """A value as plain data; what looks at it is not written down itself."""
        self._silent += 1
        try:
            return self.values.encode(value)
        finally:
            self._silent -= 1

    def _inputs(self, positional: tuple[Any, ...], named: dict[str, Any], model: nn.Module) -> dict[str, Any]:
        self._silent += 1
        try:
            return self.values.inputs(positional, named, model)
        finally:
            self._silent -= 1

    def _add(self, node: Node) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise TooLong(f"the forward pass makes more than {MAX_NODES} calls")
        self._open[-1][1].append(node)


@cache
def _name_of(function: Any) -> str:
    return str(resolve_name(function) or getattr(function, "__name__", ""))


@contextmanager
def recording(model: nn.Module, leaves: Collection[str]) -> Iterator[Recorder]:
    """Everything that runs inside is written down, with its modules."""
    recorder = Recorder(model, leaves)
    original = nn.Module.__call__

    def call(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        if module is model and len(recorder._open) == 1 and not recorder.body:
            return original(module, *args, **kwargs)
        return recorder.call(module, original, args, kwargs)

    nn.Module.__call__ = call  # type: ignore[method-assign]
    try:
        with recorder:
            yield recorder
    finally:
        nn.Module.__call__ = original  # type: ignore[method-assign]


def record(model: nn.Module, positional: tuple[Any, ...], named: dict[str, Any], leaves: Collection[str]) -> Node:
    """One forward pass as plain data: see `archspec.importing.tracing.Trace`, which reads it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        with recording(model, leaves) as recorder:
            inputs = recorder._inputs(positional, named, model)
            result = model(*positional, **named)
    return {
        "model": f"{type(model).__module__}.{type(model).__qualname__}",
        "numbers": known_numbers(model),
        "inputs": inputs,
        "outputs": recorder._encoded(result),
        "values": recorder.values.table(),
        "held": recorder.values.held(),
        "lists": lists_of(model),
        "body": recorder.body,
    }


__all__ = ["TooLong", "record"]
