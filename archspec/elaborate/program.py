"""The elaborated model: operations in order, loops as regions, every tensor with its storage.

This is the one result of elaboration; the ledger, the exporter and the diagrams read it.
A loop is a region with *carries*, as in static single assignment: inside the body a carried tensor
enters as an `entry` storage (a stand-in for "what the turn before produced"), and outside, what the
last turn produced stands behind an `after` storage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archspec.algebra import Dim, Facts
from archspec.syntax import tree
from archspec.syntax.source import Place

if TYPE_CHECKING:
    from archspec.elaborate.values import Instance

Shape = tuple[Dim, ...]


@dataclass(eq=False)
class Loop:
    """A `repeat`: `count` turns (at least one), numbered from 0 by the symbol `index`.

    A bank of experts is a loop around parameters only: `active` of its `count` copies meet one token.
    """

    count: Dim
    index: str
    name: str | None
    active: Dim | None = None


@dataclass(eq=False)
class Storage:
    """Memory that one or several tensors share.

    kind: `new` (made by an operation), `input`, `param`, `buffer`, `entry`, `after`.
    elements: how many; dtype: a dtype or a dtype class (`act`, `param`, `mask:act`, …).
    loops: the loops around its making, outermost first: there is one such storage for each turn.
    carry: for `entry` and `after`, what it stands for.
    """

    kind: str
    elements: Dim
    dtype: str
    loops: tuple[Loop, ...]
    carry: Carry | None = None
    kept_at: Place | None = None


@dataclass(eq=False)
class Tensor:
    """A view of a storage. `strided`: its leading axes cannot be merged without a copy."""

    shape: Shape
    dtype: str
    storage: Storage
    needs_grad: bool
    strided: bool = False


@dataclass(eq=False)
class Carry:
    """A tensor that passes from turn to turn: what it is before the loop, in a turn, at its end, and after."""

    name: str
    loop: Loop
    initial: Tensor
    entry: Tensor
    result: Tensor
    after: Tensor


@dataclass(eq=False)
class Parameter:
    """A parameter or buffer. `tied_to`: the parameter whose storage it shares.

    numbers: where the path as a framework has it shows the turn of a loop: after so many characters, this number.
    transient: a buffer that is in no checkpoint.
    """

    path: str
    owner: str
    kind: str
    role: str
    tensor: Tensor
    loops: tuple[Loop, ...]
    trainable: bool
    tied_to: Parameter | None = None
    numbers: tuple[tuple[int, Dim], ...] = ()
    transient: bool = False


@dataclass(eq=False)
class Checkpoint:
    """A call of a layer that keeps nothing but its inputs: the backward pass runs it forward again."""

    path: str
    inputs: tuple[Tensor, ...]
    loops: tuple[Loop, ...]


@dataclass(eq=False)
class Operation:
    """One call of a primitive.

    kept: storages kept for the backward pass, in the order of the `save` lines.
    made: outputs in storages of their own (views are not made).
    flops, backward: multiply-adds × 2. instance: whose call it is; a layer that is used twice is one instance.
    passes: for each input, whether its gradient is the output's own. scratch: elements that its backward pass takes
    besides gradients. overwrites: the storage that it works in place on. checkpoint: the call that is run again, of
    which it is a part.
    """

    kind: str
    path: str
    layer: tree.Layer
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    parameters: tuple[Parameter, ...]
    kept: tuple[Storage, ...]
    made: tuple[Tensor, ...]
    flops: Dim
    backward: Dim
    place: Place | None
    loops: tuple[Loop, ...]
    instance: Instance
    overwrites: Storage | None = None
    checkpoint: Checkpoint | None = None
    passes: tuple[bool, ...] = ()
    scratch: Dim = 0


@dataclass(eq=False)
class Turns:
    """A loop in a region: its body, run `loop.count` times."""

    loop: Loop
    body: Region
    carries: tuple[Carry, ...]


@dataclass(eq=False)
class Region:
    """Operations and loops in order."""

    steps: list[Operation | Turns] = field(default_factory=list)

    def operations(self) -> Iterator[Operation]:
        """Every operation, those inside loops once, in order."""
        for step in self.steps:
            if isinstance(step, Turns):
                yield from step.body.operations()
            else:
                yield step


@dataclass(eq=False)
class Cached:
    """A tensor that a decoder keeps between steps."""

    path: str
    tensor: Tensor
    loops: tuple[Loop, ...]


OPAQUE = "opaque"
COMPARED = ("activations.saved", f"activations.saved.{OPAQUE}", "flops.forward", "flops.backward")
"""What a layer may declare `unverified`: parameters, buffers and shapes have no excuse.

Opaque are storages of plain bytes whose size only the kernel knows.
"""


@dataclass(frozen=True)
class Unverified:
    """A quantity for which a framework is no reference in the calls of one layer, and why.

    path: where the layer lies in the model.
    """

    quantity: str
    path: str
    layer: str
    reason: str
    place: Place


@dataclass(frozen=True)
class Assumption:
    """What a formula takes for granted: `left op right` (`%` conditions are kept as `left % modulus == right`).

    origin: `require` (written in a spec) or `small` (the outcome of a condition is other at small sizes).
    """

    text: str
    op: str
    left: Dim
    right: Dim
    modulus: Dim | None
    origin: str
    message: str | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Fixed:
    """A symbol that was fixed to its value, because a condition hangs on it."""

    symbol: str
    value: int
    place: Place | None


@dataclass(frozen=True)
class SymbolInfo:
    """A symbol of a model: its value where it has one, its default, and what it is."""

    name: str
    value: int | None
    default: int | None
    meaning: str
    lower: int | None


@dataclass(eq=False)
class Program:
    """An elaborated model. `named`: what its layers call sizes that are no symbols, where the name is unambiguous."""

    name: str
    layer: tree.Layer
    region: Region
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]
    parameters: list[Parameter]
    cached: list[Cached]
    symbols: dict[str, SymbolInfo]
    assumptions: list[Assumption]
    fixed: list[Fixed]
    facts: Facts
    named: dict[str, Dim]
    unverified: list[Unverified] = field(default_factory=list)
