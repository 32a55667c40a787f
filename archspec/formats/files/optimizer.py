"""The size of an optimizer's checkpoint: `torch.save(optimizer.state_dict(), …)`.

What is kept for each parameter stands in `archspec.optimizers`. Source of the form: torch/optim/optimizer.py
(`state_dict`), torch 2.13: states by the number of the parameter, and one group with its settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from sys import intern

from archspec.elaborate.program import Program
from archspec.formats.files.contents import FileSize
from archspec.formats.files.pickling import Held
from archspec.formats.files.torch_save import archive_bytes
from archspec.formats.names import tensors
from archspec.formats.tensors import DTYPE_BITS
from archspec.formats.weights import dtype_of
from archspec.optimizers import BLOCK, LEAST_BLOCKED, OPTIMIZERS, Optimizer
from archspec.policy import Policy

_SETTINGS: dict[str, object] = {
    "lr": 0.001,
    "betas": (0.9, 0.999),
    "eps": 1e-08,
    "weight_decay": 0.01,
    "amsgrad": False,
    "maximize": False,
    "foreach": None,
    "capturable": False,
    "differentiable": False,
    "fused": None,
    "decoupled_weight_decay": True,
}
"""The settings of a group: those of AdamW, which has the most."""


def optimizer(
    program: Program, policy: Policy, values: Mapping[str, int], name: str, *, stem: str = "optimizer"
) -> FileSize:
    """The size of the file, within 1 %: settings and names of states are taken to be AdamW's.

    Raises `NeedsNumbers`, and KeyError for an optimizer that is not in `OPTIMIZERS`.
    """
    state: dict[int, dict[str, Held]] = {}
    storages: list[int] = []
    count = 0
    for one in tensors(program, values):
        parameter = one.parameter
        if not parameter.trainable or parameter.tied_to is not None:
            continue
        own: dict[str, Held] = {}
        for key, dtype, shape in _states(OPTIMIZERS[name], one.shape, dtype_of(parameter, policy)):
            own[intern(key)] = Held(dtype, shape, len(storages))
            storages.append(prod(shape) * DTYPE_BITS[dtype] // 8)
        if own:
            state[count] = own
        count += 1
    groups = [{**_SETTINGS, "params": list(range(count))}]
    size = archive_bytes({"state": state, "param_groups": groups}, storages, stem)
    return FileSize(size, sum(storages), ((f"{stem}.pt", size),), exact=False)


def _states(kept: Optimizer, shape: tuple[int, ...], dtype: str) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Name, dtype and shape of each state of one parameter. Counters are tensors of one float32."""
    for number in range(kept.counters // 4):
        yield f"step{number or ''}", "F32", ()
    wholes = kept.full + (kept.matrices if len(shape) == 2 else 0) + (1 if kept.factored and len(shape) < 2 else 0)
    for number in range(wholes):
        yield f"exp_avg{number or ''}", dtype, shape
    if kept.factored and len(shape) >= 2:
        yield "row_var", dtype, (*shape[:-1], 1)
        yield "col_var", dtype, (*shape[:-2], 1, shape[-1])
    for number in range(kept.bytes8):
        small = prod(shape) < LEAST_BLOCKED
        yield f"state{number + 1}", "F32" if small else "U8", shape
        if not small:
            yield f"absmax{number + 1}", "F32", (-(-prod(shape) // BLOCK),)
