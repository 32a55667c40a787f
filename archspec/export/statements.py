"""The statements of a composite: what they add to the constructor and to `forward`."""

from __future__ import annotations

import keyword

from archspec.algebra import Dim, Poly, compare, symbol
from archspec.elaborate import expressions
from archspec.elaborate.conditions import require
from archspec.errors.diagnostic import SpecError
from archspec.export import names
from archspec.export.assigning import assign
from archspec.export.branches import run_if
from archspec.export.code import Line
from archspec.export.declaring import declare_parameters
from archspec.export.keras_ties import give_up
from archspec.export.loops import run_loop
from archspec.export.problems import refuse
from archspec.export.scalars import OR, TRAINING, Py
from archspec.export.study import GIVEN_UP
from archspec.export.writer import Writer
from archspec.syntax import tree


def run_block(w: Writer, body: tuple[tree.Statement, ...]) -> None:
    """Write statements in order."""
    for statement in body:
        try:
            _run(w, statement)
        except GIVEN_UP:
            _given_up(w, statement)


def _given_up(w: Writer, statement: tree.Statement) -> None:
    """The engine could not follow: say where, and what it said."""
    said = [one.message for one in w.frame.context.diagnostics.errors]
    place = w.frame.place(statement)
    refuse("export-statement", place, layer=w.frame.layer.name, reason=said[-1] if said else "its sizes are not known")


def _run(w: Writer, statement: tree.Statement) -> None:
    if isinstance(statement, tree.Assign):
        assign(w, statement)
    elif isinstance(statement, tree.Repeat | tree.Each):
        run_loop(w, statement, run_block)
    elif isinstance(statement, tree.If):
        run_if(w, statement, run_block)
    elif isinstance(statement, tree.Require):
        _require(w, statement)
    elif isinstance(statement, tree.Where):
        _where(w, statement)
    elif isinstance(statement, tree.ParamDecl):
        declare_parameters(w, statement)
    elif isinstance(statement, tree.Tie):
        if w.project.dialect.framework == "keras":
            w.init.append(give_up(w, statement, _path(statement.left)))
        w.init.append(Line(f"{_path(statement.left)} = {_path(statement.right)}"))


def _path(path: tree.Path) -> str:
    text = "self"
    for name in path.names:
        text = _step(text, name)
    return text


def _step(text: str, name: str) -> str:
    if name.isdigit():
        return f"{text}[{int(name)}]"
    if keyword.iskeyword(names.checked(name)):
        return f"getattr({text}, {names.text(name)})"
    return f"{text}.{name}"


# --- integers with names, and what must hold --------------------------------------------------------


def _where(w: Writer, statement: tree.Where) -> None:
    value = expressions.evaluate(w.frame, statement.value)
    name = statement.name
    w.wheres[name] = statement
    w.declare(name, "where", "int" if isinstance(value, int | Poly) and not isinstance(value, bool) else "Any")
    whole = isinstance(value, int | Poly) and not isinstance(value, bool)
    if whole and not isinstance(statement.value, tree.Number):
        assert isinstance(value, int | Poly)
        positive = compare(value, ">=", 1, w.frame.context.facts) is True
        held: Dim = symbol(name, 1 if positive else None)
        w.frame.names[name] = held
    else:
        w.frame.names[name] = value
    try:
        text = w.init_scalars.write(statement.value)
    except SpecError:
        w.kinds[name] = "runtime-where"
        return
    w.init.append(Line(f"{w.ident(name)} = {text.text}", text.uses, sets=name))


def _require(w: Writer, statement: tree.Require) -> None:
    diagnostics = w.frame.context.diagnostics
    try:
        require(w.frame, statement, expressions.evaluate)
    except GIVEN_UP:
        del diagnostics.found[:]
    if w.init_scalars.fold(statement.condition) is not None:
        return
    try:
        condition = w.init_scalars.write(statement.condition)
        broken = _negated(w, statement.condition)
    except SpecError:
        return
    if TRAINING in condition.uses or any(w.kinds.get(name) == "axis" for name in condition.uses):
        return
    said = names.text(" ".join((statement.message or "a requirement is violated").split()))
    line = Line(f"if {broken.text}:", condition.uses, optional=True, following=(f"    raise ValueError({said})",))
    w.init.append(line)


def _negated(w: Writer, node: tree.Expression) -> Py:
    opposite = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
    if isinstance(node, tree.Binary) and node.op in opposite:
        return w.init_scalars.write(tree.Binary(node.start, node.end, opposite[node.op], node.left, node.right))
    if isinstance(node, tree.Binary) and node.op == "and":
        left, right = _negated(w, node.left), _negated(w, node.right)
        return Py(f"{left.within(OR)} or {right.within(OR)}", OR, left.uses | right.uses)
    return w.init_scalars.write(tree.Unary(node.start, node.end, "not", node))
