"""What a loop is in the constructor: a list of modules, and variables for sizes that change from turn to turn."""

from __future__ import annotations

import re

from archspec.algebra import Dim, free_symbols
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Value
from archspec.export import names
from archspec.export.code import Group, Line, Modules
from archspec.export.problems import refuse
from archspec.export.scalars import Py
from archspec.export.turns import Changing, Loop, RunBlock, restore, run_body
from archspec.export.writer import Writer
from archspec.syntax import tree


def begin_size(w: Writer, one: Changing, statement: Loop) -> None:
    """Before the loop: the variable of a size that changes."""
    if w.knows(one.before):
        text = w.size(one.before, statement)
        w.init.append(Line(f"{w.ident(one.variable)} = {text.text}", text.uses, sets=one.variable))
    else:
        w.kinds[one.variable] = "unknown"


def loop_head(w: Writer, statement: Loop) -> Py:
    """`depth in depths` or `i in range(layers)`."""
    if isinstance(statement, tree.Repeat):
        count = w.init_scalars.write(statement.count)
        return Py(f"{shown_name(w, statement.index)} in range({count.text})", uses=count.uses)
    values = w.init_scalars.write(statement.values)
    targets = ", ".join(shown_name(w, target) for target in statement.targets)
    if statement.index is None:
        return Py(f"{targets} in {values.text}", uses=values.uses)
    if len(statement.targets) > 1:
        targets = f"({targets})"
    return Py(f"{shown_name(w, statement.index)}, {targets} in enumerate({values.text})", uses=values.uses)


def shown_name(w: Writer, name: str | None) -> str:
    """The variable of an index or entry; `_` where the spec names none."""
    return "_" if name is None else w.ident(name)


def make_modules(
    w: Writer, child: Writer, statement: Loop, attribute: str, after: dict[str, Value], changing: list[Changing]
) -> None:
    """A list of objects of the class of one turn."""
    head = loop_head(w, statement)
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


def make_entries(
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
    head = loop_head(w, statement)
    items = _items(statement)
    kinds, stored, made = dict(w.kinds), dict(w.stored), set(w.attributes)
    turn, w.turn = w.turn, w.helper(_entry_name(statement))
    init, forward, w.init, w.forward = w.init, w.forward, [], []
    after = run_body(w, w, statement, run_block, carried, changing, attribute, sole=True)
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
    restore(w, before, outer, *state)
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
