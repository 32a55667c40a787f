"""`repeat` and `each`: a list of modules in the constructor, a loop over it in `forward`.

One turn is a class of its own, which has the layers of the body. A loop that makes no layers is a loop in `forward`
only. Sizes that change from turn to turn are variables of the constructor.
"""

from __future__ import annotations

from archspec.algebra import Dim, compare, free_symbols, substitute, symbol
from archspec.elaborate import expressions
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Value
from archspec.elaborate.wiring import assigned_names
from archspec.export import names, reductions
from archspec.export.loop_calls import call_turns, outputs_of, run_inline
from archspec.export.module_lists import begin_size, make_entries, make_modules
from archspec.export.problems import refuse
from archspec.export.sizes import size_hint
from archspec.export.turns import Changing, Loop, RunBlock, changed_axes, is_sole, restore, run_body
from archspec.export.writer import Writer
from archspec.syntax import tree

MAX_ROUNDS = 8

UNNAMED = "turns"
"""The attribute of a loop without `as`: `turns.0.block.…`, a second one `turns_2`."""


def run_loop(w: Writer, whole: Loop, run_block: RunBlock, joining: bool = True) -> None:
    """Write a loop. joining: what joins the results of turns may stand in `forward`."""
    frame, sole = w.frame, is_sole(whole)
    statement, last = reductions.split(whole) if joining else (whole, None)
    carried = [name for name in assigned_names(statement.body) if isinstance(frame.names.get(name), Tensor)]
    before = dict(frame.names)
    outer = frame.block
    counters, used = dict(outer.counters), dict(outer.used)
    attribute = _attribute(w, statement)
    changing: list[Changing] = []
    for _ in range(MAX_ROUNDS):
        taken, idents = set(w.pool.taken), dict(w.idents)
        child = w.child(attribute)
        after = run_body(w, child, statement, run_block, carried, changing, attribute, sole)
        restore(w, before, outer, counters, used)
        more = changed_axes(w, after, carried, changing, before)
        if not more:
            break
        w.pool.taken = taken
        w.idents.clear()
        w.idents.update(idents)
        changing.extend(
            Changing(name, axis, w.new_size(size_hint(axis, rank)), size) for name, axis, rank, size in more
        )
    else:
        refuse("export-loop", frame.place(statement), layer=frame.layer.name)
    for one in changing:
        begin_size(w, one, statement)
    if not child.attributes and not child.modules:
        if last is not None:
            run_loop(w, whole, run_block, joining=False)
            return
        run_inline(w, statement, run_block, carried, changing, before)
        _leave(w, statement, after, carried, changing, before)
        return
    attribute = w.member(attribute, statement)
    if sole:
        make_entries(w, statement, run_block, carried, changing, attribute, before)
        _leave(w, statement, after, carried, changing, before)
        w.assigned.update(carried)
        return
    outputs = outputs_of(w, statement, carried, before)
    if last is not None:
        outputs = list(dict.fromkeys([*outputs, *reductions.given_to(last, statement.body)]))
    make_modules(w, child, statement, attribute, after, changing)
    loop = call_turns(w, child, statement, attribute, outputs, carried)
    w.children.append((child, outputs, attribute))
    if statement.name is not None:
        outer.used[statement.name] = statement
    _leave(w, statement, after, carried, changing, before)
    for name in outputs:
        if name not in carried:
            frame.names[name] = after[name]
            w.declare(name, "tensor", "Tensor")
    w.assigned.update(outputs)
    if last is not None:
        reductions.join(w, last, whole, loop, run_block)
    w.forward.append(loop)


def _attribute(w: Writer, statement: Loop) -> str:
    if statement.name is not None:
        return names.checked(statement.name)
    name, number = UNNAMED, 2
    while name in w.attributes or name in w.frame.block.used:
        name = f"{UNNAMED}_{number}"
        number += 1
    return name


def _leave(
    w: Writer,
    statement: Loop,
    after: dict[str, Value],
    carried: list[str],
    changing: list[Changing],
    before: dict[str, Value],
) -> None:
    """After the loop: sizes in closed form where one is plain, else the variables."""
    frame = w.frame
    for name in carried:
        old, new = before[name], after[name]
        assert isinstance(old, Tensor) and isinstance(new, Tensor)
        shape = list(old.shape)
        for one in changing:
            if one.name == name:
                shape[one.axis] = _closed(w, statement, new.shape[one.axis], one, changing)
        frame.names[name] = Tensor(tuple(shape), new.dtype, new.storage, new.needs_grad, new.strided)


def _closed(w: Writer, statement: Loop, size: Dim, one: Changing, changing: list[Changing]) -> Dim:
    variable = symbol(one.variable, 1)
    if isinstance(statement, tree.Each):
        return variable
    count = expressions.evaluate_dim(w.frame, statement.count)
    own = {other.variable for other in changing} | ({statement.index} if statement.index else set())
    facts = w.frame.context.facts
    if not free_symbols(size) & own and compare(count, ">=", 1, facts) is True and w.knows(size):
        return size
    delta = size - variable
    if not free_symbols(delta) & own and w.knows(delta) and w.knows(one.before):
        return substitute(one.before + count * delta, {}, facts)
    return variable
