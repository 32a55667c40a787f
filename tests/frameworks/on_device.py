"""A library layer on a device that the verifier does not run on (CUDA): kept bytes by hooks, and what is derived."""

from __future__ import annotations

from typing import Any

import measure
import torch
from layer_cases import Case
from layer_derive import Input, derive, model_text
from one_layer import build, is_fresh

import archspec
from archspec.policy import Policy

OPAQUE = "uint8"
"""A workspace of plain bytes: nobody tells its size."""


def make_inputs(case: Case) -> list[Any]:
    """Random inputs; floats between 0.1 and 0.9, where every layer is defined."""
    generator = torch.Generator().manual_seed(0)
    made = []
    for index, shape in enumerate(case.shapes):
        if index in case.integers:
            made.append(torch.randint(0, case.integers[index], shape, generator=generator))
        elif index in case.masks:
            made.append(torch.rand(shape, generator=generator) < 0.5)
        else:
            made.append(torch.rand(shape, generator=generator) * 0.8 + 0.1)
    return made


def run(case: Case, precision: str, train: bool = True, device: str = "cpu") -> Any:
    """Measure the PyTorch module of a case."""
    made = build(case, "train" if train else "eval", device)
    fresh = is_fresh(case)

    def function(*inputs: Any) -> object:
        if fresh:
            return made(*(one * 2.0 if one.is_floating_point() else one for one in inputs))
        return made(*inputs)

    module = made if isinstance(made, torch.nn.Module) else getattr(made, "layer", None)
    return measure.measure(
        function, make_inputs(case), module=module, precision=precision, inputs_grad=True, train=train, device=device
    )


def _inputs(case: Case) -> list[Input]:
    return [Input(shape, index in case.integers, index in case.masks) for index, shape in enumerate(case.shapes)]


def derived(case: Case, measured: Any, precision: str, train: bool = True, backend: str = "cpu") -> dict[str, Any]:
    """What archspec says of a case."""
    ranks = [len(shape) for shape in measured.shapes]
    fresh = is_fresh(case)
    return derive(
        case.layer, case.arguments, _inputs(case), ranks, precision=precision, train=train, fresh=fresh, backend=backend
    )


def excused(case: Case, ranks: list[int], precision: str, train: bool, backend: str) -> str:
    """Why the layer says that its kept bytes cannot be verified, or nothing."""
    model = archspec.load_text(model_text(case.layer, case.arguments, _inputs(case), ranks, fresh=is_fresh(case)))
    policy = Policy(precision=precision, backend=backend, mode="train" if train else "eval", inputs_grad=True)
    declared = model.derive(policy, {}).program.unverified
    return "; ".join(one.reason for one in declared if one.quantity == "activations.saved")


def kept(measured: Any) -> int:
    """Kept bytes without opaque workspaces."""
    return sum(one.bytes for one in measured.kept if one.dtype != OPAQUE)
