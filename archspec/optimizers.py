"""Optimizers: what they remember of each parameter, and what a step needs besides.

State sizes and temporaries were measured with torch 2.13 (tests/training); those of optimizers outside torch are read
off their sources, which `source` names.
"""

from __future__ import annotations

from dataclasses import dataclass

from archspec.algebra import Dim, Facts, ceildiv, compare
from archspec.elaborate.program import Parameter

COUNTER = "step"
"""The dtype, of bytes, of what is counted once for a tensor, and is never cut."""
BLOCK = 256
"""Elements that share one scale in 8-bit states (bitsandbytes, blockwise quantisation)."""
LEAST_BLOCKED = 4096
"""Smaller tensors keep float32 states in 8-bit optimizers (bitsandbytes, `min_8bit_size`)."""


@dataclass(frozen=True)
class Optimizer:
    """An optimizer by the states that it has for a parameter, and the memory that its step takes.

    full: states of the parameter's shape. factored: a row and a column of sums for each matrix of the last two axes,
    and a full state for a vector. matrices: full states of parameters with two axes; the others have those of AdamW.
    bytes8: states of one byte an element, with a float32 scale for each block. counters: bytes for each tensor.
    foreach: copies of all that is trained that a step on all parameters at once makes. single: of a step on one
    parameter after the other, pairs (a, b): it has a copies of one parameter and b of the one before it.
    measured: whether the numbers were measured; else they are read off `source`.
    """

    name: str
    title: str
    source: str
    full: int = 0
    factored: bool = False
    matrices: int = 0
    bytes8: int = 0
    counters: int = 4
    foreach: int = 1
    single: tuple[tuple[int, int], ...] = ((2, 1),)
    measured: bool = True


OPTIMIZERS: dict[str, Optimizer] = {
    one.name: one
    for one in (
        Optimizer("sgd", "SGD", "torch.optim.SGD", counters=0, foreach=0, single=()),
        Optimizer("momentum", "SGD with momentum", "torch.optim.SGD", full=1, counters=0, foreach=0, single=()),
        Optimizer("adam", "Adam", "torch.optim.Adam", full=2),
        Optimizer("adamw", "AdamW", "torch.optim.AdamW", full=2),
        Optimizer("amsgrad", "AdamW with amsgrad", "torch.optim.AdamW", full=3),
        Optimizer("radam", "RAdam", "torch.optim.RAdam", full=2, single=((5, 0),)),
        Optimizer("adamax", "Adamax", "torch.optim.Adamax", full=2, single=((1, 0),)),
        Optimizer("nadam", "NAdam", "torch.optim.NAdam", full=2, counters=8),
        Optimizer("rmsprop", "RMSprop", "torch.optim.RMSprop", full=1, single=((1, 1),)),
        Optimizer("adagrad", "Adagrad", "torch.optim.Adagrad", full=1, foreach=2, single=((1, 1),)),
        Optimizer("adadelta", "Adadelta", "torch.optim.Adadelta", full=2, foreach=2, single=((1, 2), (2, 1))),
        Optimizer("adafactor", "Adafactor", "torch.optim.Adafactor", factored=True, single=((1, 1),)),
        Optimizer("muon", "Muon for matrices, AdamW for the rest", "torch.optim.Muon", matrices=1),
        Optimizer("lion", "Lion", "Chen et al., 2023", full=1, counters=0, foreach=1, single=((1, 1),), measured=False),
        Optimizer(
            "adamw8bit",
            "8-bit AdamW",
            "bitsandbytes.optim.AdamW8bit",
            bytes8=2,
            counters=0,
            foreach=0,
            single=(),
            measured=False,
        ),
    )
}


def states(optimizer: Optimizer, parameter: Parameter, facts: Facts) -> list[tuple[str, Dim]]:
    """The states of one parameter (one copy of it, whole): dtypes, `state` for that of full states, and elements."""
    shape = parameter.tensor.shape
    elements = parameter.tensor.storage.elements
    full = optimizer.full
    if optimizer.matrices:
        full = optimizer.matrices if len(shape) == 2 else OPTIMIZERS["adamw"].full
    wide: Dim = full * elements
    if optimizer.factored:
        wide = wide + _factored(shape, elements)
    found: list[tuple[str, Dim]] = [("state", wide)]
    if optimizer.bytes8:
        found.append(("int8", optimizer.bytes8 * _blocked(elements, facts)))
    if optimizer.counters and not (optimizer.matrices and len(shape) == 2):
        found.append((COUNTER, optimizer.counters))
    return [(dtype, amount) for dtype, amount in found if amount != 0]


def _factored(shape: tuple[Dim, ...], elements: Dim) -> Dim:
    """A row and a column for each matrix of the last two axes; all elements of a vector."""
    if len(shape) < 2:
        return elements
    around: Dim = 1
    for size in shape[:-2]:
        around = around * size
    return around * (shape[-2] + shape[-1])


def _blocked(elements: Dim, facts: Facts) -> Dim:
    if compare(elements, "<", LEAST_BLOCKED, facts) is True:
        return 4 * elements
    return elements + 4 * ceildiv(elements, BLOCK, facts)
