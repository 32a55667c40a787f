"""One turn of a loop: its body run once, as any turn, and what that changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from archspec.algebra import Dim, Poly, compare, symbol
from archspec.elaborate import expressions
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Block, Template, Value
from archspec.elaborate.wiring import calls_one_layer
from archspec.export.problems import refuse, refuse_template
from archspec.export.study import symbolic
from archspec.export.writer import Writer
from archspec.syntax import tree

RunBlock = Callable[[Writer, tuple[tree.Statement, ...]], None]

Loop = tree.Repeat | tree.Each


@dataclass
class Changing:
    """An axis of a carried tensor that changes from turn to turn: the variable that holds it, and what it is before."""

    name: str
    axis: int
    variable: str
    before: Dim


def run_body(
    w: Writer,
    child: Writer,
    statement: Loop,
    run_block: RunBlock,
    carried: list[str],
    changing: list[Changing],
    attribute: str,
    sole: bool = False,
) -> dict[str, Value]:
    """Run the body once, as any turn. Gives the names after it. sole: it only calls the entry of the list."""
    frame = w.frame
    for name in carried:
        tensor = frame.names[name]
        assert isinstance(tensor, Tensor)
        shape = list(tensor.shape)
        for one in changing:
            if one.name == name:
                shape[one.axis] = symbol(one.variable, 1)
        frame.names[name] = Tensor(tuple(shape), tensor.dtype, tensor.storage, tensor.needs_grad, tensor.strided)
    _bind_items(w, child, statement)
    prefix = frame.block.path(attribute)
    frame.block = Block(prefix, (), sole)
    run_block(child, statement.body)
    return dict(frame.names)


def _bind_items(w: Writer, child: Writer, statement: Loop) -> None:
    """The index, and for `each` the entry, as symbols."""
    frame = w.frame
    if statement.index is not None:
        frame.names[statement.index] = symbol(statement.index, 0)
        child.declare(statement.index, "item")
    if isinstance(statement, tree.Repeat):
        return
    values = expressions.evaluate(frame, statement.values)
    if not isinstance(values, tuple) or not values:
        refuse("export-loop", frame.place(statement), layer=frame.layer.name)
    targets = statement.targets
    entries = values if len(targets) == 1 else tuple(zip(*values, strict=True))
    for position, target in enumerate(targets):
        column = entries if len(targets) == 1 else entries[position]
        value, annotation = _item(w, statement, target, column)
        frame.names[target] = value
        child.declare(target, "item", annotation)


def _item(w: Writer, statement: tree.Each, target: str, column: object) -> tuple[Value, str]:
    assert isinstance(column, tuple)
    first = column[0]
    if any(isinstance(one, Template) for one in column):
        refuse_template(w.frame.place(statement.values), w.frame.layer.name)
    if isinstance(first, bool):
        return first, "bool"
    if any(isinstance(one, Fraction) for one in column):
        return first, "float"
    if isinstance(first, int | Poly):
        natural = any(isinstance(one, int) and one < 1 for one in column)
        return symbol(target, 0 if natural else 1), "int"
    if isinstance(first, tuple):
        longest = max((one for one in column if isinstance(one, tuple)), key=len)
        return symbolic(w.study, target, target, "", longest), "Any"
    return first, "str" if isinstance(first, str) else "Any"


def changed_axes(
    w: Writer, after: dict[str, Value], carried: list[str], changing: list[Changing], before: dict[str, Value]
) -> list[tuple[str, int, int, Dim]]:
    """The axes that the body changed, besides those that are known to: tensor, axis, of how many, size before."""
    known = {(one.name, one.axis) for one in changing}
    found: list[tuple[str, int, int, Dim]] = []
    for name in carried:
        old, new = before[name], after[name]
        assert isinstance(old, Tensor) and isinstance(new, Tensor)
        if len(old.shape) != len(new.shape):
            refuse("export-loop", w.frame.place(w.frame.layer), layer=w.frame.layer.name)
        for axis, (was, size) in enumerate(zip(old.shape, new.shape, strict=True)):
            same = was == size or compare(was, "==", size, w.frame.context.facts) is True
            if not same and (name, axis) not in known:
                found.append((name, axis, len(old.shape), was))
    return found


def restore(
    w: Writer, before: dict[str, Value], outer: Block, counters: dict[str, int], used: dict[str, tree.Node | None]
) -> None:
    """To before the body: names, and the block in which layers get theirs."""
    frame = w.frame
    frame.block = outer
    outer.counters, outer.used = dict(counters), dict(used)
    frame.names.clear()
    frame.names.update(before)


def is_sole(statement: Loop) -> bool:
    """Whether the layer of the body is itself the entry of the list, without a class around it."""
    return statement.name is not None and calls_one_layer(statement.body)
