"""What a primitive declares: what it keeps, which input its output is a view of, what it costs."""

from __future__ import annotations

from archspec.check.reporter import Reporter
from archspec.check.signatures import Signatures
from archspec.elaborate.program import COMPARED
from archspec.elaborate.shards import KINDS
from archspec.syntax import tree


class Declarations:
    """Checks the declarations of one primitive."""

    def __init__(self, reporter: Reporter, layer: tree.Layer, signatures: Signatures) -> None:
        self.reporter = reporter
        self.layer = layer
        self.signatures = signatures
        signature = layer.signature
        declared = [*signature.inputs, *signature.outputs] if signature is not None else []
        self.tensors = dict.fromkeys(one.name for one in [*declared, *_parameters(layer.body)])
        """The names of its inputs, outputs, parameters and buffers."""

    def when(self, condition: tree.Expression | None) -> None:
        """Check the condition of a declaration."""
        if condition is not None:
            self.signatures.expressions.condition(condition)

    def save(self, statement: tree.Save) -> None:
        """Check what is kept, and for whose gradient."""
        for item in statement.items:
            if item.decl is not None:
                self.signatures.tensor(item.decl)
            elif not self._is_tensor(item.name):
                fix = self.reporter.suggest(item.name, self.tensors)
                self.reporter.error(item, "unknown-name", name=item.name, fix=fix)
        outputs = {declared.name for declared in self.layer.signature.outputs} if self.layer.signature else set()
        after = statement.items[-1].end if statement.items else statement.start
        for target in statement.targets:
            place = self.reporter.word_place(target, after, statement.end)
            after = place.end
            if target in outputs or not self._is_tensor(target):
                fix = self.reporter.suggest(target, [name for name in self.tensors if name not in outputs])
                self.reporter.error_at(place, "unknown-save-target", layer=self.layer.name, name=target, fix=fix)
        self.when(statement.when)

    def view(self, statement: tree.ViewDecl) -> None:
        """Check which input an output is a view of, or overwrites."""
        inputs = [declared.name for declared in self.layer.signature.inputs] if self.layer.signature else []
        if statement.name not in inputs:
            place = self.reporter.word_place(statement.name, statement.start + len(statement.kind), statement.end)
            fix = self.reporter.suggest(statement.name, inputs)
            self.reporter.error_at(place, "view-of-no-input", layer=self.layer.name, name=statement.name, fix=fix)
        self.when(statement.when)

    def autocast(self, statement: tree.Autocast) -> None:
        """Check what autocast does with its inputs."""
        if statement.to not in ("half", "float32"):
            place = self.reporter.word_place(statement.to, statement.start + len("autocast"), statement.end)
            fix = self.reporter.suggest(statement.to, ("half", "float32"))
            self.reporter.error_at(
                place, "unknown-value", name="autocast", value=statement.to, choices="half, float32", fix=fix
            )
        self.when(statement.when)

    def unverified(self, statement: tree.Unverified) -> None:
        """Check that the quantity is one that frameworks are compared with."""
        name = str(statement.quantity)
        if name not in COMPARED:
            fix = self.reporter.suggest(name, COMPARED)
            choices = ", ".join(COMPARED)
            self.reporter.error(
                statement.quantity, "unknown-value", name="unverified", value=name, choices=choices, fix=fix
            )
        self.when(statement.when)

    def passes(self, statement: tree.Passes) -> None:
        """Check that gradients are handed on to inputs."""
        inputs = [declared.name for declared in self.layer.signature.inputs] if self.layer.signature else []
        for name in statement.names:
            if name not in inputs:
                place = self.reporter.word_place(name, statement.start + len("passes"), statement.end)
                fix = self.reporter.suggest(name, inputs)
                self.reporter.error_at(place, "view-of-no-input", layer=self.layer.name, name=name, fix=fix)
        self.when(statement.when)

    def shard(self, statement: tree.Shard) -> None:
        """Check which axes of which parameters are cut."""
        if statement.kind not in KINDS:
            fix = self.reporter.suggest(statement.kind, KINDS)
            self.reporter.error(statement, "unknown-shard", kind=statement.kind, known=", ".join(KINDS), fix=fix)
        declared = {one.name: one for one in _parameters(self.layer.body)}
        for item in statement.items:
            name = str(item.path)
            if name not in declared:
                self.reporter.error(item, "unknown-name", name=name, fix=self.reporter.suggest(name, declared))
                continue
            axes = [axis.name for axis in declared[name].axes if isinstance(axis, tree.Name)]
            if item.axis is None or item.axis not in axes:
                fix = self.reporter.suggest(item.axis or "", axes)
                self.reporter.error(item, "no-axis-to-cut", name=name, axes=", ".join(axes), fix=fix)

    def flops(self, statement: tree.FlopsDecl) -> None:
        """Check the cost of the forward or the backward pass."""
        self.signatures.expressions.integer(statement.value)
        self.when(statement.when)

    def _is_tensor(self, name: str) -> bool:
        self.signatures.names.used.add(name)
        return name in self.tensors


def _parameters(body: tuple[tree.Statement, ...]) -> list[tree.TensorDecl]:
    found: list[tree.TensorDecl] = []
    for statement in body:
        if isinstance(statement, tree.ParamDecl):
            found.extend(statement.tensors)
        elif isinstance(statement, tree.If):
            found.extend(_parameters(statement.then + statement.other))
    return found
