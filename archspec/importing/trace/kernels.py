"""What operations give on `meta`, said at once where that is simple.

Torch finds most shapes and strides by running compositions of other operations in Python, a fifth to four milliseconds
each. What is not simple here (tensors that do not lie in order, dtypes that differ, shapes that do not fit) is left to
them, and so are errors. `tests/importing/test_quick.py` holds every function here beside the kernels for cpu.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

Kernel = Callable[..., Any]


def like_first(slow: Kernel) -> Kernel:
    """Element by element: as the first tensor, where the axes of all lie in order and the others have its shape, or are
    spread over it.
    """

    def quick(x: Any, *rest: Any, **named: Any) -> Any:
        fits = isinstance(x, Tensor) and x.is_floating_point() and _in_order(x)
        if fits and all(_fits(x, one) for one in rest if isinstance(one, Tensor)):
            return x.new_empty(x.shape)
        return slow(x, *rest, **named)

    return quick


def _in_order(x: Tensor) -> bool:
    """Whether each axis takes larger steps in memory than those after it: what is made of such tensors is dense, and
    in the same order.
    """
    if x.is_contiguous():
        return True
    steps = [step for size, step in zip(x.shape, x.stride(), strict=True) if size != 1]
    return all(one > other for one, other in pairwise([*steps, 0]))


def _fits(x: Tensor, other: Tensor) -> bool:
    """Whether an operand neither widens the dtype nor the shape of `x`, nor changes the order of its axes."""
    if other.ndim == 0:
        return x.ndim > 0 and not other.is_complex()
    if other.dtype != x.dtype or other.ndim > x.ndim or not _in_order(other):
        return False
    places = zip(reversed(other.shape), reversed(x.shape), strict=False)
    return all(mine in (1, theirs) for mine, theirs in places)


def layer_norm(slow: Kernel) -> Kernel:
    """Rows of `sizes`; a mean and a scale for each."""

    def quick(
        x: Tensor, sizes: Sequence[int], weight: Tensor | None, bias: Tensor | None, eps: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        if not _rows_fit(x, sizes, weight, bias):
            given: tuple[Tensor, Tensor, Tensor] = slow(x, sizes, weight, bias, eps)
            return given
        kept = [*x.shape[: x.ndim - len(sizes)], *(1 for _ in sizes)]
        return torch.empty_like(x), x.new_empty(kept), x.new_empty(kept)

    return quick


def _rows_fit(x: Tensor, sizes: Sequence[int], weight: Tensor | None, bias: Tensor | None) -> bool:
    """Whether rows, one after another, have the sizes that they are said to have, and weights the same."""
    fits = list(x.shape[x.ndim - len(sizes) :]) == list(sizes) and x.is_contiguous() and x.dtype == torch.float32
    given = [one for one in (weight, bias) if one is not None]
    return fits and all(list(one.shape) == list(sizes) and one.dtype == x.dtype for one in given)


def layer_norm_backward(slow: Kernel) -> Kernel:
    """A gradient for each argument that wants one."""

    def quick(
        gradient: Tensor, x: Tensor, sizes: Sequence[int], mean: Tensor, scale: Tensor, weight: Tensor | None,
        bias: Tensor | None, wanted: Sequence[bool],
    ) -> Any:  # fmt: skip
        if not _rows_fit(x, sizes, weight, bias) or gradient.shape != x.shape or gradient.dtype != x.dtype:
            return slow(gradient, x, sizes, mean, scale, weight, bias, wanted)
        return tuple(
            torch.empty_like(one) if asked and one is not None else None
            for one, asked in zip((x, weight, bias), wanted, strict=True)
        )

    return quick


def addmm(slow: Kernel) -> Kernel:
    """A product of matrices, and a row or a matrix more."""

    def quick(bias: Tensor, left: Tensor, right: Tensor, **named: Any) -> Any:
        size = (left.shape[0], right.shape[-1])
        fits = left.ndim == right.ndim == 2 and left.shape[1] == right.shape[0] and bias.ndim in (1, 2)
        if not fits or bias.dtype != left.dtype or left.dtype != right.dtype or bias.shape not in (size[1:], size):
            return slow(bias, left, right, **named)
        return left.new_empty(size)

    return quick


def reduction(slow: Kernel) -> Kernel:
    """A sum or mean over some axes."""

    def quick(x: Tensor, dims: Sequence[int] | None, keepdim: bool = False, **named: Any) -> Any:
        gone = {one % x.ndim for one in dims or () if -x.ndim <= one < x.ndim}
        if not dims or len(gone) != len(dims) or named or not x.is_floating_point() or not x.is_contiguous():
            return slow(x, dims, keepdim, **named)
        kept = ((1 if place in gone else size) for place, size in enumerate(x.shape) if keepdim or place not in gone)
        return x.new_empty(tuple(kept))

    return quick


def cat(slow: Kernel) -> Kernel:
    """Tensors in a row: all sizes but one are those of the first."""

    def quick(tensors: Sequence[Tensor], dim: int = 0) -> Any:
        first = tensors[0]
        place = dim + first.ndim if dim < 0 else dim
        for one in tensors:
            others = one.shape[:place] + one.shape[place + 1 :]
            fits = one.ndim == first.ndim and others == first.shape[:place] + first.shape[place + 1 :]
            if not fits or place >= one.ndim or one.dtype != first.dtype or not one.is_contiguous():
                return slow(tensors, dim)
        size = list(first.shape)
        size[place] = sum(one.shape[place] for one in tensors)
        return first.new_empty(size)

    return quick


KERNELS: dict[str, Callable[[Kernel], Kernel]] = {
    "add.Tensor": like_first,
    "sub.Tensor": like_first,
    "mul.Tensor": like_first,
    "div.Tensor": like_first,
    "clamp": like_first,
    "clamp_min": like_first,
    "relu": like_first,
    "exp": like_first,
    "gelu": like_first,
    "gelu_backward": like_first,
    "silu": like_first,
    "sigmoid_backward": like_first,
    "threshold_backward": like_first,
    "_softmax_backward_data": like_first,
    "roll": like_first,
    "sum.dim_IntList": reduction,
    "mean.dim": reduction,
    "native_layer_norm": layer_norm,
    "native_layer_norm_backward": layer_norm_backward,
    "addmm": addmm,
    "cat": cat,
}
"""By the operation's name: what makes a quick function of torch's own."""
