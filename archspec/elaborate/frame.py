"""The state of an elaboration: the context of the whole run, and a frame for each layer being called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from archspec.algebra import Dim, Facts, Poly, symbol
from archspec.elaborate.program import (
    Assumption,
    Cached,
    Checkpoint,
    Fixed,
    Loop,
    Parameter,
    Region,
    Shape,
    SymbolInfo,
    Tensor,
    Unverified,
)
from archspec.elaborate.values import UNKNOWN, Block, Definition, Instance, Value
from archspec.errors.diagnostic import Diagnostic, Diagnostics, Note
from archspec.errors.suggest import did_you_mean
from archspec.policy import Policy
from archspec.syntax import tree
from archspec.syntax.source import Place

MAX_DEPTH = 100
"""Layers may call layers at most this deep (recursion on lists included)."""
MAX_NESTING = 10
"""Loops in loops, those of the layers that they call included: each may double the cases to be told apart."""
MAX_STEPS = 40_000
"""So many calls of layers, and statements in loops, are run for one model (lists in `each` are unrolled)."""

MAX_ERRORS = 100
"""So many errors are reported for one model; what follows is left out."""

FORMAL = "a parameter"
"""What a parameter of a layer (`heads`, `bias`) is called in messages."""
LOOP_MARK = "'"
"""Stands in the names of loop indices, and in no name that can be written."""


class Fault(Exception):
    """An error was reported; the statement that met it is given up."""


class Stop(Exception):
    """A limit was reached: the whole elaboration is given up."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.id)
        self.diagnostic = diagnostic


class FixSymbol(Exception):
    """A condition hangs on a symbol that has a value: elaborate again with the symbol fixed to it."""

    def __init__(self, symbol: str, place: Place) -> None:
        super().__init__(symbol)
        self.symbol = symbol
        self.place = place


class PeelTurn(Exception):
    """A condition hangs on whether this is the first turn of a loop: run that turn by itself."""

    def __init__(self, loop: Loop) -> None:
        super().__init__(loop.index)
        self.loop = loop


@dataclass
class Restore:
    """What a dry run may change, to be put back."""

    facts: Facts
    assumptions: int
    cached: int
    unverified: int
    parameters: int


@dataclass(eq=False)
class Context:
    """One elaboration of one model under one policy.

    checks_parameters: parameters may not depend on free axes. unrolled: `repeat` runs turn by turn (the tests' oracle).
    run: what calls a layer instead of `layers.run`, for the exporter, which watches. lenient: what cannot be decided
    holds; so the exporter looks at one layer by itself, in a model that was found right.
    recomputed: the checkpointed call that is being run. adapting: an adapter is being run.
    plan_used, plan_names: the patterns of the plan that fit something, and what they were held against.
    """

    policy: Policy
    diagnostics: Diagnostics
    symbols: dict[str, SymbolInfo] = field(default_factory=dict)
    fixed: dict[str, Fixed] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)
    assumptions: list[Assumption] = field(default_factory=list)
    region: Region = field(default_factory=Region)
    loops: tuple[Loop, ...] = ()
    parameters: list[Parameter] = field(default_factory=list)
    cached: list[Cached] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)
    named: dict[str, Dim | None] = field(default_factory=dict)
    steps: int = 0
    nesting: int = 0
    indices: int = 0
    checks_parameters: bool = True
    unrolled: bool = False
    run: Callable[[Frame, tuple[Tensor, ...]], Value] | None = None
    lenient: bool = False
    recomputed: Checkpoint | None = None
    adapting: bool = False
    plan_used: set[str] = field(default_factory=set)
    plan_names: set[str] = field(default_factory=set)

    def checkpoint(self) -> Restore:
        """Remember the state before a run that may be thrown away."""
        counts = len(self.assumptions), len(self.cached), len(self.unverified), len(self.parameters)
        return Restore(self.facts.copy(), *counts)

    def rollback(self, before: Restore) -> None:
        """Put the state back."""
        self.facts = before.facts
        del self.assumptions[before.assumptions :]
        del self.cached[before.cached :]
        del self.unverified[before.unverified :]
        del self.parameters[before.parameters :]

    def name_size(self, name: str, size: Dim) -> None:
        """Remember what a composite calls a size (`S` = `image**2/patch**2 + 1`), so that formulas can call it that.

        A name that means several things is none (None).
        """
        if not isinstance(size, Poly) or not size.by_monomial or size == _symbol_named(name):
            return
        known = self.named.setdefault(name, size)
        if known != size:
            self.named[name] = None

    def fresh_index(self, name: str | None) -> str:
        """A name for a loop index that no symbol has."""
        self.indices += 1
        return f"{name or 'turn'}{LOOP_MARK}{self.indices}"


@dataclass(eq=False)
class Frame:
    """A layer being called: names in scope, where it was called, and the block that it makes instances in."""

    context: Context
    definition: Definition
    instance: Instance
    caller: Frame | None
    call: tree.Node | None
    depth: int
    names: dict[str, Value] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    bound_at: dict[str, tree.Node] = field(default_factory=dict)
    stars: dict[str, Shape] = field(default_factory=dict)
    block: Block = field(default=None)  # type: ignore[assignment]  # set by `__post_init__`
    outputs: dict[str, tree.TensorDecl] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.block = self.instance.block

    @property
    def layer(self) -> tree.Layer:
        """The layer being called."""
        return self.definition.layer

    def place(self, node: tree.Node) -> Place:
        """Where a node of this layer stands."""
        return Place(self.definition.source, node.start, node.end)

    def fault(
        self, node: tree.Node, kind: str, /, *, fix: str | None = None, notes: tuple[Note, ...] = (), **fields: Any
    ) -> NoReturn:
        """Report an error at a node and give the statement up."""
        self.report(node, kind, fix=fix, notes=notes, **fields)
        raise Fault(kind)

    def stop(self, node: tree.Node, kind: str, /, **fields: Any) -> NoReturn:
        """Give the whole elaboration up: a limit was reached at a node."""
        raise Stop(Diagnostics().error(kind, self.blame(node), notes=self.trail(node), **fields))

    def step(self, node: tree.Node) -> None:
        """Count a step of the elaboration, so that none runs for ever."""
        self.context.steps += 1
        if self.context.steps > MAX_STEPS:
            self.stop(node, "too-many-calls", limit=MAX_STEPS)

    def report(
        self, node: tree.Node, kind: str, /, *, fix: str | None = None, notes: tuple[Note, ...] = (), **fields: Any
    ) -> None:
        """Report an error at a node. Inside a layer of the library, its caller is blamed first."""
        if len(self.context.diagnostics.found) >= MAX_ERRORS:
            self.stop(node, "too-many-errors", limit=MAX_ERRORS)
        self.context.diagnostics.error(kind, self.blame(node), notes=self.trail(node) + notes, fix=fix, **fields)

    def blame(self, node: tree.Node) -> Place:
        """The place to show first for something wrong at a node: a layer of the library is the fault of its caller."""
        return self._blamed(node)[1]

    def _blamed(self, node: tree.Node) -> tuple[Frame, Place]:
        frame, place = self, self.place(node)
        while frame.definition.scope.is_layer_library and frame.caller is not None and frame.call is not None:
            place = frame.caller.place(frame.call)
            frame = frame.caller
        return frame, place

    def trail(self, node: tree.Node) -> tuple[Note, ...]:
        """How the place that is blamed leads to a node, and which call of a user's layer it is about."""
        frame, _ = self._blamed(node)
        notes: list[Note] = []
        if frame is not self:
            notes.append(Note(f"in the library's layer `{self.layer.name}`", self.place(node)))
        caller, call = frame.caller, frame.call
        while caller is not None and call is not None and caller.definition.scope.is_layer_library:
            call = caller.call
            caller = caller.caller
        if caller is not None and call is not None:
            notes.append(Note(f"`{frame.layer.name}` is called here", caller.place(call)))
        return tuple(notes)

    def lookup(self, node: tree.Node, name: str) -> Value:
        """The value of a name, or an error with the nearest names in scope."""
        if name in self.names:
            value = self.names[name]
            if value is UNKNOWN:
                raise Fault(name)
            return value
        self.fault(node, "unknown-name", name=name, fix=did_you_mean(name, self.names))

    def bind(self, node: tree.Node, name: str, value: Value, what: str) -> None:
        """Give a name to something that keeps it: a parameter, an axis, an index."""
        if name in self.constants and self.bound_at[name] is not node:  # in a loop, a statement binds its name again
            self.fault(node, "rebound-name", name=name, what=self.constants[name])
        self.names[name] = value
        self.constants[name] = what
        self.bound_at[name] = node


def _symbol_named(name: str) -> Dim:
    return symbol(name, 1)


def product(shape: Shape) -> Dim:
    """The number of elements of a shape."""
    total: Dim = 1
    for size in shape:
        total = total * size
    return total
