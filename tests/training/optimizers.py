"""What optimizers hold and need, as rules, and the optimizers to measure them on. Shares no code with archspec.

`STATE` gives the bytes of state of one parameter from its shape. `LOOP` and `FOREACH` give the most bytes that a step
has live beyond weights, gradients and states, after the first steps, from the shapes of all parameters in the order
in which the optimizer has them. Parameters are float32.

A for-loop step holds more than the temporaries of one parameter: Python's variables keep the last ones of the
parameter before until they are assigned anew. Hence the pairs (p, q): p of a parameter, q of the one before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

from torch import nn, optim

Shape = tuple[int, ...]
Shapes = Sequence[Shape]

MAKE: dict[str, Callable[[list[nn.Parameter], bool], optim.Optimizer]] = {
    "sgd": lambda p, each: optim.SGD(p, 0.1, foreach=each),
    "sgd_decay": lambda p, each: optim.SGD(p, 0.1, weight_decay=0.1, foreach=each),
    "momentum": lambda p, each: optim.SGD(p, 0.1, momentum=0.9, foreach=each),
    "nesterov": lambda p, each: optim.SGD(p, 0.1, momentum=0.9, nesterov=True, foreach=each),
    "adam": lambda p, each: optim.Adam(p, foreach=each),
    "adam_decay": lambda p, each: optim.Adam(p, weight_decay=0.1, foreach=each),
    "adamw": lambda p, each: optim.AdamW(p, foreach=each),
    "adam_amsgrad": lambda p, each: optim.Adam(p, amsgrad=True, foreach=each),
    "adamw_amsgrad": lambda p, each: optim.AdamW(p, amsgrad=True, foreach=each),
    "radam": lambda p, each: optim.RAdam(p, foreach=each),
    "adamax": lambda p, each: optim.Adamax(p, foreach=each),
    "nadam": lambda p, each: optim.NAdam(p, foreach=each),
    "rmsprop": lambda p, each: optim.RMSprop(p, foreach=each),
    "rmsprop_momentum": lambda p, each: optim.RMSprop(p, momentum=0.9, foreach=each),
    "rmsprop_centered": lambda p, each: optim.RMSprop(p, centered=True, foreach=each),
    "adagrad": lambda p, each: optim.Adagrad(p, foreach=each),
    "adadelta": lambda p, each: optim.Adadelta(p, foreach=each),
    "adafactor": lambda p, each: optim.Adafactor(p, foreach=each),
    "muon": lambda p, _: optim.Muon([one for one in p if one.ndim == 2]),
}


def size(shape: Shape) -> int:
    """Bytes of a parameter."""
    return 4 * prod(shape)


def rows_and_columns(shape: Shape) -> int:
    """Bytes of a row's and a column's statistic of the last two axes."""
    return 4 * (prod(shape[:-1]) + prod(shape[:-2]) * shape[-1])


def _copies(count: int, scalars: int = 1) -> Callable[[Shape], int]:
    return lambda shape: count * size(shape) + 4 * scalars


STATE: dict[str, Callable[[Shape], int]] = {
    "sgd": _copies(0, 0),
    "sgd_decay": _copies(0, 0),
    "momentum": _copies(1, 0),
    "nesterov": _copies(1, 0),
    "adam": _copies(2),
    "adam_decay": _copies(2),
    "adamw": _copies(2),
    "adam_amsgrad": _copies(3),
    "adamw_amsgrad": _copies(3),
    "radam": _copies(2),
    "adamax": _copies(2),
    "nadam": _copies(2, scalars=2),  # the step, and the product of momenta
    "rmsprop": _copies(1),
    "rmsprop_momentum": _copies(2),
    "rmsprop_centered": _copies(2),
    "adagrad": _copies(1),
    "adadelta": _copies(2),
    "adafactor": lambda shape: 4 + (rows_and_columns(shape) if len(shape) > 1 else size(shape)),
    "muon": lambda shape: size(shape) if len(shape) == 2 else 0,
}


def _pairs(shapes: Shapes) -> Iterator[tuple[int, int]]:
    """Bytes of each parameter, and of the one before it."""
    before = 0
    for shape in shapes:
        yield size(shape), before
        before = size(shape)


def _largest(mine: int, before: int = 0) -> Callable[[Shapes], int]:
    return lambda shapes: max(mine * p + before * q for p, q in _pairs(shapes))


def _adadelta(shapes: Shapes) -> int:
    # std is made while both temporaries of the parameter before are there, delta while the second one is.
    return max(max(p + 2 * q, 2 * p + q) for p, q in _pairs(shapes))


def _adafactor(shapes: Shapes) -> int:
    """The update of the parameter before, the last matrix's means and the last vector's squares stay as variables."""
    most = means = squares = before = 0
    for shape in shapes:
        p = size(shape)
        if len(shape) > 1:
            means = rows_and_columns(shape)
            most = max(most, p + before + means + squares + 4 * prod(shape[:-2]))
        else:
            most = max(most, 2 * p + before + means)
            squares = p
        before = p
    return most


def _muon(shapes: Shapes) -> int:
    """The float32 update, and in bfloat16: two copies, and two squares of the smaller side."""
    return max(2 * size(shape) + 4 * min(shape) ** 2 for shape in shapes if len(shape) == 2)


LOOP: dict[str, Callable[[Shapes], int]] = {
    "sgd": _largest(0),
    "sgd_decay": _largest(1),
    "momentum": _largest(0),
    "nesterov": _largest(1),
    "adam": _largest(2, 1),
    "adam_decay": _largest(3, 1),
    "adamw": _largest(2, 1),
    "adam_amsgrad": _largest(2, 1),
    "adamw_amsgrad": _largest(2, 1),
    "radam": _largest(5),  # once the variance is rectified, from the sixth step; 2 before
    "adamax": _largest(1),
    "nadam": _largest(2, 1),
    "rmsprop": _largest(1, 1),
    "rmsprop_momentum": _largest(1, 1),
    "rmsprop_centered": _largest(1, 1),
    "adagrad": _largest(1, 1),
    "adadelta": _adadelta,
    "adafactor": _adafactor,
    "muon": _muon,
}

COPIES = {"sgd": 0, "momentum": 0, "nesterov": 0, "adagrad": 2, "adadelta": 2}
"""Copies of all parameters that a `foreach` step has live at once, where it is not one."""


def _whole(copies: int) -> Callable[[Shapes], int]:
    return lambda shapes: copies * sum(map(size, shapes))


FOREACH = {name: _whole(COPIES.get(name, 1)) for name in MAKE if name != "muon"}


def measured(make: Callable[..., optim.Optimizer], shapes: Shapes, foreach: bool) -> tuple[list[int], int]:
    """State bytes of each parameter, and the most that a step has live beyond what was there; in the eighth step."""
    import torch

    from tests.training.instrument import Running

    parameters = [nn.Parameter(torch.ones(shape)) for shape in shapes]
    optimizer = make(parameters, foreach)
    running = Running()
    for turn in range(8):
        for parameter in parameters:
            parameter.grad = torch.ones_like(parameter)
        if turn == 7:
            held: list[Any] = [v for state in optimizer.state.values() for v in state.values()]
            for tensor in [*parameters, *(p.grad for p in parameters), *held]:
                if isinstance(tensor, torch.Tensor):
                    running.watch(tensor, "standing")
            standing = running.total
            with running:
                optimizer.step()
        else:
            optimizer.step()
    states = [sum(v.untyped_storage().nbytes() for v in optimizer.state[p].values() if isinstance(v, torch.Tensor))
              for p in parameters]  # fmt: skip
    return states, running.peak - standing
