"""`if` and `else`: both branches in the constructor, or the one that is known to be taken."""

from __future__ import annotations

from archspec.algebra import Dim, symbol
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Instance, Value
from archspec.errors.diagnostic import SpecError
from archspec.export.code import Group, Line, Node, render
from archspec.export.scalars import TRAINING, Py
from archspec.export.sizes import size_hint
from archspec.export.turns import RunBlock
from archspec.export.writer import Writer
from archspec.syntax import tree


def run_if(w: Writer, statement: tree.If, run_block: RunBlock) -> None:
    """Write a choice."""
    known = w.forward_scalars.fold(statement.condition)
    if known is not None:
        run_block(w, statement.then if known else statement.other)
        return
    before = dict(w.frame.names)
    assigned = set(w.assigned)
    condition = _condition(w, statement)
    state = _state(w)
    then, after_then, assigned_then = _branch(w, statement.then, run_block)
    made = _state(w)
    _go_back(w, state, before, assigned)
    other, after_other, assigned_other = _branch(w, statement.other, run_block)
    _join_blocks(w, made)
    w.assigned = assigned_then & assigned_other
    _merge(w, after_then, after_other, then[0], other[0], condition is not None)
    if condition is None:
        w.init.extend([*then[0], *other[0]])
    else:
        w.init.append(Group(f"if {condition.text}:", condition.uses, then[0], other[0]))
    if then[1] and render(then[1], "") == render(other[1], ""):
        w.forward.extend(then[1])
    elif then[1] or other[1]:
        asked = w.forward_scalars.write(statement.condition)
        w.forward.append(Group(f"if {asked.text}:", asked.uses, then[1], other[1]))


def _condition(w: Writer, statement: tree.If) -> Py | None:
    """The condition in the constructor; None where only `forward` can tell, so that both branches are made."""
    try:
        condition = w.init_scalars.write(statement.condition)
    except SpecError:
        return None
    return None if TRAINING in condition.uses else condition


Written = tuple[list[Node], list[Node]]


def _branch(
    w: Writer, body: tuple[tree.Statement, ...], run_block: RunBlock
) -> tuple[Written, dict[str, Value], set[str]]:
    init, forward = w.init, w.forward
    w.init, w.forward = [], []
    try:
        run_block(w, body)
        return (w.init, w.forward), dict(w.frame.names), set(w.assigned)
    finally:
        w.init, w.forward = init, forward


Made = tuple[dict[str, Instance], dict[str, tree.Node | None], dict[str, int]]


def _state(w: Writer) -> Made:
    block = w.frame.block
    return dict(block.children), dict(block.used), dict(block.counters)


def _go_back(w: Writer, state: Made, names_before: dict[str, Value], assigned: set[str]) -> None:
    """To before the first branch: its layers exclude those of the second, which may have the same names."""
    frame, block = w.frame, w.frame.block
    frame.names.clear()
    frame.names.update(names_before)
    w.assigned = set(assigned)
    block.children, block.used, block.counters = dict(state[0]), dict(state[1]), dict(state[2])


def _join_blocks(w: Writer, made: Made) -> None:
    block = w.frame.block
    block.children = {**made[0], **block.children}
    block.used = {**made[1], **block.used}
    for stem, count in made[2].items():
        block.counters[stem] = max(count, block.counters.get(stem, 0))


def _merge(
    w: Writer,
    one: dict[str, Value],
    other: dict[str, Value],
    then: list[Node],
    otherwise: list[Node],
    writable: bool,
) -> None:
    """After the branches: a size that is another in each becomes a variable of the constructor."""
    frame = w.frame
    for name in [*one, *(name for name in other if name not in one)]:
        if name not in one or name not in other:
            frame.names[name] = one[name] if name in one else other[name]
            continue
        left, right = one[name], other[name]
        frame.names[name] = left
        if isinstance(left, Tensor) and isinstance(right, Tensor) and len(left.shape) == len(right.shape):
            shape = tuple(
                _merged(w, name, index, len(left.shape), (a, b), (then, otherwise)) if writable else a
                for index, (a, b) in enumerate(zip(left.shape, right.shape, strict=True))
            )
            frame.names[name] = Tensor(shape, left.dtype, left.storage, left.needs_grad, left.strided)


def _merged(
    w: Writer, name: str, index: int, rank: int, sizes: tuple[Dim, Dim], bodies: tuple[list[Node], list[Node]]
) -> Dim:
    if sizes[0] == sizes[1]:
        return sizes[0]
    if not (w.knows(sizes[0]) and w.knows(sizes[1])):
        return w.study.opaque()
    variable = w.new_size(size_hint(index, rank))
    for size, body in zip(sizes, bodies, strict=True):
        text = w.size(size, w.frame.layer)
        body.append(Line(f"{variable} = {text.text}", text.uses, sets=variable))
    return symbol(variable, 1)
