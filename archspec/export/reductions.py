"""Loops that end by joining what their turns give: `if i == 0 { total = answer } else { total = total + answer }`.

The layers of a turn need not know which turn it is, nor what came before. So they alone are the class of a turn, and
the joining stands in the loop of `forward`.
"""

from __future__ import annotations

from archspec.algebra import symbol
from archspec.elaborate.wiring import assigned_names
from archspec.export.code import Group, Line, Node
from archspec.export.rebuilding import mentions_of
from archspec.export.turns import Loop, RunBlock
from archspec.export.writer import Writer
from archspec.syntax import tree


def split(statement: Loop) -> tuple[Loop, tree.If | None]:
    """A loop without the choice at its end that joins what its turns give, and that; the loop itself if it has none."""
    last = statement.body[-1] if statement.body else None
    body = statement.body[:-1]
    if not isinstance(last, tree.If) or not _is_first(last.condition, statement.index):
        return statement, None
    joined = assigned_names(last.then)
    if not (_is_arithmetic(last.then) and _is_arithmetic(last.other) and body):
        return statement, None
    read = (body, tuple(one.value for one in last.then if isinstance(one, tree.Assign)))
    if set(assigned_names(last.other)) != set(joined) or any(mentions_of(read, name) for name in joined):
        return statement, None
    index = statement.index if statement.index is not None and mentions_of(body, statement.index) else None
    return type(statement)(**{**vars(statement), "index": index, "body": body}), last


def _is_first(node: tree.Expression, index: str | None) -> bool:
    """Whether a condition is `i == 0`."""
    if not isinstance(node, tree.Binary) or node.op != "==":
        return False
    name, number = node.left, node.right
    return isinstance(name, tree.Name) and name.name == index and isinstance(number, tree.Number) and number.value == 0


def _is_arithmetic(body: tuple[tree.Statement, ...]) -> bool:
    """Whether a block only assigns sums and products of tensors, by one name each."""
    return bool(body) and all(
        isinstance(one, tree.Assign) and len(one.targets) == 1 and _of_names(one.value) for one in body
    )


def _of_names(node: tree.Expression) -> bool:
    if isinstance(node, tree.Binary):
        return _of_names(node.left) and _of_names(node.right)
    return _of_names(node.operand) if isinstance(node, tree.Unary) else isinstance(node, tree.Name | tree.Number)


def given_to(last: tree.If, body: tuple[tree.Statement, ...]) -> list[str]:
    """The tensors of a turn that the joining is told."""
    return [name for name in assigned_names(body) if name != "_" and mentions_of((last.then, last.other), name)]


def join(w: Writer, last: tree.If, whole: Loop, loop: Group, run_block: RunBlock) -> None:
    """Write the joining into the loop of `forward`. The second turn finds what the first one made."""
    assert whole.index is not None
    frame, inline, outer = w.frame, dict(w.inline), w.forward
    number = w.inline[whole.index] = w.ident(whole.index)
    frame.names[whole.index] = symbol(whole.index, 0)
    for name in assigned_names(last.then):
        _forget(w, w.ident(name))
    then, other = list[Node](), list[Node]()
    for lines, body in ((then, last.then), (other, last.other)):
        w.forward = lines
        run_block(w, body)
    w.forward, w.inline = outer, inline
    del frame.names[whole.index]
    loop.body.append(Group(f"if {number} == 0:", frozenset(), then, other))
    turn, _, modules = loop.head.removeprefix("for ").removesuffix(":").partition(" in ")
    loop.head = f"for {number}, {turn} in enumerate({modules}):"


def _forget(w: Writer, ident: str) -> None:
    """Leave out what the name held right before the loop: the first turn gives it another value."""
    last = w.forward[-1] if w.forward else None
    if isinstance(last, Line):
        target, _, value = last.text.partition(" = ")
        if target == ident and value.isidentifier():
            w.forward.pop()
