"""`repeat` and `each`: a list of modules in the constructor, a loop over it in `forward`.

One turn is a class of its own, which has the layers of the body. A loop that makes no layers is a loop in `forward`
only. Sizes that change from turn to turn are variables of the constructor.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from archspec.algebra import Dim, Poly, compare, free_symbols, substitute, symbol
from archspec.elaborate import expressions
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Block, Template, Value
from archspec.elaborate.wiring import assigned_names, calls_one_layer
from archspec.export import names
from archspec.export.code import Group, Line, Modules
from archspec.export.problems import refuse
from archspec.export.scalars import Py
from archspec.export.study import symbolic
from archspec.export.writer import Writer
from archspec.syntax import tree

RunBlock = Callable[[Writer, tuple[tree.Statement, ...]], None]
Loop = tree.Repeat | tree.Each
MAX_ROUNDS = 8
UNNAMED = "turns"
"""The attribute of a loop without `as`: `turns.0.block.…`, a second one `turns_2`."""


def size_hint(axis: int, rank: int) -> str:
    """A name for a size, by where it stands."""
    if rank >= 3 and axis == 1:
        return "channels"
    if rank == 4 and axis > 1:
        return ("height", "width")[axis - 2]
    return "features" if axis == rank - 1 else "length"


@dataclass
class Changing:
    """An axis of a carried tensor that changes from turn to turn: the variable that holds it, and what it is before."""

    name: str
    axis: int
    variable: str
    before: Dim


def run_loop(w: Writer, statement: Loop, run_block: RunBlock) -> None:
    """Write a loop."""
    frame = w.frame
    carried = [name for name in assigned_names(statement.body) if isinstance(frame.names.get(name), Tensor)]
    before = dict(frame.names)
    outer = frame.block
    counters, used = dict(outer.counters), dict(outer.used)
    attribute = _attribute(w, statement)
    changing: list[Changing] = []
    for _ in range(MAX_ROUNDS):
        taken, idents = set(w.pool.taken), dict(w.idents)
        child = w.child(attribute)
        after = _body(w, child, statement, run_block, carried, changing, attribute)
        _restore(w, before, outer, counters, used)
        more = _changes(w, after, carried, changing, before)
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
        _begin(w, one, statement)
    if not child.attributes and not child.modules:
        _inline(w, statement, run_block, carried, changing, before)
        _leave(w, statement, after, carried, changing, before)
        return
    attribute = w.member(attribute, statement)
    if _is_sole(statement):
        _entries(w, statement, run_block, carried, changing, attribute, before)
        _leave(w, statement, after, carried, changing, before)
        w.assigned.update(carried)
        return
    outputs = _outputs(w, statement, carried, before)
    _modules(w, child, statement, attribute, after, changing)
    _turns(w, child, statement, attribute, outputs, carried)
    w.children.append((child, outputs, attribute))
    if statement.name is not None:
        outer.used[statement.name] = statement
    _leave(w, statement, after, carried, changing, before)
    for name in outputs:
        if name not in carried:
            frame.names[name] = after[name]
            w.declare(name, "tensor", "Tensor")
    w.assigned.update(outputs)


def _attribute(w: Writer, statement: Loop) -> str:
    if statement.name is not None:
        return names.checked(statement.name)
    name, number = UNNAMED, 2
    while name in w.attributes or name in w.frame.block.used:
        name = f"{UNNAMED}_{number}"
        number += 1
    return name


# --- the body ---------------------------------------------------------------------------------------


def _body(
    w: Writer,
    child: Writer,
    statement: Loop,
    run_block: RunBlock,
    carried: list[str],
    changing: list[Changing],
    attribute: str,
) -> dict[str, Value]:
    """Run the body once, as any turn. Gives the names after it."""
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
    frame.block = Block(prefix, (), _is_sole(statement))
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
        refuse("export-template", w.frame.place(statement), layer=w.frame.layer.name)
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


def _changes(
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


def _restore(
    w: Writer, before: dict[str, Value], outer: Block, counters: dict[str, int], used: dict[str, tree.Node | None]
) -> None:
    frame = w.frame
    frame.block = outer
    outer.counters, outer.used = dict(counters), dict(used)
    frame.names.clear()
    frame.names.update(before)


# --- the constructor --------------------------------------------------------------------------------


def _begin(w: Writer, one: Changing, statement: Loop) -> None:
    """Before the loop: the variable of a size that changes."""
    if w.knows(one.before):
        text = w.size(one.before, statement)
        w.init.append(Line(f"{w.ident(one.variable)} = {text.text}", text.uses, sets=one.variable))
    else:
        w.kinds[one.variable] = "unknown"


def _head(w: Writer, statement: Loop) -> Py:
    """`depth in depths` or `i in range(layers)`."""
    if isinstance(statement, tree.Repeat):
        count = w.init_scalars.write(statement.count)
        return Py(f"{_shown(w, statement.index)} in range({count.text})", uses=count.uses)
    values = w.init_scalars.write(statement.values)
    targets = ", ".join(_shown(w, target) for target in statement.targets)
    if statement.index is None:
        return Py(f"{targets} in {values.text}", uses=values.uses)
    if len(statement.targets) > 1:
        targets = f"({targets})"
    return Py(f"{_shown(w, statement.index)}, {targets} in enumerate({values.text})", uses=values.uses)


def _shown(w: Writer, name: str | None) -> str:
    return "_" if name is None else w.ident(name)


def _modules(
    w: Writer, child: Writer, statement: Loop, attribute: str, after: dict[str, Value], changing: list[Changing]
) -> None:
    head = _head(w, statement)
    items = _items(statement)
    turn = w.helper("turn")
    sizes: list[Line] = []
    exported: list[str] = []
    for one in changing:
        tensor = after[one.name]
        assert isinstance(tensor, Tensor)
        size = tensor.shape[one.axis]
        if _known_outside(w, child, size, items):
            text = child.size(size, statement)
            uses = frozenset(name for name in text.uses if name not in items)
            sizes.append(Line(f"{w.ident(one.variable)} = {text.text}", uses, sets=one.variable))
        elif child.knows(size):
            exported.append(one.variable)
            child.exports[one.variable] = lambda size=size: child.size(size, statement)  # type: ignore[misc]
            sizes.append(Line(f"{w.ident(one.variable)} = {turn}.{w.ident(one.variable)}", sets=one.variable))

    sizes = _in_order(w, sizes)

    def make(wanted: list[str]) -> tuple[str, frozenset[str]]:
        child.exported = wanted
        captured = child.captured(wanted)
        outside = frozenset(name for name in captured if name not in items)
        return f"{child.name}({', '.join(w.ident(name) for name in captured)})", outside

    target = f"self.{attribute}"
    w.init.append(Modules(target, head.text, head.uses, make, [*sizes], tuple(exported), turn, w.project.brackets))


def _in_order(w: Writer, lines: list[Line]) -> list[Line]:
    """Assignments that mean the values before all of them, so that one after the other does the same: in another order,
    or with copies.
    """
    left, ordered = list(lines), list[Line]()
    while left:
        free = next((one for one in left if all(one is other or one.sets not in other.uses for other in left)), None)
        if free is None:
            first = left[0]
            assert first.sets is not None
            copy = w.new_size(f"{w.ident(first.sets)}_before")
            ordered.append(Line(f"{copy} = {w.ident(first.sets)}", frozenset((first.sets,)), sets=copy))
            pattern = rf"\b{w.ident(first.sets)}\b"
            for other in left[1:]:
                if first.sets in other.uses:
                    head, _, tail = other.text.partition(" = ")
                    other.text = f"{head} = {re.sub(pattern, copy, tail)}"
                    other.uses = other.uses - {first.sets} | {copy}
            continue
        ordered.append(free)
        left.remove(free)
    return ordered


def _known_outside(w: Writer, child: Writer, size: Dim, items: set[str]) -> bool:
    for name in free_symbols(size):
        if name in items or w._symbol(name) is not None:
            continue
        owner = child.study.entries.get(name, ("", ""))[0]
        if owner not in items:
            return False
    return True


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


def _is_sole(statement: Loop) -> bool:
    """Whether the layer of the body is itself the entry of the list, without a class around it."""
    return statement.name is not None and calls_one_layer(statement.body)


def _entries(
    w: Writer,
    statement: Loop,
    run_block: RunBlock,
    carried: list[str],
    changing: list[Changing],
    attribute: str,
    before: dict[str, Value],
) -> None:
    """A list of the layers that are alone in each turn: `nn.ModuleList(Block(d, heads) for _ in range(layers))`."""
    outer, state = w.frame.block, (dict(w.frame.block.counters), dict(w.frame.block.used))
    head = _head(w, statement)
    items = _items(statement)
    kinds, stored, made = dict(w.kinds), dict(w.stored), set(w.attributes)
    turn, w.turn = w.turn, w.helper(_entry_name(statement))
    init, forward, w.init, w.forward = w.init, w.forward, [], []
    after = _body(w, w, statement, run_block, carried, changing, attribute)
    body, calls = w.init, w.forward
    sizes: list[Line] = []
    for one in changing:
        tensor = after[one.name]
        assert isinstance(tensor, Tensor)
        size = tensor.shape[one.axis]
        if w.knows(size):
            text = w.size(size, statement)
            sizes.append(Line(f"{w.ident(one.variable)} = {text.text}", text.uses - items, sets=one.variable))
    sizes = _in_order(w, sizes)
    if items & (w.stored.keys() - stored.keys()) or w.attributes - made - {attribute}:
        refuse("export-loop", w.frame.place(statement), layer=w.frame.layer.name)
    name = w.turn
    w.kinds, w.turn, w.init, w.forward = kinds, turn, init, forward
    _restore(w, before, outer, *state)
    only = body[0] if len(body) == 1 else None
    prefix = f"self.{attribute}.append("
    if isinstance(only, Line) and only.text.startswith(prefix):
        made_by, uses = only.text[len(prefix) : -1], only.uses - items
        target, brackets = f"self.{attribute}", w.project.brackets
        w.init.append(Modules(target, head.text, head.uses, lambda _: (made_by, uses), [*sizes], (), "", brackets))
    else:
        w.init.append(Line(f"self.{attribute} = {''.join(w.project.brackets)}"))
        w.init.append(Group(f"for {head.text}:", head.uses, [*body, *sizes]))
    w.forward.append(Group(f"for {name} in self.{attribute}:", frozenset(), calls))


def _items(statement: Loop) -> set[str]:
    return {name for name in (statement.index, *getattr(statement, "targets", ())) if name is not None}


def _entry_name(statement: Loop) -> str:
    """What an entry of the list is called in `forward`: after its layer, if there is only one."""
    only = statement.body[0]
    if isinstance(only, tree.Assign) and isinstance(only.value, tree.Pipe):
        layer = only.value.stages[0].layer
        function = layer.function if isinstance(layer, tree.Call) else layer
        if isinstance(function, tree.Name | tree.Attribute):
            return names.identifier(names.snake(function.name))
    return "turn"


# --- forward ----------------------------------------------------------------------------------------


def _outputs(w: Writer, statement: Loop, carried: list[str], before: dict[str, Value]) -> list[str]:
    """What a turn gives: the tensors it carries, and for `each` those that are used after the loop."""
    if isinstance(statement, tree.Repeat):
        return carried
    new = [name for name in assigned_names(statement.body) if name not in before and name != "_"]
    return [*carried, *(name for name in new if _mentioned(w.frame.layer.body, name, statement))]


def _mentioned(node: object, name: str, apart: Loop) -> bool:
    if node is apart:
        return False
    if isinstance(node, tree.Name):
        return node.name == name
    if isinstance(node, tree.Node):
        return any(_mentioned(value, name, apart) for value in vars(node).values())
    return isinstance(node, tuple) and any(_mentioned(value, name, apart) for value in node)


def _turns(w: Writer, child: Writer, statement: Loop, attribute: str, outputs: list[str], carried: list[str]) -> None:
    for name in outputs:
        if name in carried and name not in child.assigned:
            child.inputs[name] = None
    child.inputs = dict.fromkeys([*(name for name in outputs if name in child.inputs), *child.inputs])
    given: list[str] = []
    for name in child.inputs:
        if w.parent is not None and name not in w.assigned:
            w.inputs[name] = None
        given.append(w.ident(name))
    keras = w.project.dialect.framework == "keras"  # which takes only tensors by position
    for name in child.arguments:
        if name in ("device", "dtype"):
            given.append(w.device() if name == "device" else w.dtype())
        else:
            value = w.in_forward(tree.Name(statement.start, statement.end, name)).text
            given.append(f"{child.ident(name)}={value}" if keras else value)
    for name, found in child.modules.items():
        given.append(f"{child.ident(name)}={w.reference(found)}" if keras else w.reference(found))
    turn = w.helper("turn")
    targets = ", ".join(w.ident(name) for name in outputs)
    call = f"{turn}({', '.join(given)})"
    line = Line(f"{targets} = {call}" if targets else call)
    w.forward.append(Group(f"for {turn} in self.{attribute}:", frozenset(), [line]))


def _inline(
    w: Writer,
    statement: Loop,
    run_block: RunBlock,
    carried: list[str],
    changing: list[Changing],
    before: dict[str, Value],
) -> None:
    """A loop that makes no layers: in `forward` only."""
    frame = w.frame
    outer = frame.block
    items = [name for name in (statement.index, *getattr(statement, "targets", ())) if name is not None]
    kinds, init, forward = dict(w.kinds), w.init, w.forward
    inline = dict(w.inline)
    scalars = w.forward_scalars
    if isinstance(statement, tree.Repeat):
        head = f"{_shown(w, statement.index)} in range({scalars.write(statement.count).text})"
    else:
        targets = ", ".join(_shown(w, target) for target in statement.targets)
        values = scalars.write(statement.values).text
        head = f"{targets} in {values}"
        if statement.index is not None:
            targets = f"({targets})" if len(statement.targets) > 1 else targets
            head = f"{_shown(w, statement.index)}, {targets} in enumerate({values})"
    w.init, w.forward = [], []
    for name in items:
        w.inline[name] = w.ident(name)
    for one in changing:
        w.kinds[one.variable] = "unknown"
    _body(w, w, statement, run_block, carried, changing, "inline")
    body = w.forward
    w.init, w.forward, w.kinds, w.inline = init, forward, kinds, inline
    w.forward.append(Group(f"for {head}:", frozenset(), body))
    _restore(w, before, outer, dict(outer.counters), dict(outer.used))
