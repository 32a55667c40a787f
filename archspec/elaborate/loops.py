"""`repeat` without unrolling.

The body is run once, with a stand-in for every tensor that passes from turn to turn. If the state it
leaves (shapes, dtypes, need of a gradient, layout) is the state it entered with, every turn is like it.
If shapes change, the state at turn t is guessed from the first turns (affine, geometric, floor) and
verified: run from guess(t), the body must leave guess(t + 1). Where the first turn differs it is
peeled off, at most twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from itertools import product as product_of

from archspec.algebra import Dim, Poly, compare, free_symbols, substitute, symbol
from archspec.elaborate import conditions, expressions, recurrences
from archspec.elaborate.carries import lag
from archspec.elaborate.frame import MAX_NESTING, Fault, FixSymbol, Frame, PeelTurn, product
from archspec.elaborate.one_turn import Run, State, keep, run_body, try_turn
from archspec.elaborate.primitives import kept_somewhere
from archspec.elaborate.program import Carry, Loop, Storage, Tensor, Turns
from archspec.elaborate.signatures import shape_text
from archspec.elaborate.values import Pack
from archspec.elaborate.wiring import assigned_names, head
from archspec.errors.diagnostic import Note
from archspec.syntax import tree

MAX_PEELED = 2
MAX_GUESSES = 16
"""So many closed forms are tried for shapes that change; numbers fit several forms where symbols fit one."""


def run_repeat(frame: Frame, statement: tree.Repeat) -> None:
    """Run a `repeat` statement in closed form."""
    count = expressions.evaluate_dim(frame, statement.count)
    if not _at_least_one(frame, statement, count):
        return
    assigned = assigned_names(statement.body)
    if statement.index is not None and statement.index in frame.constants:
        frame.fault(head(statement), "rebound-name", name=statement.index, what=frame.constants[statement.index])
    carried = [name for name in assigned if isinstance(frame.names.get(name), Tensor)]
    packs = [name for name in assigned if isinstance(frame.names.get(name), Pack)]
    if packs:  # each tensor of it would have to be carried under a name of its own
        frame.fault(head(statement), "carried-tuple", name=packs[0])
    before = {name: frame.names.get(name) for name in (*assigned, *((statement.index,) if statement.index else ()))}
    if frame.context.nesting >= MAX_NESTING:
        frame.stop(head(statement), "too-deep-loops", limit=MAX_NESTING)
    frame.context.nesting += 1
    try:
        _turns(frame, statement, count, carried)
    finally:
        frame.context.nesting -= 1
        for name, value in before.items():
            if name in carried:
                continue
            if value is None:
                frame.names.pop(name, None)
            else:
                frame.names[name] = value


def _at_least_one(frame: Frame, statement: tree.Repeat, count: Dim) -> bool:
    if isinstance(count, int) and count < 0:
        frame.fault(statement.count, "negative-count", count=count)
    return _at_least(frame, statement, count, 1)


def _at_least(frame: Frame, statement: tree.Repeat, count: Dim, least: int) -> bool:
    verdict = conditions.decide(frame, statement.count, count, ">=", least)
    if isinstance(verdict, conditions.Hanging):
        return conditions.settle(frame, verdict)
    return verdict


def _turns(frame: Frame, statement: tree.Repeat, count: Dim, carried: list[str]) -> None:
    if frame.context.unrolled and isinstance(count, int):
        for index in range(count):
            _peel(frame, statement, index, carried)
        return
    peeled = 0
    while True:
        left = count - peeled
        if left == 0 or not _at_least_one(frame, statement, left):
            return
        if _bulk(frame, statement, left, peeled, carried):
            return
        if peeled == MAX_PEELED:
            _no_pattern(frame, statement, carried, peeled)
        _peel(frame, statement, peeled, carried)
        peeled += 1


def _bulk(frame: Frame, statement: tree.Repeat, count: Dim, first: int, carried: list[str]) -> bool:
    """Run all turns from `first` on as one. False: the next turn must be peeled off."""
    index = frame.context.fresh_index(statement.index)
    loop = Loop(count, index, statement.name)
    turn = symbol(index, 0)
    state: State = {name: frame.names[name] for name in carried}  # type: ignore[misc]  # checked to be tensors
    try:
        run = try_turn(frame, statement, state, loop, first if count == 1 else turn + first, first)
        if run.clean and _same(frame, run.result, state):
            _finish(frame, statement, run, loop, state, first)
            return True
        if count == 1:
            return False
        for guess in islice(_guesses(frame, statement, state, run, turn, first), MAX_GUESSES):
            try:
                run = try_turn(frame, statement, guess, loop, turn + first, first)
            except PeelTurn as peel:
                if peel.loop is not loop:
                    raise
                continue  # with another guess the turns may be alike
            following = {name: _reshaped(tensor, {index: turn + 1}, frame) for name, tensor in guess.items()}
            if run.clean and _same(frame, run.result, following):
                _finish(frame, statement, run, loop, state, first)
                return True
        return False
    except PeelTurn as peel:
        if peel.loop is loop:
            return False
        raise


def _guesses(
    frame: Frame, statement: tree.Repeat, state: State, symbolic: Run, turn: Poly, first: int
) -> Iterator[State]:
    """States before turn t that fit the first two turns, run exactly; none if the first turn is odd in other ways."""
    one = _exact(frame, statement, state, first)
    if not all(_alike(state[name], one[name]) for name in state):
        return
    try:
        two = _exact(frame, statement, one, first + 1, report=False)
    except Fault:
        return
    facts = frame.context.facts
    axes = [(name, axis) for name, tensor in state.items() for axis in range(len(tensor.shape))]
    fits: list[list[Dim]] = []
    for name, axis in axes:
        left = symbolic.result[name].shape[axis] if symbolic.clean else None
        sizes = (state[name].shape[axis], one[name].shape[axis], two[name].shape[axis])
        fits.append(recurrences.solve(sizes, turn, left, facts))
    for chosen in product_of(*fits):
        shapes: dict[str, list[Dim]] = {name: [] for name in state}
        for (name, _), size in zip(axes, chosen, strict=True):
            shapes[name].append(size)
        yield {
            name: Tensor(tuple(shapes[name]), tensor.dtype, tensor.storage, tensor.needs_grad, tensor.strided)
            for name, tensor in state.items()
        }


def _alike(one: Tensor, other: Tensor) -> bool:
    return (
        len(one.shape) == len(other.shape)
        and one.dtype == other.dtype
        and one.needs_grad == other.needs_grad
        and one.strided == other.strided
    )


def _same(frame: Frame, one: State, other: State) -> bool:
    facts = frame.context.facts
    return all(
        _alike(one[name], other[name])
        and all(
            a == b or compare(a, "==", b, facts) is True
            for a, b in zip(one[name].shape, other[name].shape, strict=True)
        )
        for name in one
    )


def _reshaped(tensor: Tensor, values: dict[str, Dim], frame: Frame) -> Tensor:
    shape = tuple(substitute(size, values, frame.context.facts) for size in tensor.shape)
    return Tensor(shape, tensor.dtype, tensor.storage, tensor.needs_grad, tensor.strided)


def _finish(frame: Frame, statement: tree.Repeat, run: Run, loop: Loop, state: State, first: int) -> None:
    """Make a run that stands for all turns real. Variables that only change places are told apart by the number of
    turns alone, so then it must be a number.
    """
    _check_overwritten(frame, run)
    turns = lag(loop, run.entry, run.result)
    if turns is not None:
        for outer in frame.context.loops:
            # The ledger assumes of a count that there are so many turns, which it cannot of one that hangs on a turn.
            if outer.index in free_symbols(loop.count) and not _at_least(frame, statement, loop.count, turns):
                raise PeelTurn(outer)
        _commit(frame, statement, run, loop, state, first)
        return
    if isinstance(loop.count, int):
        for index in range(loop.count):
            _peel(frame, statement, first + index, list(state))
        return
    for name in sorted(free_symbols(loop.count)):
        info = frame.context.symbols.get(name)
        if info is not None and info.value is not None:
            raise FixSymbol(name, frame.place(statement.count))
    frame.fault(
        statement,
        "loop-shape",
        name=", ".join(state),
        shapes="they change places, and which is which hangs on the number of turns",
        fix="unroll it with `each i in range(n) { … }`, or with `each` over a list",
    )


def _check_overwritten(frame: Frame, run: Run) -> None:
    """No turn may overwrite what the turn before leaves to it and keeps for the backward pass."""
    left = {id(run.entry[name].storage): run.result[name].storage for name in run.entry}
    for operation in run.region.operations():
        storage = left.get(id(operation.overwrites))
        kept_at = kept_somewhere(storage) if storage is not None and storage.kind != "entry" else None
        if kept_at is None:
            continue
        note = Note("the turn before keeps it for the backward pass here", kept_at)
        frame.context.diagnostics.error("overwrites-kept", operation.place, notes=(note,), layer=operation.kind)
        raise Fault("overwrites-kept")


def _commit(frame: Frame, statement: tree.Repeat, run: Run, loop: Loop, state: State, first: int) -> None:
    keep(frame, statement, run, first)
    facts = frame.context.facts
    last: dict[str, Dim] = {loop.index: loop.count - 1}
    carries: list[Carry] = []
    for name, result in run.result.items():
        shape = tuple(substitute(size, last, facts) for size in result.shape)
        storage = Storage("after", product(shape), result.dtype, frame.context.loops)
        after = Tensor(shape, result.dtype, storage, result.needs_grad, result.strided)
        carry = Carry(name, loop, state[name], run.entry[name], result, after)
        storage.carry = run.entry[name].storage.carry = carry
        carries.append(carry)
        frame.names[name] = after
    frame.context.region.steps.append(Turns(loop, run.region, tuple(carries)))


def _exact(frame: Frame, statement: tree.Repeat, state: State, index: int, report: bool = True) -> State:
    """The state that one turn leaves, run by itself with a number as its index. Errors are the user's."""
    run = run_body(frame, statement, dict(state), index, -1 - index, None)
    if not run.clean:
        if report:
            for diagnostic in run.diagnostics:
                frame.context.diagnostics.add(diagnostic)
        raise Fault("the body of a loop")
    return run.result


def _peel(frame: Frame, statement: tree.Repeat, index: int, carried: list[str]) -> None:
    """Run one turn for itself, before the loop, under the same path."""
    state: State = {name: frame.names[name] for name in carried}  # type: ignore[misc]  # checked to be tensors
    run = run_body(frame, statement, state, index, index, None)
    keep(frame, statement, run, index)
    if not run.clean:
        raise Fault("the body of a loop")
    frame.context.region.steps.extend(run.region.steps)
    for name, tensor in run.result.items():
        frame.names[name] = tensor


def _no_pattern(frame: Frame, statement: tree.Repeat, carried: list[str], first: int) -> None:
    """Say which axis has no closed form."""
    state: State = {name: frame.names[name] for name in carried}  # type: ignore[misc]  # checked to be tensors
    one = _exact(frame, statement, state, first)
    two = _exact(frame, statement, one, first + 1)
    for name in carried:
        shapes = [shape_text(each[name].shape) for each in (state, one, two)]
        if len(set(shapes)) > 1:
            frame.fault(
                head(statement),
                "loop-shape",
                name=name,
                shapes=", ".join(shapes),
                fix="unroll it with `each i in range(n) { … }`, or with `each` over a list",
            )
    frame.fault(
        head(statement),
        "loop-shape",
        name=", ".join(carried),
        shapes="turns that differ in kind",
        fix="unroll it with `each i in range(n) { … }`, or with `each` over a list",
    )
