"""Measuring instruments: what a PyTorch model really has, keeps and computes. Shares no code with archspec.

Bytes kept for the backward pass are bytes of *storages*: a saved view pins its whole storage, and a tensor kept by
several consumers is held once. Storages of parameters, buffers and of the model's own inputs are left out.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode, conv_flop_count

Inputs = dict[str, torch.Tensor]
Forward = Callable[[nn.Module, Inputs], torch.Tensor]


def parameters(model: nn.Module) -> int:
    """Elements of distinct parameters; tied ones once."""
    return sum(p.numel() for p in model.parameters())


def buffers(model: nn.Module) -> int:
    """Elements of buffers, those that are not written to checkpoints included."""
    return sum(b.numel() for b in model.buffers())


def saved_bytes(model: nn.Module, inputs: Inputs, forward: Forward) -> int:
    """Bytes of the storages that the backward pass of one forward call needs."""
    own = {_key(t) for t in [*model.parameters(), *model.buffers(), *inputs.values()]}
    held: weakref.WeakSet[_Held] = weakref.WeakSet()

    def pack(tensor: torch.Tensor) -> _Held:
        one = _Held(tensor)
        if _key(tensor) not in own:
            held.add(one)
        return one

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda one: one.tensor):
        output = forward(model, inputs)
    # What only a branch without a result needed (the choice of experts, say) has been let go of by now.
    total = sum({_key(one.tensor): one.tensor.untyped_storage().nbytes() for one in held}.values())
    del output
    return total


class _Held:
    """A tensor that the backward pass holds, for as long as it does."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor


def flops(model: nn.Module, inputs: Inputs, forward: Forward) -> tuple[int, int]:
    """Multiply-adds × 2 of matrix products and convolutions, forward and backward. Meant for models on `meta`."""
    custom = {torch.ops.aten.convolution_backward: _convolution_backward_flops}
    with FlopCounterMode(display=False, custom_mapping=custom) as counter:
        output = forward(model, inputs)
        ahead = counter.get_total_flops()
        output.backward(torch.ones_like(output))
    return ahead, counter.get_total_flops() - ahead


def _convolution_backward_flops(
    grad_out_shape: Sequence[int],
    x_shape: Sequence[int],
    w_shape: Sequence[int],
    _bias: Any,
    _stride: Any,
    _padding: Any,
    _dilation: Any,
    transposed: bool,
    _output_padding: Any,
    _groups: int,
    output_mask: Sequence[bool],
    out_shape: Any = None,
) -> int:
    """As many multiply-adds as forward for each gradient asked for.

    torch 2.13 counts the weight gradient of a grouped convolution `groups` times; the products of one group never
    meet the channels of another, so that each gradient costs what the forward pass costs.
    """
    forward = conv_flop_count(list(x_shape), list(w_shape), list(grad_out_shape), transposed=transposed)
    return int(forward) * (int(output_mask[0]) + int(output_mask[1]))


def on_meta(build: Callable[[], nn.Module]) -> nn.Module:
    """A model without weights, in training mode."""
    with torch.device("meta"):
        return build().train()


def make_fake(model: nn.Module, mode: FakeTensorMode) -> nn.Module:
    """Replaces the parameters and buffers of a model on `meta` by fake ones on cpu. Tied ones stay tied."""
    made: dict[int, torch.Tensor] = {}

    def fake(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in made:
            with mode:
                empty = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu")
            made[id(tensor)] = nn.Parameter(empty) if isinstance(tensor, nn.Parameter) else empty
        return made[id(tensor)]

    for module in model.modules():
        for table in (module._parameters, module._buffers):
            for name, tensor in table.items():
                if tensor is not None:
                    table[name] = fake(tensor)  # type: ignore[assignment]  # a parameter stays a parameter
        if isinstance(module, nn.RNNBase):
            module._flat_weights = [getattr(module, name) for name in module._flat_weights_names]
    return model


def _key(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage()._cdata
