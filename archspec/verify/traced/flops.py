"""FLOPs of products and convolutions as torch's own counter finds them, with what it is known to get wrong put right.

Corrections, by name (torch 2.13):
- `grouped-convolution`: the weight gradient of a grouped convolution is counted `groups` times; the products of one
  group never meet the channels of another, so that each gradient costs what the forward pass costs.
- `cpu-attention`: fused attention on cpu is not counted at all.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from functools import cache
from math import prod
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode, _FlopCounterMode, conv_flop_count

from archspec.verify.traced.records import Cost

GROUPED = "grouped-convolution"


class Counter(FlopCounterMode):
    """Counts by operation. `layer` says in which layer a forward operation runs.

    A backward operation belongs to the forward operation whose autograd node runs it: nodes are numbered in the order
    in which they are made, so that it is the first forward operation counted at or after the number of the node.
    """

    def __init__(self, layer: Callable[[], str]) -> None:
        self.corrected: set[str] = set()
        super().__init__(display=False, custom_mapping=corrections(self._corrected))
        self.forward: list[Cost] = []
        self.backward: list[Cost] = []
        self._layer = layer
        self._numbers: list[int] = []
        self._going_back = False

    def _corrected(self, name: str) -> None:
        self.corrected.add(name)

    def go_back(self) -> None:
        """From here on, operations are of the backward pass."""
        self._going_back = True

    def _count_flops(self, func_packet: Any, out: Any, args: Any, kwargs: Any) -> Any:
        if func_packet not in self.flop_registry:
            return out
        before = self.flop_counts["Global"][func_packet]
        result = super()._count_flops(func_packet, out, args, kwargs)  # type: ignore[no-untyped-call]
        flops = int(self.flop_counts["Global"][func_packet] - before)
        name = str(func_packet).rpartition(".")[2]
        if self._going_back:
            self.backward.append(Cost(self._layer_of_node(), name, flops))
        else:
            self.forward.append(Cost(self._layer(), name, flops))
            self._numbers.append(torch._C._autograd._get_sequence_nr())
        return result

    def check(self) -> None:
        """Raise where the single operations do not add up to torch's own total: its counter then works otherwise."""
        single = sum(one.flops for one in [*self.forward, *self.backward])
        if single != self.get_total_flops():
            raise RuntimeError(f"FlopCounterMode counts {self.get_total_flops()} FLOPs, its operations {single}")

    def _layer_of_node(self) -> str:
        node = torch._C._current_autograd_node()
        if node is None or not self.forward:
            return ""
        place = bisect.bisect_right(self._numbers, node._sequence_nr())
        return self.forward[min(place, len(self.forward) - 1)].layer


class QuickCounter(Counter):
    """As `Counter`, in half the time: no table by module is kept, and of an operation that has no parts it is not asked
    again whether it has any. For passes of which there are many; a test holds the two together.
    """

    def __enter__(self) -> QuickCounter:
        self.flop_counts.clear()
        self.mode = _QuickMode(self)
        self.mode.__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *error: Any) -> None:
        mode, self.mode = self.mode, None
        if mode is not None:
            mode.__exit__(*error)  # type: ignore[no-untyped-call]


class _QuickMode(_FlopCounterMode):
    """Leaves all but plain operations to torch's own mode."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not _is_plain(func):
            return super().__torch_dispatch__(func, types, args, kwargs)  # type: ignore[no-untyped-call]
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        return self.counter._count_flops(func._overloadpacket, out, args, kwargs)  # type: ignore[no-untyped-call]


@cache
def _is_plain(function: Any) -> bool:
    """Whether torch's mode would run an operation as it is: one with a kernel of its own that gives tensors."""
    return (
        isinstance(function, torch._ops.OpOverload)
        and not function._can_decompose()
        and any(isinstance(one.type, torch.TensorType | torch.ListType) for one in function._schema.returns)
    )


def corrections(note: Callable[[str], None]) -> dict[Any, Any]:
    """Formulas of operations that torch counts wrong or not at all; `note` is called with the name of a correction.

    Sizes may be symbols of torch: nothing here turns them into numbers.
    """
    aten = torch.ops.aten

    def convolution_backward(
        grad_shape: Sequence[int],
        x_shape: Sequence[int],
        w_shape: Sequence[int],
        _bias: Any,
        _stride: Any,
        _padding: Any,
        _dilation: Any,
        transposed: bool,
        _output_padding: Any,
        groups: int,
        output_mask: Sequence[bool],
        out_shape: Any = None,
    ) -> int:
        if groups > 1:
            note(GROUPED)
        forward: int = conv_flop_count(list(x_shape), list(w_shape), list(grad_shape), transposed=transposed)
        return forward * (int(output_mask[0]) + int(output_mask[1]))

    def attention(q: Sequence[int], k: Sequence[int], v: Sequence[int], *_: Any, **__: Any) -> int:
        return 2 * prod(q[:-1]) * k[-2] * (q[-1] + v[-1])

    def attention_backward(_grad: Any, q: Sequence[int], k: Sequence[int], v: Sequence[int], *_: Any, **__: Any) -> int:
        # Two products ahead have two gradients each; the scores that a fused kernel makes anew are not counted.
        return 2 * attention(q, k, v)

    return {
        aten.convolution_backward: convolution_backward,
        aten._scaled_dot_product_flash_attention_for_cpu: attention,
        aten._scaled_dot_product_flash_attention_for_cpu_backward: attention_backward,
    }
