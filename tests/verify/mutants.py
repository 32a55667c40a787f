"""Wrong layers: the block of a library layer with one thing changed, as text.

A mutant changes a factor, an operator, an axis, a condition, a declaration, or a step of the wiring. What only a
framework reads (spellings), what cannot be seen in sizes (`require`, texts, reals such as `eps`), what only a card
shows (`scratch`) and defaults of parameters are left as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import layer_bindings as bindings
from layer_digests import nodes

from archspec.syntax import tree

OPERATORS = {"+": "-", "-": "+", "*": "+", "//": "*", "/": "*", "%": "+", "<": ">=", ">": "<=", "==": "!=", "!=": "=="}
COSTS = ("flops", "backward")
LEFT_OUT = (tree.Binding, tree.Require, tree.Unverified)


@dataclass(frozen=True)
class Mutant:
    """One wrong layer. what: the change, in words. start, end: where, in the file; new: what stands there instead."""

    layer: str
    what: str
    start: int
    end: int
    new: str

    def text(self) -> str:
        """The block with the change."""
        layer, source = bindings.library()[self.layer], bindings.source_of(self.layer)
        return source[layer.start : self.start] + self.new + source[self.end : layer.end]


def mutants(name: str) -> list[Mutant]:
    """Every mutant of a layer, in the order of its block."""
    return list(dict.fromkeys(_Maker(bindings.library()[name], bindings.source_of(name)).all()))


class _Maker:
    def __init__(self, layer: tree.Layer, source: str) -> None:
        self.layer, self.source = layer, source
        axes = [node for node in nodes(layer) if isinstance(node, tree.TensorDecl)]
        names = [axis.name for one in axes for axis in one.axes if isinstance(axis, tree.Name)]
        self.axes = list(dict.fromkeys(names))

    def make(self, node: tree.Node, new: str, what: str) -> Mutant:
        """A mutant that puts `new` in place of a node."""
        line = self.source.count("\n", self.layer.start, node.start) + 1
        old = " ".join(self.source[node.start : node.end].split())
        shown = f"`{old[:60]}` becomes `{new[:60]}`" if new else f"`{old[:60]}` is left out"
        return Mutant(self.layer.name, f"line {line}: {what}: {shown}", node.start, node.end, new)

    def text(self, node: tree.Node) -> str:
        return self.source[node.start : node.end]

    def all(self) -> Iterator[Mutant]:
        signature = self.layer.signature
        for declared in signature.outputs if signature is not None else ():
            yield from self.tensor(declared, "an axis of an output")
        for statement in self.layer.body:
            yield from self.statement(statement)

    def statement(self, statement: tree.Statement) -> Iterator[Mutant]:
        if isinstance(statement, LEFT_OUT) or (isinstance(statement, tree.FlopsDecl) and statement.kind not in COSTS):
            return
        if isinstance(statement, tree.ParamDecl | tree.ViewDecl | tree.FlopsDecl | tree.Autocast | tree.Save):
            yield self.make(statement, "", "a declaration")
            if statement.when is not None:
                yield self.make(statement.when, f"not ({self.text(statement.when)})", "a condition")
        match statement:
            case tree.ParamDecl():
                for declared in statement.tensors:
                    yield from self.tensor(declared, "an axis")
            case tree.Save():
                yield from self.save(statement)
            case tree.FlopsDecl():
                yield self.make(statement.value, f"2 * ({self.text(statement.value)})", "a factor")
                yield from self.expression(statement.value)
            case tree.Where():
                yield from self.expression(statement.value)
            case tree.If():
                yield self.make(statement.condition, f"not ({self.text(statement.condition)})", "a condition")
                for inner in statement.then + statement.other:
                    yield from self.statement(inner)
            case tree.Repeat():
                yield self.make(statement.count, f"({self.text(statement.count)}) + 1", "how often")
                for inner in statement.body:
                    yield from self.statement(inner)
            case tree.Assign():
                yield from self.wiring(statement.value)

    def save(self, statement: tree.Save) -> Iterator[Mutant]:
        for item in statement.items:
            if len(statement.items) > 1:
                before = self.source.rfind(",", statement.start, item.start)
                start = before if before >= 0 and item is not statement.items[0] else item.start
                after = self.source.find(",", item.end) + 1 if item is statement.items[0] else item.end
                gone = tree.Name(start, after, "")
                yield self.make(gone, "", "a kept tensor")
            if item.contiguous:
                yield self.make(item, item.name, "a copy")
            if item.decl is not None:
                yield from self.tensor(item.decl, "an axis of a kept tensor")
                if item.decl.dtype == "float32":
                    colon = self.source.rfind(":", item.start, item.end)
                    yield self.make(tree.Name(colon, item.end, ""), "", "a precision")
        for place, target in enumerate(statement.targets):
            if len(statement.targets) == 1:
                start = self.source.rfind("for", statement.items[-1].end, statement.end)
                end = self.source.index(target, start + 3) + len(target)
                yield self.make(tree.Name(start, end, ""), "", "whose gradient")
            elif place == 0:
                start = self.source.index("for", statement.items[-1].end) + 3
                end = self.source.index(",", start) + 1
                yield self.make(tree.Name(start, end, ""), " ", "whose gradient")

    def tensor(self, declared: tree.TensorDecl, what: str) -> Iterator[Mutant]:
        for axis in declared.axes:
            if isinstance(axis, tree.Name):
                yield self.make(axis, f"{axis.name} + 1", what)
                other = next((name for name in self.axes if name != axis.name), None)
                if other is not None:
                    yield self.make(axis, other, what)
            elif isinstance(axis, tree.Node) and not isinstance(axis, tree.Star | tree.Wild):
                yield from self.expression(axis)

    def expression(self, value: tree.Expression) -> Iterator[Mutant]:
        """Numbers, operators and choices of an expression over integers."""
        for node in nodes(value):
            if isinstance(node, tree.Number) and isinstance(node.value, int) and not node.unit:
                yield self.make(node, str(node.value + 1), "a number")
            elif isinstance(node, tree.Binary) and node.op in OPERATORS:
                sign = self.source.find(node.op, node.left.end, node.right.start)
                yield self.make(tree.Name(sign, sign + len(node.op), ""), OPERATORS[node.op], "an operator")
            elif isinstance(node, tree.Binary) and node.op in ("and", "or"):
                sign = self.source.find(node.op, node.left.end, node.right.start)
                other = "or" if node.op == "and" else "and"
                yield self.make(tree.Name(sign, sign + len(node.op), ""), other, "an operator")
            elif isinstance(node, tree.Choice):
                yield self.make(node.condition, f"not ({self.text(node.condition)})", "a condition")

    def wiring(self, value: tree.Expression) -> Iterator[Mutant]:
        """Steps left out, operators exchanged, arguments changed."""
        for node in nodes(value):
            if isinstance(node, tree.Pipe):
                before = node.value.end
                for stage in node.stages:
                    yield self.make(tree.Name(before, stage.end, ""), "", "a step")
                    before = stage.end
            elif isinstance(node, tree.Binary) and node.op in ("+", "-", "*"):
                sign = self.source.find(node.op, node.left.end, node.right.start)
                other = "*" if node.op != "*" else "+"
                yield self.make(tree.Name(sign, sign + len(node.op), ""), other, "an operator")
            elif isinstance(node, tree.Flag):
                yield self.make(node, "false" if node.value else "true", "a flag")
            elif isinstance(node, tree.Number) and isinstance(node.value, int):
                yield self.make(node, str(node.value + 1), "a number")
