"""Tied weights in Keras.

A layer of Keras makes its weights when it is first called, too late to share them. So the layers that a `tie` names are
spelled as functions of their weights (`ops.take(weight, x, 0)`), which makes classes of them that have their weights
from the start. One of the two then gives up its own.
"""

from __future__ import annotations

from archspec.elaborate.frame import Frame
from archspec.export.code import Line
from archspec.export.problems import refuse
from archspec.export.spellings import modules_in
from archspec.export.writer import Writer
from archspec.syntax import tree


def is_tied(callee: Frame) -> bool:
    """Whether the layer around ties a weight of a called layer to another one, or another one to it."""
    if callee.caller is None:
        return False
    name = callee.instance.path.rpartition(".")[2]
    return any(path.names[0] == name for tie in _ties(callee.caller.layer.body) for path in (tie.left, tie.right))


def _ties(node: object) -> list[tree.Tie]:
    if isinstance(node, tree.Tie):
        return [node]
    if isinstance(node, tree.If | tree.Each | tree.Repeat):
        return [tie for value in vars(node).values() for tie in _ties(value)]
    return [tie for one in node for tie in _ties(one)] if isinstance(node, tuple) else []


def with_own_weights(callee: Frame, found: list[tree.Binding]) -> list[tree.Binding]:
    """The spellings that are functions of the layer's weights. Refuses a layer that has none."""
    functions = [one for one in found if one.call is not None and not modules_in(one, "keras")]
    if not functions:
        place = callee.caller.place(callee.call) if callee.caller is not None and callee.call is not None else None
        reason = "Keras makes its weights when it is first called, too late to tie them"
        refuse("export-none", place, layer=callee.layer.name, framework="keras", reason=reason)
    return functions


def give_up(w: Writer, statement: tree.Tie, left: str) -> Line:
    """The line that drops a layer's own weight before it gets that of another: Keras would count it still."""
    if any(len(path.names) != 2 for path in (statement.left, statement.right)):
        reason = "weights of Keras are tied between two layers of one block only"
        refuse("export-none", w.frame.place(statement), layer="tie", framework="keras", reason=reason)
    return Line(f"del {left}")
