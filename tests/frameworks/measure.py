"""What PyTorch really keeps, makes and counts: the traced side of the library's tests.

Nothing here imports `archspec`: a number that both sides get wrong in the same way would prove nothing.
All sizes are bytes unless their name says otherwise.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

HALF = torch.bfloat16


@dataclass(frozen=True)
class Kept:
    """One storage that autograd holds until the backward pass."""

    dtype: str
    shape: tuple[int, ...]
    bytes: int


@dataclass(frozen=True)
class Measured:
    """What one forward pass of a module did. `saved` leaves out parameters, buffers and the inputs."""

    params: int
    buffers: int
    shapes: tuple[tuple[int, ...], ...]
    outputs: int
    saved: int
    kept: tuple[Kept, ...]


def tensors_in(value: object) -> Iterator[torch.Tensor]:
    """The tensors of a nest of tuples, lists and dictionaries, in order."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from tensors_in(item)


def storage_of(tensor: torch.Tensor) -> tuple[object, int, int]:
    """A tensor's storage (kept alive by the caller, for addresses are reused), its identity and its bytes."""
    storage = tensor.untyped_storage()
    return storage, storage._cdata, storage.nbytes()


def owned(module: nn.Module | None) -> list[torch.Tensor]:
    """Parameters and buffers of a module."""
    return [] if module is None else [*module.parameters(), *module.buffers()]


@contextlib.contextmanager
def regime(precision: str, device: str = "cpu") -> Iterator[None]:
    """`mixed-bf16` runs under autocast, every other precision without."""
    if precision == "mixed-bf16":
        with torch.autocast(device, HALF):
            yield
    else:
        yield


def prepare(precision: str, tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Inputs in the dtype of the precision: floating ones become bfloat16 under `bf16`."""
    half = precision == "bf16"
    return [t.to(HALF) if half and t.is_floating_point() else t for t in tensors]


def measure(
    function: Callable[..., object],
    inputs: Sequence[torch.Tensor],
    *,
    module: nn.Module | None = None,
    precision: str = "fp32",
    inputs_grad: bool = False,
    train: bool = True,
    device: str = "cpu",
) -> Measured:
    """Run `function(*inputs)` on a real device and list what autograd keeps.

    `module` owns the parameters (default: `function`, when it is a module). It is converted in place for `bf16`.
    A saved view pins its whole storage, so whole storages are counted, each once.
    """
    module = function if module is None and isinstance(function, nn.Module) else module
    if module is not None:
        module.train(train).to(device)
        if precision == "bf16":
            module.to(HALF)
    inputs = [t.to(device, copy=True) for t in prepare(precision, inputs)]
    for tensor in inputs:
        tensor.requires_grad_(inputs_grad and tensor.is_floating_point())
    ignored = {storage_of(t)[1] for t in [*owned(module), *inputs]}
    kept: dict[int, Kept] = {}
    alive: list[object] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage, key, size = storage_of(tensor)
        alive.append(storage)
        if key not in ignored and size:
            kept.setdefault(key, Kept(str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape), size))
        return tensor

    # As views, inputs share their storage but are no leaves: autocast would cast a leaf only once and cache the cast.
    fed = [t.view_as(t) for t in inputs]
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t), regime(precision, device):
        result = list(tensors_in(function(*fed)))
    distinct = {storage_of(t)[1]: storage_of(t)[2] for t in result}
    return Measured(
        params=0 if module is None else sum(p.numel() for p in module.parameters()),
        buffers=0 if module is None else sum(b.numel() for b in module.buffers()),
        shapes=tuple(tuple(t.shape) for t in result),
        outputs=sum(size for key, size in distinct.items() if key not in ignored),
        saved=sum(k.bytes for k in kept.values()),
        kept=tuple(kept.values()),
    )


def count_flops(
    function: Callable[..., object], inputs: Sequence[torch.Tensor], *, inputs_grad: bool = False
) -> tuple[int, int]:
    """Forward and backward FLOPs on `meta`, where the recurrent layers and attention take their plain paths.

    Known to be wrong in torch 2.13: the weight gradient of a grouped convolution counts `groups` times.
    """
    module: Any = function
    if isinstance(function, nn.Module):
        module = function.to("meta")
    moved = [t.to("meta").requires_grad_(inputs_grad and t.is_floating_point()) for t in inputs]
    forward = FlopCounterMode(display=False)
    with forward:
        result = [t for t in tensors_in(module(*moved)) if t.requires_grad]
    if not result:
        return forward.get_total_flops(), 0
    backward = FlopCounterMode(display=False)
    with backward:
        torch.autograd.backward(result, [torch.empty_like(t) for t in result])
    return forward.get_total_flops(), backward.get_total_flops()
