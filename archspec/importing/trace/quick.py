"""Tensors on `meta` as those on cpu, and batch norms of tensors without values at once.

`meta` knows no device: what its convolutions give is laid out otherwise than on any. Here it is as on cpu. Whether that
is so for all of a model is not taken for granted: `trace.runs` looks.

Torch finds the shapes of batch norms by composing some twenty operations, which is most of the time that the trace of a
convolutional network takes. Their shapes are those of the arguments.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import _meta_registrations as registered
from torch._decomp import decomposition_table, global_decomposition_table
from torch._prims_common import suggest_memory_format

from archspec.importing.trace.kernels import KERNELS, Kernel


@cache
def hasten() -> None:
    """From now on, in this whole process, `meta` stands for cpu, and batch norms without values are not composed.
    Cannot be undone.
    """
    library = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]  # torch has no types for it
    _KEPT.append(library)
    norms: dict[str, Kernel] = {
        "native_batch_norm": _norm, "_native_batch_norm_legit": _norm, "native_batch_norm_backward": _back,
    }  # fmt: skip
    for name, function in {**norms, "convolution": _convolution}.items():
        library.impl(name, function, "Meta", allow_override=True)  # type: ignore[no-untyped-call]  # torch has no types for it
    for name, function in norms.items():
        # Fake tensors prefer torch's own composition to what is registered; what is not of torch they leave alone.
        decomposition_table[getattr(torch.ops.aten, name).default] = function
    for name, quick in KERNELS.items():
        library.impl(name, quick(_own(name)), "Meta", allow_override=True)  # type: ignore[no-untyped-call]  # torch has no types for it
    hint = registered.device_hint
    registered.device_hint = lambda tensor: "cpu" if _on_meta(tensor) else hint(tensor)


_KEPT: list[Any] = []
"""What is registered goes with the object that registered it."""


def _own(name: str) -> Kernel:
    """What torch itself runs on `meta` for an operation."""
    packet, _, overload = name.partition(".")
    operation = getattr(getattr(torch.ops.aten, packet), overload or "default")
    tables = [global_decomposition_table[kind] for kind in ("meta", "post_autograd", "pre_autograd")]
    found: Kernel = next(table[operation] for table in tables if operation in table)
    return found


def _on_meta(tensor: Any) -> bool:
    return getattr(getattr(tensor, "device", None), "type", "") == "meta"


def _norm(
    x: torch.Tensor, weight: Any, bias: Any, mean: Any, variance: Any, training: bool, momentum: float, eps: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    count = x.shape[1] if training else 0
    return torch.empty_like(x), x.new_empty(count), x.new_empty(count)


def _back(
    gradient: torch.Tensor, x: torch.Tensor, weight: Any, mean: Any, variance: Any, kept_mean: Any, kept_scale: Any,
    training: bool, eps: float, wanted: list[bool],
) -> tuple[torch.Tensor | None, torch.Tensor | None, torch.Tensor | None]:  # fmt: skip
    return (
        torch.empty_like(x) if wanted[0] else None,
        x.new_empty(x.shape[1]) if wanted[1] else None,
        x.new_empty(x.shape[1]) if wanted[2] else None,
    )


def _convolution(x: torch.Tensor, weight: torch.Tensor, *settings: Any) -> torch.Tensor:
    """Torch's own, with channels last where its kernels for cpu have them there: where either argument has.

    Source: `determine_backend_memory_format` in `aten/src/ATen/native/Convolution.cpp`.
    """
    found: torch.Tensor = registered.meta_conv(x, weight, *settings)
    if x.ndim not in (4, 5):
        return found
    last = torch.channels_last if x.ndim == 4 else torch.channels_last_3d
    if last not in (suggest_memory_format(x), suggest_memory_format(weight)):
        return found
    return torch.empty_like(found, memory_format=last)
