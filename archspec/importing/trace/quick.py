"""Batch norms of tensors without values, at once.

Torch finds the shapes of their results by composing some twenty operations, which is most of the time that the trace
of a convolutional network takes. Their shapes are those of the arguments.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch._decomp import decomposition_table


@cache
def hasten() -> None:
    """From now on, in this whole process, batch norms without values are not composed. Cannot be undone."""
    library = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]  # torch has no types for it
    _KEPT.append(library)
    for name, function in (("native_batch_norm", _norm), ("native_batch_norm_backward", _back)):
        library.impl(name, function, "Meta", allow_override=True)  # type: ignore[no-untyped-call]  # torch has no types for it
        # Fake tensors prefer torch's own composition to what is registered; what is not of torch they leave alone.
        decomposition_table[getattr(torch.ops.aten, name).default] = function


_KEPT: list[Any] = []
"""What is registered goes with the object that registered it."""


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
