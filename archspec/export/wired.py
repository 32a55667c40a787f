"""Tensors in Python: a text, and the calls around it."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.elaborate.values import Value
from archspec.export import names
from archspec.export.scalars import ATOM
from archspec.export.writer import Writer
from archspec.syntax import tree

HOLE = "\x00"
"""Stands in a step for what it is applied to."""


@dataclass(frozen=True)
class Wired:
    """Tensors in Python.

    base: the text; steps: calls around it, the inner first. parts: the texts of a tuple that is written out.
    count: how many tensors; outputs: they are one layer's, of which the first may be meant; nested: in
    tuples of tuples. lazy: a generator.
    """

    base: str
    steps: tuple[str, ...] = ()
    prec: int = ATOM
    parts: tuple[str, ...] = ()
    count: int = 1
    outputs: bool = False
    nested: bool = False
    lazy: bool = False

    @property
    def text(self) -> str:
        """The whole expression."""
        text = self.base
        for step in self.steps:
            text = step.replace(HOLE, text)
        return text

    def within(self, prec: int) -> str:
        """The text as an operand."""
        return self.text if self.steps or self.prec <= prec else f"({self.text})"

    @property
    def single(self) -> Wired:
        """The one tensor that is meant: the first of several outputs."""
        return Wired(f"{self.within(ATOM)}[0]") if self.outputs and self.count > 1 else self


def held(w: Writer, node: tree.Node, value: Value) -> tree.Name:
    """A name for a value that is known already, so that the engine need not make it again."""
    w.study.fresh += 1
    name = f"{names.checked('held')}?{w.study.fresh}"
    w.frame.names[name] = value
    return tree.Name(node.start, node.end, name)
