"""What an allocator holds in a forward pass and in a training step, measured, beside what archspec derives.

The same code runs on a card, where `torch.cuda.max_memory_allocated` measures, and on a CPU, where a record of live
storages stands in for it: so that everything but the card is tested everywhere.

The allocator of CUDA rounds each block up to 512 bytes. cuBLAS and cuDNN ask it for workspaces, which are not of the
model: cuBLAS's are there before the measurement begins (`warm_up`); those of convolutions come and go, and are allowed
for where there are some (`WORKSPACE`).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

import torch
from torch import nn
from torch.nn import functional as F

import archspec
from archspec.policy import Policy
from archspec.report.report import Report
from archspec.verify.exported import builder
from tests.training.instrument import Running

BLOCK = 512
"""Bytes of the blocks that PyTorch's allocator on CUDA gives out."""
TOLERANCE = 0.03
"""Of the derived number; the rounding to blocks lies within it at the sizes of `CASES`."""
WORKSPACE = 64 * 2**20
"""Bytes that kernels of convolutions may borrow during a step."""
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


@dataclass(frozen=True)
class Case:
    """A model of the zoo at a size for a card. `small`: what is other on a CPU. `pixels`: it has convolutions."""

    model: str
    values: dict[str, int]
    small: dict[str, int]
    pixels: bool = False

    def at(self, device: str) -> dict[str, int]:
        """The values of all symbols on a device."""
        return self.values if device == "cuda" else {**self.values, **self.small}


TINY = {"layers": 2, "d": 64, "heads": 4, "vocab": 300, "B": 2, "S": 32}
CASES = (
    Case("gpt2", {"layers": 4, "d": 256, "heads": 8, "vocab": 4096, "context": 512, "B": 8, "S": 512}, TINY),
    Case(
        "resnet18", {"classes": 100, "B": 64, "H": 128, "W": 128}, {"width": 8, "B": 2, "H": 64, "W": 64}, pixels=True
    ),
    Case(
        "llama3_8b",
        {"layers": 4, "d": 512, "hidden": 1408, "heads": 8, "kv_heads": 2, "vocab": 4096, "B": 8, "S": 512},
        {**TINY, "hidden": 96},
    ),
)


class Meter(Protocol):
    """Tells how many bytes are live, and how many were at most since `forget`."""

    def watching(self) -> AbstractContextManager[Any]:
        """What must be entered for the time of the measurement."""

    def now(self) -> int:
        """Bytes that are live."""

    def most(self) -> int:
        """The most since `forget`."""

    def forget(self) -> None:
        """Forget the most."""


class Card:
    """The allocator of a CUDA device."""

    def watching(self) -> AbstractContextManager[Any]:
        """Nothing needs to be entered; workspaces are made here."""
        self._warm_up()
        return nullcontext()

    def now(self) -> int:
        """Bytes in blocks that are given out."""
        torch.cuda.synchronize()
        return torch.cuda.memory_allocated()

    def most(self) -> int:
        """The most since `forget`."""
        torch.cuda.synchronize()
        return torch.cuda.max_memory_allocated()

    def forget(self) -> None:
        """Forget the most."""
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()

    def _warm_up(self) -> None:
        """Products in both precisions, ahead and back, so that cuBLAS has its workspaces."""
        for dtype in DTYPES.values():
            a = torch.ones(64, 64, device="cuda", dtype=dtype, requires_grad=True)
            torch.autograd.backward([(a @ a).sum()])


class Count:
    """A record of live storages, which needs no card and rounds nothing."""

    def __init__(self) -> None:
        self._running = Running()

    def watching(self) -> AbstractContextManager[Any]:
        """The mode that sees every operation."""
        mode: AbstractContextManager[Any] = self._running
        return mode

    def now(self) -> int:
        """Bytes of storages that are live."""
        return self._running.total

    def most(self) -> int:
        """The most after any operation since `forget`."""
        return self._running.peak

    def forget(self) -> None:
        """Forget the most."""
        self._running.peak = self._running.total


@dataclass(frozen=True)
class Bytes:
    """Four numbers: weights alone; live at the end of a forward pass; the most in a training step; AdamW's states."""

    weights: int
    forward: int
    step: int
    states: int


def rounded(sizes: Iterable[int]) -> int:
    """Bytes of blocks for storages of these sizes."""
    return sum(-(-size // BLOCK) * BLOCK for size in sizes)


def derived(case: Case, precision: str, device: str) -> Bytes:
    """What archspec says. At the end of a forward pass the inputs and the output stand beside what is kept."""
    report = archspec.load(case.model).size(
        **case.at(device), precision=precision, backend=device, train="adamw", loss="cross-entropy"
    )
    weights, saved = _number(report, "memory.weights"), _number(report, "activations.saved")
    program, bits = report.derivation.program, report.policy.bits
    ends = [*program.inputs.values(), *program.outputs.values()]
    around = sum(_whole(report, prod(one.shape)) * int(bits(one.dtype)) // 8 for one in ends)
    states = _number(report, "memory.optimizer")
    return Bytes(weights, weights + around + saved, _number(report, "memory.training"), states)


def _number(report: Report, quantity: str) -> int:
    value = report.value(quantity)
    assert value is not None
    return value


def _whole(report: Report, dim: Any) -> int:
    value = report.evaluate(dim)
    assert value is not None
    return value


def measured(case: Case, precision: str, device: str, meter: Meter) -> Bytes:
    """What the allocator says of the model that archspec exports. The second step counts: the first makes states."""
    build = builder(archspec.load(case.model), "torch", Policy(backend=device), case.at(device))
    with meter.watching():
        before = meter.now()
        with torch.device(device):
            torch.set_default_dtype(DTYPES[precision])
            try:
                model: nn.Module = build().train()
            finally:
                torch.set_default_dtype(torch.float32)
        weights = meter.now() - before
        x = _input(case, case.at(device), DTYPES[precision], device)
        logits = model(x)
        target = logits.detach().flatten(0, -2)[:, 0].long().zero_()
        forward = meter.now() - before - target.untyped_storage().nbytes()
        del logits
        optimizer = torch.optim.AdamW(model.parameters())
        for _ in range(2):
            meter.forget()
            _step(model, x, target, optimizer)
        most = meter.most() - before
        idle = meter.now() - before
        states = idle - weights - sum(one.untyped_storage().nbytes() for one in (x, target))
    return Bytes(weights, forward, most, states)


def _input(case: Case, values: dict[str, int], dtype: torch.dtype, device: str) -> torch.Tensor:
    if case.pixels:
        return torch.rand(values["B"], 3, values["H"], values["W"], dtype=dtype, device=device)
    return torch.full((values["B"], values["S"]), 2, device=device)


def _step(model: nn.Module, x: torch.Tensor, target: torch.Tensor, optimizer: torch.optim.Optimizer) -> None:
    """From no gradients to no gradients."""
    logits = model(x)
    loss = F.cross_entropy(logits.flatten(0, -2), target)
    del logits
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)


def excess(measured: int, derived: int) -> float:
    """How much more was measured than derived, as a part of it; negative where it is less."""
    return measured / derived - 1


def complaints(case: Case, found: Bytes, wanted: Bytes) -> list[str]:
    """The numbers that are too far off, in words."""
    result: list[str] = []
    for name in ("weights", "forward", "step", "states"):
        one, two = getattr(found, name), getattr(wanted, name)
        allowed = TOLERANCE * two + (WORKSPACE if case.pixels and name == "step" else 0)
        if one - two > allowed or two - one > TOLERANCE * two:
            result.append(f"{case.model}: {name}: derived {two:_} B, measured {one:_} B, {excess(one, two):+.1%}")
    return result
