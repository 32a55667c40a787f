"""One run of the body of a loop, which leaves no trace until it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.algebra import Dim, Facts, symbol
from archspec.elaborate import statements
from archspec.elaborate.frame import Frame, product
from archspec.elaborate.program import Assumption, Cached, Loop, Parameter, Region, Storage, Tensor, Unverified
from archspec.elaborate.undo import Memory, remember
from archspec.elaborate.values import UNKNOWN, Block, Value
from archspec.elaborate.wiring import calls_one_layer, head
from archspec.errors.diagnostic import Diagnostics
from archspec.syntax import tree

State = dict[str, Tensor]


@dataclass
class Run:
    """What one run of the body left."""

    region: Region
    block: Block
    entry: State
    result: State
    diagnostics: Diagnostics
    facts: Facts = field(default_factory=Facts)
    assumptions: list[Assumption] = field(default_factory=list)
    cached: list[Cached] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether it met no error."""
        return not self.diagnostics.errors


def try_turn(frame: Frame, statement: tree.Repeat, state: State, loop: Loop, index: Dim, first: int) -> Run:
    """Run the body once as any turn of a loop, from stand-ins for the carried tensors. Leaves no trace."""
    context = frame.context
    entry: State = {}
    for name, tensor in state.items():
        storage = Storage("entry", product(tensor.shape), tensor.dtype, (*context.loops, loop))
        entry[name] = Tensor(tensor.shape, tensor.dtype, storage, tensor.needs_grad, tensor.strided)
    return run_body(frame, statement, entry, index, first, loop)


def run_body(frame: Frame, statement: tree.Repeat, entry: State, index: Dim, first: int, loop: Loop | None) -> Run:
    """Run the body of a loop once from the tensors that it is entered with. Leaves no trace."""
    context = frame.context
    checkpoint = context.checkpoint()
    saved = (context.region, context.loops, context.diagnostics, frame.block, dict(frame.names))
    constants = dict(frame.constants)
    context.region = Region()
    context.diagnostics = Diagnostics()
    outer = frame.block
    block = _enter(outer, statement, first, loop, index)
    memory = remember(frame.names.values(), (block,))
    frame.block = block
    if loop is not None:
        context.loops = (*context.loops, loop)
        context.facts.assume_nonneg(loop.count - 1 - symbol(loop.index, 0))
    try:
        frame.names.update(entry)
        if statement.index is not None:
            frame.names[statement.index] = index
        statements.run_turn(frame, statement.body)
        result: dict[str, Value] = {name: frame.names[name] for name in entry}
        run = Run(context.region, block, entry, {}, context.diagnostics)
        for name, value in result.items():
            if isinstance(value, Tensor):
                run.result[name] = value
            elif value is not UNKNOWN:
                frame.report(head(statement), "carried-not-tensor", name=name)
        run.facts, run.assumptions = context.facts, context.assumptions[checkpoint.assumptions :]
        run.cached, run.parameters = context.cached[checkpoint.cached :], context.parameters[checkpoint.parameters :]
        run.unverified = context.unverified[checkpoint.unverified :]
        run.memory = [Memory.of(one.block) for one in memory]
        if len(run.result) != len(entry) and run.clean:
            frame.report(head(statement), "carried-not-tensor", name=", ".join(set(entry) - set(run.result)))
        return run
    finally:
        context.rollback(checkpoint)
        for one in memory:
            one.put_back()
        context.region, context.loops, context.diagnostics, frame.block, names = saved
        frame.names.clear()
        frame.names.update(names)
        frame.constants.clear()
        frame.constants.update(constants)


def _enter(outer: Block, statement: tree.Repeat, first: int, loop: Loop | None, turn: Dim) -> Block:
    """The block of the body: as an earlier call of a shared layer made it, or a new one."""
    known = _known_block(outer, statement, first)
    if known is not None:
        known.used.clear()
        known.counters.clear()
        return known
    prefix = outer.path(statement.name) if statement.name is not None else outer.prefix
    sole = statement.name is not None and calls_one_layer(statement.body)
    numbers = (*outer.numbers, (len(prefix), turn))
    block = Block(prefix, outer.loops if loop is None else (*outer.loops, loop), sole, numbers=numbers)
    if statement.name is None:
        block.used.update(outer.used)
        block.counters.update(outer.counters)
    return block


def _known_block(outer: Block, statement: tree.Repeat, first: int) -> Block | None:
    """The block that an earlier call made for the turns from `first` on, or for all from an earlier turn on."""
    for turn in range(first, -1, -1):
        block = outer.blocks.get((statement.start, turn))
        if block is not None and (turn == first or len(block.loops) > len(outer.loops)):
            return block
    return None


def keep(frame: Frame, statement: tree.Repeat, run: Run, first: int) -> None:
    """Make a run's instances, assumptions and cached tensors real."""
    context = frame.context
    outer = frame.block
    for one in run.memory:
        one.put_back()
    outer.blocks[(statement.start, first)] = run.block
    if statement.name is None:
        outer.used.update(run.block.used)
        outer.counters.update(run.block.counters)
    else:
        outer.used[statement.name] = statement
    context.assumptions.extend(
        one for one in run.assumptions if all(one.text != old.text for old in context.assumptions)
    )
    context.cached.extend(run.cached)
    context.unverified.extend(run.unverified)
    context.parameters.extend(run.parameters)
    context.facts = run.facts
    for diagnostic in run.diagnostics:
        context.diagnostics.add(diagnostic)
