"""A model run at any of its sizes: its program written down, what it holds, computes and keeps measured.

Fake tensors take several times as long as tensors on `meta`, but a model, or torch, may look at the device and run
another program or keep other tensors there. So one run, at the base, shows whether both are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from archspec.importing.errors import CannotImport
from archspec.importing.trace.recorder import record
from archspec.importing.trace.reuse import Reused
from archspec.verify.traced.measure import measure, measure_light
from archspec.verify.traced.modules import Inputs, Maker, as_fake, on_meta
from archspec.verify.traced.records import Kept, Record
from archspec.verify.traced.watch import Keeper, Watch

Values = Mapping[str, Any]
Make = Callable[[Values], nn.Module]
Feed = Callable[[Values, nn.Module, torch.dtype, str], Inputs]


class Runs:
    """The runs of one model. make: the model at some sizes. real: whether it is run with weights, not without.

    leaves: classes of `torch.nn` that are taken as a whole. axes: the values that say how large inputs are, not the
    model.
    """

    def __init__(self, make: Make, feed: Feed, leaves: Collection[str], axes: Collection[str], *, real: bool) -> None:
        self._make = make
        self._feed = feed
        self._leaves = leaves
        self._real = real
        self._bare = Reused(lambda values: _bare(make, values), axes)

    def trace(self, values: Values, *, light: bool) -> dict[str, Any]:
        """One forward pass in training mode, written down. light: on `meta`."""
        if light:
            return self._trace_light(values)[0]
        if self._real:
            model = self._make(values)
            return self._trace(model, self._feed(values, model, torch.float32, "cpu"), False)[0]
        return self._trace_fake(values)[0]

    def show(self, values: Values) -> dict[str, Any]:
        """Whether the same is run on `meta` as on the CPU (`same`), and what keeps something if the same is kept."""
        found, kept = self._trace_fake(values)
        try:
            light, there = self._trace_light(values, keep=True)
        except Exception:  # it asks for the value of a tensor, or of its device
            return {"same": False, "keepers": None}
        return {
            "same": _alike(light, found),
            "keepers": [list(one) for one in _keepers(kept)] if kept == there else None,
        }

    def measure(self, values: Values, *, light: bool) -> dict[str, Any]:
        """What it holds, computes and keeps. light: in one pass on `meta`."""
        if not light:
            return _told(self._measured(values))
        with self._bare.model(values) as model:
            return _told(measure_light(model, lambda *asked: self._feed(values, *asked)))

    def kept(self, values: Values) -> dict[str, Any]:
        """What it keeps on the CPU."""
        return _told_kept(self._trace_fake(values)[1])

    def _trace_light(self, values: Values, *, keep: bool = False) -> tuple[dict[str, Any], list[Kept]]:
        """One forward pass on `meta`, and if asked what it keeps."""
        with self._bare.model(values) as model:
            return self._trace(model, self._feed(values, model, torch.float32, "meta"), keep)

    def _trace_fake(self, values: Values) -> tuple[dict[str, Any], list[Kept]]:
        """One forward pass with fake tensors, and what it keeps."""
        mode = FakeTensorMode(allow_non_fake_inputs=True)
        model = as_fake(light(self._make, values), mode, torch.float32)
        with mode:
            return self._trace(model, self._feed(values, model, torch.float32, "cpu"), True)

    def _trace(self, model: nn.Module, inputs: Inputs, keep: bool) -> tuple[dict[str, Any], list[Kept]]:
        if not keep:
            return record(model, inputs.positional, dict(inputs.named), self._leaves), []
        watch = Watch(model)
        keeper = Keeper(watch, [*model.parameters(), *model.buffers(), *inputs.tensors()])
        with watch, keeper:
            found = record(model, inputs.positional, dict(inputs.named), self._leaves)
        return found, keeper.kept

    def _measured(self, values: Values) -> Record:
        maker = Maker(lambda: self._make(values), lambda: on_meta(lambda: self._make(values)))

        def feed(model: nn.Module, floating: torch.dtype, device: str) -> Inputs:
            return self._feed(values, model, floating, device)

        tensors = "real" if self._real else "fake"
        return measure(maker, feed, precisions=("fp32",), flops=True, tensors=tensors)


def light(make: Make, values: Values) -> nn.Module:
    """A model without weights, or with them where it cannot be made without."""
    try:
        return _bare(make, values)
    except CannotImport:
        raise
    except Exception:  # it asks for values while it is made
        return make(values)


def _bare(make: Make, values: Values) -> nn.Module:
    return on_meta(lambda: make(values)).train()


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two runs were of the same program, on tensors that lie alike in memory. An axis of size one has a stride
    that says nothing, and kernels write what they like there.
    """
    lie = [[_strides(value) for value in run["values"]] for run in (one, other)]
    rest = [{**run, "values": [{**value, "strides": None} for value in run["values"]]} for run in (one, other)]
    return lie[0] == lie[1] and rest[0] == rest[1]


def _strides(value: Mapping[str, Any]) -> list[int]:
    return [step for size, step in zip(value["shape"], value["strides"], strict=True) if size != 1]


def _keepers(kept: Sequence[Kept]) -> list[tuple[str, str, str]]:
    """Which operations keep something, in which layers."""
    return [(one.layer, one.operation, one.dtype) for one in kept]


def _told(found: Record) -> dict[str, Any]:
    return {
        "params": found.elements("param"),
        "buffers": found.elements("buffer"),
        "flops.forward": sum(one.flops for one in found.forward or ()),
        "flops.backward": sum(one.flops for one in found.backward or ()),
        **_told_kept(found.kept["fp32"]),
    }


def _told_kept(kept: Sequence[Kept]) -> dict[str, Any]:
    return {
        "activations.saved": sum(one.bytes for one in kept),
        "kept": [[one.layer, one.operation, one.dtype, list(one.shape), one.bytes] for one in kept],
    }
