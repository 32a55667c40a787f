"""Which spelling of a layer is written where a class leaves numbers and flags open.

A spelling may hold only under a condition (`when not ceil_mode and pl == 0`). The class that is written takes
arguments, and the condition must hold for all that it can be given: a spelling for which that is known comes first.
Where there is none, the one that holds for the model as it is written is taken, and the constructor refuses other
arguments.
"""

from __future__ import annotations

from collections.abc import Callable

from archspec.elaborate import expressions
from archspec.elaborate.conditions import judge
from archspec.elaborate.frame import Frame
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.export import names
from archspec.export.code import Line
from archspec.export.folding import folded
from archspec.export.keras_ties import is_tied, with_own_weights
from archspec.export.observe import bindings
from archspec.export.scalars import Py, Scalars
from archspec.export.spellings import holding, refuse_none
from archspec.export.study import GIVEN_UP
from archspec.export.writer import Writer
from archspec.syntax import tree

Resolve = Callable[[tree.Name], Py]


def chosen(w: Writer, callee: Frame, resolve: Resolve) -> tree.Binding | None:
    """The spelling of a called layer; None if it has none. Refuses `none "reason"`.

    resolve: what the names of the called layer are, in the constructor that is being written.
    """
    found = holding(callee, w.project)
    if not found:
        return None
    if w.project.dialect.framework == "keras" and is_tied(callee):
        found = with_own_weights(callee, found)
    if found[0].call is None:
        refuse_none(callee, w.project, found[0])
    for statement in found:
        if statement.call is not None and _always(w, callee, statement, resolve):
            return statement
    _guard(w, callee, found[0], resolve)
    return found[0]


def _always(w: Writer, callee: Frame, statement: tree.Binding, resolve: Resolve) -> bool:
    """Whether a condition holds for every argument of the class: none decides it, or it is proved of integers."""
    if statement.when is None:
        return True
    try:
        written = _written(w, callee, statement.when, resolve)
    except SpecError:
        return _proved(callee, statement.when)
    if not written.uses:
        return True
    return all(w.types.get(name, "int") == "int" for name in written.uses) and _proved(callee, statement.when)


def _proved(callee: Frame, condition: tree.Expression) -> bool:
    diagnostics, callee.context.diagnostics = callee.context.diagnostics, Diagnostics()
    try:
        return judge(callee, condition, expressions.evaluate) is True
    except GIVEN_UP:
        return False
    finally:
        callee.context.diagnostics = diagnostics


def _written(w: Writer, callee: Frame, condition: tree.Expression, resolve: Resolve) -> Py:
    """A condition in Python, the names that the layer gives to integers and flags put in."""
    values = {one.name: one.value for one in callee.layer.body if isinstance(one, tree.Where)}
    source, policy = callee.definition.source, w.project.policy

    def inner(name: tree.Name) -> Py:
        if name.name in values:
            value = Scalars(inner, source, policy).write(values[name.name])
            return Py(f"({value.text})", uses=value.uses) if value.prec else value
        return resolve(name)

    return Scalars(inner, source, policy).write(condition)


def _guard(w: Writer, callee: Frame, statement: tree.Binding, resolve: Resolve) -> None:
    """The constructor refuses arguments for which another spelling would be needed."""
    assert statement.when is not None
    condition = _written(w, callee, statement.when, resolve)
    framework = w.project.dialect.framework
    reasons = [one.reason for one in bindings(callee.layer, framework) if one.call is None and one.reason]
    wanted = callee.definition.source.text[statement.when.start : statement.when.end]
    said = f"{callee.layer.name}: {reasons[0]}" if reasons else f"{callee.layer.name} is written for `{wanted}` here"
    text = f"raise ValueError({names.text(' '.join(said.split()))})"
    line = Line(f"if {folded(f'not ({condition.text})')}:", condition.uses, following=(f"    {text}",))
    if all(not isinstance(one, Line) or one.text != line.text for one in w.init):
        w.init.append(line)
