"""What a loop is in `forward`: a loop over the list of modules, or one that needs none."""

from __future__ import annotations

from archspec.elaborate.values import Value
from archspec.elaborate.wiring import assigned_names
from archspec.export.code import Group, Line
from archspec.export.module_lists import shown_name
from archspec.export.turns import Changing, Loop, RunBlock, restore, run_body
from archspec.export.writer import Writer
from archspec.syntax import tree


def outputs_of(w: Writer, statement: Loop, carried: list[str], before: dict[str, Value]) -> list[str]:
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


def call_turns(
    w: Writer, child: Writer, statement: Loop, attribute: str, outputs: list[str], carried: list[str]
) -> Group:
    """Call the entries of the list one after the other: the loop."""
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
    return Group(f"for {turn} in self.{attribute}:", frozenset(), [line])


def run_inline(
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
        head = f"{shown_name(w, statement.index)} in range({scalars.write(statement.count).text})"
    else:
        targets = ", ".join(shown_name(w, target) for target in statement.targets)
        values = scalars.write(statement.values).text
        head = f"{targets} in {values}"
        if statement.index is not None:
            targets = f"({targets})" if len(statement.targets) > 1 else targets
            head = f"{shown_name(w, statement.index)}, {targets} in enumerate({values})"
    w.init, w.forward = [], []
    for name in items:
        w.inline[name] = w.ident(name)
    for one in changing:
        w.kinds[one.variable] = "unknown"
    run_body(w, w, statement, run_block, carried, changing, "inline")
    body = w.forward
    w.init, w.forward, w.kinds, w.inline = init, forward, kinds, inline
    w.forward.append(Group(f"for {head}:", frozenset(), body))
    restore(w, before, outer, dict(outer.counters), dict(outer.used))
