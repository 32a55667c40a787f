"""The size of an optimizer's checkpoint: `torch.save(optimizer.state_dict(), …)`.

Source: torch/optim/*.py of torch 2.13: what each optimizer keeps in `self.state[p]`, and the defaults of its groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from archspec.algebra import Dim
from archspec.elaborate.program import Parameter, Program
from archspec.formats.files.contents import FileSize
from archspec.formats.files.pickling import Held
from archspec.formats.files.torch_save import archive_bytes
from archspec.formats.names import tensors
from archspec.formats.tensors import DTYPE_BITS
from archspec.formats.weights import dtype_of
from archspec.ledger.turns import every_turn
from archspec.policy import Policy

WHOLE, STEP, ROWS, COLUMNS = "whole", "step", "rows", "columns"
"""The shapes of states: the parameter's, one float32, or the parameter's without its last or last but one axis."""


@dataclass(frozen=True)
class Optimizer:
    """What is kept for each parameter, by name, in the order in which it is made; and the settings of a group."""

    states: tuple[tuple[str, str], ...]
    settings: Mapping[str, object]
    factored: bool = False


_SHARED: dict[str, object] = {"maximize": False, "foreach": None, "capturable": False, "differentiable": False}
_ADAM: dict[str, object] = {
    "lr": 0.001,
    "betas": (0.9, 0.999),
    "eps": 1e-08,
    "weight_decay": 0.01,
    "amsgrad": False,
    **_SHARED,
    "fused": None,
    "decoupled_weight_decay": True,
}
_MOMENTS = (("step", STEP), ("exp_avg", WHOLE), ("exp_avg_sq", WHOLE))
_RMS: dict[str, object] = {
    "lr": 0.01,
    "momentum": 0,
    "alpha": 0.99,
    "eps": 1e-08,
    "centered": False,
    "weight_decay": 0,
    **_SHARED,
}
_SGD: dict[str, object] = {
    "lr": 0.001,
    "momentum": 0,
    "dampening": 0,
    "weight_decay": 0,
    "nesterov": False,
    "maximize": False,
    "foreach": None,
    "differentiable": False,
    "fused": None,
}

OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer((), _SGD),
    "momentum": Optimizer((("momentum_buffer", WHOLE),), _SGD),
    "adam": Optimizer(_MOMENTS, _ADAM),
    "adamw": Optimizer(_MOMENTS, _ADAM),
    "amsgrad": Optimizer((*_MOMENTS, ("max_exp_avg_sq", WHOLE)), _ADAM),
    "nadam": Optimizer((("step", STEP), ("mu_product", STEP), *_MOMENTS[1:]), _ADAM),
    "radam": Optimizer(_MOMENTS, _ADAM),
    "adamax": Optimizer((("step", STEP), ("exp_avg", WHOLE), ("exp_inf", WHOLE)), _ADAM),
    "rmsprop": Optimizer((("step", STEP), ("square_avg", WHOLE)), _RMS),
    "adagrad": Optimizer((("step", STEP), ("sum", WHOLE)), _RMS),
    "adadelta": Optimizer((("step", STEP), ("square_avg", WHOLE), ("acc_delta", WHOLE)), _RMS),
    "adafactor": Optimizer((("step", STEP), ("row_var", ROWS), ("col_var", COLUMNS)), _RMS, factored=True),
    "muon": Optimizer((("momentum_buffer", WHOLE),), _SGD),
}


def _states(kept: Optimizer, axes: int) -> tuple[tuple[str, str], ...]:
    """The states of a parameter of so many axes: Adafactor keeps the whole variance of a vector."""
    if kept.factored and axes < 2:
        return (("step", STEP), ("variance", WHOLE))
    return kept.states


def optimizer_data(program: Program, policy: Policy, name: str) -> Dim:
    """Bytes of an optimizer's states, as a formula: those of trained parameters, tied ones once."""
    total: Dim = 0
    for parameter in program.parameters:
        if not parameter.trainable or parameter.tied_to is not None:
            continue
        shape = parameter.tensor.shape
        one: Dim = 0
        for _, form in _states(OPTIMIZERS[name], len(shape)):
            own: Dim = 1
            for size in _shape(form, shape):
                own = own * size
            one = one + own * (DTYPE_BITS[_dtype(parameter, form, policy)] // 8)
        total = total + every_turn(one, parameter.loops, program.facts)
    return total


def optimizer(
    program: Program, policy: Policy, values: Mapping[str, int], name: str, *, stem: str = "optimizer"
) -> FileSize:
    """The size of the file, within 1 %: the settings of a group are those of the defaults.

    Raises `NeedsNumbers`, and KeyError for an optimizer that is not in `OPTIMIZERS`.
    """
    kept = OPTIMIZERS[name]
    state: dict[int, dict[str, Held]] = {}
    storages: list[int] = []
    count = 0
    for one in tensors(program, values):
        parameter = one.parameter
        if not parameter.trainable or parameter.tied_to is not None:
            continue
        own: dict[str, Held] = {}
        for key, form in _states(kept, len(one.shape)):
            shape = tuple(_shape(form, one.shape))
            dtype = _dtype(parameter, form, policy)
            own[key] = Held(dtype, shape, len(storages))
            storages.append(prod(shape) * DTYPE_BITS[dtype] // 8)
        if own:
            state[count] = own
        count += 1
    groups = [{**kept.settings, "params": list(range(count))}]
    size = archive_bytes({"state": state, "param_groups": groups}, storages, stem)
    return FileSize(size, sum(storages), ((f"{stem}.pt", size),), exact=False)


def _shape[Size: Dim](form: str, shape: tuple[Size, ...]) -> tuple[Size | int, ...]:
    """The shape of a state. Adafactor's variances keep an axis of one in place of the one that they sum over."""
    if form == STEP:
        return ()
    if form == ROWS:
        return (*shape[:-1], 1)
    return (*shape[:-2], 1, shape[-1]) if form == COLUMNS else shape


def _dtype(parameter: Parameter, form: str, policy: Policy) -> str:
    return "F32" if form == STEP else dtype_of(parameter, policy)
