"""Initialisers that no line of the program names: what the exporter worked out of parameters, and plain constants.

A matrix that a product takes is a parameter where one is left, or the transposed one of a tie. Of a parameter of which
pieces are taken each piece is one. What is arranged otherwise, such as the rows of a table at places that are known, is
in the file as it came out: its size is counted, and said. Where that may be less than all of it, that is a difference;
where it is not its size, `lost` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

from archspec.importing.graphs.onnx_pairs import Slot
from archspec.importing.graphs.onnx_signature import Known, scope_path

if TYPE_CHECKING:
    from archspec.importing.graphs.onnx_restore import Restoring

_WHOLE = re.compile(r"alias(_\d+)*$")
"""Names of what has all of a tensor: a slice that leaves nothing out is an alias."""
_PIECES = re.compile(
    r"(embedding|slice|expand|select|index|unsqueeze|squeeze|view|reshape|permute|transpose|clone|detach|contiguous|"
    r"_to_copy)(_\d+)*$"
)
"""Names of what arranges a tensor; the exporter calls its other constants `val_1` and the like."""
_CUTS = re.compile(r"(embedding|select|index)(_\d+)*$")
"""Of these, what may leave something out; a slice always does."""
_WEIGHTED = frozenset({"MatMul", "Gemm", "Conv", "ConvTranspose", "LSTM", "GRU", "RNN", "Gather"})
_TOLD = 5
"""Parameters that are listed."""


class Pieces:
    """What is done with initialisers that are left over. left: parameters that nothing takes so far. notes: parameters
    that are there in another order. lost: functions that were worked out, with parameters of which the file does not
    hold the size.
    """

    def __init__(self, restoring: Restoring, left: list[Known]) -> None:
        self._r = restoring
        self._left = left
        self._taken: dict[str, list[tuple[int, ...]]] = {}
        self._cut: list[str] = []
        self._guessed: list[Known] = []
        self.notes: list[str] = []
        self.lost: list[tuple[str, str]] = []

    def settle(self, slot: Slot) -> None:
        """Find out what one is, and let its operator take that."""
        real = slot.floating and prod(slot.dims) > 1
        weight = slot.node.op_type in _WEIGHTED and slot.place <= 1
        bias = len(slot.dims) == 1 and slot.node.op_type in ("Add", "Gemm") and not weight
        own = self._of_module(scope_path(slot.node), bias=bias) if real else None
        if own is not None and (bias or (weight and slot.name not in self._r.targets)):
            self._take(slot, own)
        elif slot.name in self._r.targets:
            self._r.give(slot, self._r.targets[slot.name], turned=False)
        elif real and weight and self._left:
            self._take(slot, self._left[0])
        elif real and weight:
            tied = [one for one in self._r.targets.values() if one.role == "param" and self._is_turned(one, slot.dims)]
            if len(tied) == 1:
                self._r.give(slot, tied[0], turned=True)
        elif real and self._left and _WHOLE.match(slot.name):
            self._take(slot, own or self._left[0])
        elif real and self._left and _PIECES.match(slot.name):
            self._arranged(slot, own or self._left[0], sure=len(self._left) == 1 and not self._guessed)

    def dropped(self) -> Iterator[str]:
        """Biases that are zero and were left out, as initialisers: as long as the weight of the same module says."""
        for one in list(self._left):
            before, mark, after = one.target.rpartition("bias")
            weight = f"{before}weight"
            found = self._taken.get(weight) or [self._r.dims.get(weight, ())]
            if not mark or after or any(len(dims) not in (1, 2) for dims in found):
                continue
            self._left.remove(one)
            # Pieces are as products take them: in, out.
            width = sum(dims[-1] for dims in found) if weight in self._taken else found[0][0]
            yield self._r.new(one, (width,), 1)

    def told(self) -> list[str]:
        """What is not as in the model, or may not be, in sentences."""
        if not self._left:
            return self._cut
        pool = [*self._guessed, *self._left]
        listed = ", ".join(f"`{one.target[:60]}`" for one in pool[:_TOLD])
        more = f" and {len(pool) - _TOLD} more" if len(pool) > _TOLD else ""
        which = f"{len(self._left)} of {listed}" if self._guessed else listed
        return [*self._cut, f"params: not counted, because nothing in the file takes them: {which}{more}"]

    def _of_module(self, scope: str, *, bias: bool) -> Known | None:
        """A parameter of a module, that no line names or of which there was a piece: a bias, or none."""
        pool = [*self._left, *(self._r.targets[name] for name in self._taken)]
        return next((one for one in pool if one.owner == scope and ("bias" in one.target[len(scope) :]) == bias), None)

    def _take(self, slot: Slot, tensor: Known) -> None:
        """Let an operator take what is made of a parameter alone: a piece of it, or all, in another order."""
        if tensor in self._left:
            self._left.remove(tensor)
        self._taken.setdefault(tensor.target, []).append(slot.dims)
        slot.node.input[slot.place] = self._r.new(tensor, slot.dims, self._r.first[slot.name].data_type)

    def _arranged(self, slot: Slot, tensor: Known, *, sure: bool) -> None:
        """A constant that was made of a parameter by arranging it; one made larger for a batch is smaller again. sure:
        whether it is known which parameter.
        """
        dims, function = slot.dims, slot.name.partition("_")[0]
        # A slice leaves something out; a bias for each pair of places comes from a table of distances.
        if function == "slice" or (len(dims) > 2 and dims[-1] == dims[-2]):
            self.lost.append((function, tensor.target))
        if not sure:
            self._guessed.append(tensor)
        which = f"`{tensor.target[:60]}`" if sure else "a parameter"
        whole = f"{which} is in the file as the exporter arranged it, `{slot.name[:60]}`"
        batched = function == "expand" and len(dims) > 1
        size = (1, *dims[1:]) if batched else dims
        # Of a vector that has only been given other axes nothing is missing.
        if _CUTS.match(slot.name) or sum(one > 1 for one in size) > 1 or (function == "expand" and not batched):
            self._cut.append(
                f"params: {whole}, {list(size)}: whether that is all of it is not told (optimize=False keeps it whole)"
            )
        else:
            self.notes.append(whole)
        if batched and dims[0] > 1:
            self._expanded(slot, tensor)
        else:
            self._take(slot, tensor)

    def _expanded(self, slot: Slot, tensor: Known) -> None:
        import onnx

        r, dims = self._r, slot.dims
        if tensor in self._left:
            self._left.remove(tensor)
        name = r.new(tensor, (1, *dims[1:]), r.first[slot.name].data_type)
        shape, made = r.fresh("shape"), r.fresh(f"{name}_expanded")
        r.made[shape] = onnx.helper.make_tensor(shape, onnx.TensorProto.INT64, [len(dims)], dims)
        r.roles[shape] = "constant"
        r.nodes.append(onnx.helper.make_node("Expand", [name, shape], [made]))
        slot.node.input[slot.place] = made

    def _is_turned(self, tensor: Known, dims: tuple[int, ...]) -> bool:
        known = self._r.dims.get(tensor.target)
        return tensor.target in self._r.names and len(dims) == 2 and known == dims[::-1]
