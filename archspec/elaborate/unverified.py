"""What a layer says about frameworks that are no reference: `unverified quantity when condition, "reason"`."""

from __future__ import annotations

from archspec.elaborate import expressions
from archspec.elaborate.frame import Frame
from archspec.elaborate.program import Unverified
from archspec.syntax import tree


def declare(frame: Frame, statement: tree.Unverified) -> None:
    """Note it for this call, if its condition holds. No formula depends on it: the verifier reads it."""
    if expressions.truth(frame, statement.when):
        made = Unverified(
            str(statement.quantity),
            frame.instance.path,
            frame.layer.name,
            statement.reason,
            frame.place(statement),
        )
        frame.context.unverified.append(made)
