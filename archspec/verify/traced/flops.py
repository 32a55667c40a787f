"""FLOPs of products and convolutions as torch's own counter finds them, with what it is known to get wrong put right.

Corrections, by name (torch 2.13):
- `grouped-convolution`: the weight gradient of a grouped convolution is counted `groups` times; the products of one
  group never meet the channels of another, so that each gradient costs what the forward pass costs.
- `cpu-attention`: fused attention on cpu is not counted at all.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode, conv_flop_count

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
        result = super()._count_flops(func_packet, out, args, kwargs)  # type: ignore[no-untyped-call]
        if func_packet not in self.flop_registry:
            return result
        flops = int(self.flop_registry[func_packet](*args, **kwargs, out_val=out))
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
