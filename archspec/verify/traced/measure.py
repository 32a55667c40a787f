"""What a torch model holds, gives, computes and keeps: one record of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from archspec.verify.traced.flops import GROUPED, Counter, QuickCounter
from archspec.verify.traced.modules import Inputs, Maker, as_fake
from archspec.verify.traced.records import Held, Kept, Record
from archspec.verify.traced.watch import Keeper, Watch, tensors_in

Feed = Callable[[nn.Module, torch.dtype, str], Inputs]
"""The inputs of a model, given a floating dtype and a device."""

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
LARGEST_REAL = 150_000_000
"""Models of more parameters are run on fake tensors, which need no memory."""


def measure(
    maker: Maker,
    feed: Feed,
    *,
    precisions: Sequence[str] = ("fp32", "bf16"),
    flops: bool = True,
    tensors: str = "auto",
    train: bool = True,
    seed: int = 0,
    may_fail: Collection[str] = (),
) -> Record:
    """The record of the model that `maker` makes.

    precisions: of which the kept storages are listed; in those of `may_fail` the model need not run.
    tensors: `real`, `fake`, or `auto`: what is run for them.
    """
    try:
        light, on = maker.light().train(train), "meta"
    except Exception:  # a user's model may do anything while it is made
        light, on = maker.real().train(train), "cpu"
    record = Record(held(light))
    real = tensors == "real" or (tensors == "auto" and record.elements("param") <= LARGEST_REAL)
    if flops:
        _count(record, maker, light if on == "meta" else None, feed, real, train)
    for precision in precisions:
        try:
            with _quiet(seed):
                _run_kept(record, precision, maker, feed, real, train)
        except Exception as error:  # torch has no kernel for this
            if precision not in may_fail:
                raise
            record.refused[precision] = _short(error)
    if not real and precisions:
        record.notes.append("kept storages are those of fake tensors on cpu, which need no memory")
    return record


def _count(record: Record, maker: Maker, light: nn.Module | None, feed: Feed, real: bool, train: bool) -> None:
    """FLOPs and outputs: on `meta`; where the model cannot run there, on the tensors that are run anyway."""
    if light is not None:
        try:
            run(record, light, feed(light, torch.float32, "meta"))
            return
        except Exception as error:  # some models ask for values
            record.notes.append(f"FLOPs are counted on cpu: the model does not run on `meta` ({_short(error)})")
    with _quiet(0):
        if real:
            model = maker.real().train(train)
            run(record, model, feed(model, torch.float32, "cpu"))
            return
        mode = FakeTensorMode(allow_non_fake_inputs=True)
        model = as_fake(maker.light().train(train), mode, torch.float32)
        with mode:
            run(record, model, feed(model, torch.float32, "cpu"))


def held(model: nn.Module) -> list[Held]:
    """Parameters and buffers by name; a tied one again under its second name."""
    first: dict[int, str] = {}
    found: list[Held] = []
    for layer, module in model.named_modules(remove_duplicate=False):
        tables: tuple[tuple[str, Iterable[tuple[str, torch.Tensor | None]]], ...] = (
            ("param", module._parameters.items()),
            ("buffer", module._buffers.items()),
        )
        for role, table in tables:
            for leaf, tensor in table:
                if tensor is None:
                    continue
                name = f"{layer}.{leaf}" if layer else leaf
                dtype = str(tensor.dtype).removeprefix("torch.")
                tied = first.get(id(tensor))
                first.setdefault(id(tensor), name)
                found.append(Held(name, layer, role, tuple(tensor.shape), 1, tensor.requires_grad, tied, dtype))
    return found


def measure_light(light: nn.Module, feed: Feed) -> Record:
    """The record of a model on `meta`, in one pass: kept storages are those of `meta`, which need not be those of a
    device: whoever asks knows that they are.
    """
    record = Record(held(light))
    inputs = feed(light, torch.float32, "meta")
    keeper = run(record, light, inputs, keep=True, quick=True)
    record.kept["fp32"] = keeper.kept
    return record


def run(record: Record, model: nn.Module, inputs: Inputs, *, keep: bool = False, quick: bool = False) -> Keeper:
    """One pass ahead and back: FLOPs, shapes of outputs, outputs of layers with parameters, what is kept if asked."""
    watch = Watch(model)
    counter = (QuickCounter if quick else Counter)(lambda: watch.layer)
    keeper = Keeper(watch, [*model.parameters(), *model.buffers(), *inputs.tensors()])
    with counter:
        with watch, keeper if keep else nullcontext():
            results = list(tensors_in(model(*inputs.positional, **inputs.named)))
        counter.go_back()
        ends = [one for one in results if one.requires_grad]
        if ends:
            torch.autograd.backward(ends, [torch.empty_like(one) for one in ends])
    counter.check()
    record.outputs = [tuple(one.shape) for one in results]
    record.made = watch.made
    record.forward = counter.forward
    record.backward = counter.backward
    if GROUPED in counter.corrected:
        record.notes.append(
            "torch counts the weight gradient of a grouped convolution `groups` times; here it is put right"
        )
    _in_order(record, list(watch.calls))
    return keeper


def _in_order(record: Record, calls: list[str]) -> None:
    """Sort what is held by when its layer is called first: a better order than that of the constructor."""
    place = {layer: index for index, layer in enumerate(calls)}
    record.held.sort(key=lambda one: place.get(one.layer, len(place)))


def _run_kept(record: Record, precision: str, maker: Maker, feed: Feed, real: bool, train: bool) -> None:
    """What is kept in one precision."""
    if real:
        _keep(record, precision, maker.real().train(train).to(DTYPES[precision]), feed, None)
        return
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    _keep(record, precision, as_fake(maker.light().train(train), mode, DTYPES[precision]), feed, mode)


def _keep(record: Record, precision: str, model: nn.Module, feed: Feed, mode: FakeTensorMode | None) -> None:
    with mode or nullcontext():
        inputs = feed(model, DTYPES[precision], "cpu")
        watch = Watch(model)
        keeper = Keeper(watch, [*model.parameters(), *model.buffers(), *inputs.tensors()])
        with watch, keeper:
            result = model(*inputs.positional, **inputs.named)
    if record.outputs is None:
        record.outputs = [tuple(one.shape) for one in tensors_in(result)]
        record.made = watch.made
        _in_order(record, list(watch.calls))
    kept: list[Kept] = keeper.kept
    record.kept[precision] = kept
    del result


@contextmanager
def _quiet(seed: int) -> Iterator[None]:
    """The random state of the caller is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _short(error: Exception) -> str:
    text = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text[:120]}" if text else type(error).__name__


__all__ = ["Feed", "Maker", "held", "measure", "measure_light"]
