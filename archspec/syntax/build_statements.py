"""Records of signatures and statements. See `builder`."""

# ruff: noqa: D102  # each method is what its rule in `grammar/arch.lark` says, and all get the same two offsets

from __future__ import annotations

from archspec.syntax import tree
from archspec.syntax.build_expressions import ExpressionBuilder
from archspec.syntax.tree import Expression, Statement

_Names = tuple[str, ...]
_Tensors = tuple[tree.TensorDecl, ...]
_Body = tuple[Statement, ...]


class StatementBuilder(ExpressionBuilder):
    """Makes the statements of one source."""

    # --- signature and tensors ---------------------------------------------------------------------

    def signature(self, start: int, end: int, inputs: _Tensors | None, outputs: _Tensors) -> tree.Signature:
        return tree.Signature(start, end, inputs or (), outputs)

    def tensors(self, start: int, end: int, *tensors: tree.TensorDecl) -> _Tensors:
        return tensors

    def tensor(
        self, start: int, end: int, name: str, axes: tuple[tree.Axis, ...] | None, dtype: str | None
    ) -> tree.TensorDecl:
        return tree.TensorDecl(start, end, name, axes or (), dtype)

    def axes(self, start: int, end: int, *axes: tree.Axis) -> tuple[tree.Axis, ...]:
        return axes

    def star(self, start: int, end: int, name: str | None, arguments: _Names | None) -> tree.Star:
        return tree.Star(start, end, name, arguments)

    def wild(self, start: int, end: int) -> tree.Wild:
        return tree.Wild(start, end)

    # --- statements --------------------------------------------------------------------------------

    def body(self, start: int, end: int, *statements: Statement) -> _Body:
        return statements

    block = body

    def require(self, start: int, end: int, condition: Expression, message: str | None) -> tree.Require:
        said = None if message is None else self._text(condition.end, message)
        return tree.Require(start, end, condition, said)

    def where(self, start: int, end: int, name: str, value: Expression) -> tree.Where:
        return tree.Where(start, end, name, value)

    def param(self, start: int, end: int, kind: str, tensors: _Tensors, when: Expression | None) -> tree.ParamDecl:
        return tree.ParamDecl(start, end, kind, tensors, False, when)

    def buffer(
        self, start: int, end: int, kind: str, tensors: _Tensors, transient: str | None, when: Expression | None
    ) -> tree.ParamDecl:
        return tree.ParamDecl(start, end, kind, tensors, transient is not None, when)

    def save(
        self,
        start: int,
        end: int,
        items: tuple[tree.SaveItem, ...],
        targets: _Names | None,
        when: Expression | None,
    ) -> tree.Save:
        return tree.Save(start, end, items, targets or (), when)

    def saved_items(self, start: int, end: int, *items: tree.SaveItem) -> tuple[tree.SaveItem, ...]:
        return items

    def saved(self, start: int, end: int, name: str) -> tree.SaveItem:
        return tree.SaveItem(start, end, name, None, False)

    def saved_tensor(self, start: int, end: int, tensor: tree.TensorDecl) -> tree.SaveItem:
        return tree.SaveItem(start, end, tensor.name, tensor, False)

    def saved_copy(self, start: int, end: int, name: str) -> tree.SaveItem:
        return tree.SaveItem(start, end, name, None, True)

    def shard(self, start: int, end: int, kind: str, *items: tree.Sharded) -> tree.Shard:
        return tree.Shard(start, end, kind, items)

    def sharded(self, start: int, end: int, path: tree.Path, axis: str | None) -> tree.Sharded:
        return tree.Sharded(start, end, path, axis)

    def view(self, start: int, end: int, kind: str, name: str, when: Expression | None) -> tree.ViewDecl:
        return tree.ViewDecl(start, end, kind, name, when)

    def flops(self, start: int, end: int, kind: str, value: Expression, when: Expression | None) -> tree.FlopsDecl:
        return tree.FlopsDecl(start, end, kind, value, when)

    def passes(self, start: int, end: int, names: _Names, when: Expression | None) -> tree.Passes:
        return tree.Passes(start, end, names, when)

    def autocast(self, start: int, end: int, to: str, when: Expression | None) -> tree.Autocast:
        return tree.Autocast(start, end, to, when)

    def unverified(
        self, start: int, end: int, quantity: tree.Path, when: Expression | None, reason: str
    ) -> tree.Unverified:
        said = self._text((quantity if when is None else when).end, reason)
        return tree.Unverified(start, end, quantity, when, said)

    def binding(self, start: int, end: int, framework: str, call: Expression, when: Expression | None) -> tree.Binding:
        return tree.Binding(start, end, framework, call, None, when)

    def no_binding(self, start: int, end: int, framework: str, reason: str, when: Expression | None) -> tree.Binding:
        return tree.Binding(start, end, framework, None, self._text(start, reason), when)

    def assign(self, start: int, end: int, targets: tuple[tree.Name, ...], value: Expression) -> tree.Assign:
        return tree.Assign(start, end, targets, value)

    def targets(self, start: int, end: int, *targets: tree.Name) -> tuple[tree.Name, ...]:
        return targets

    def repeat(
        self, start: int, end: int, count: Expression, name: str | None, index: str | None, body: _Body
    ) -> tree.Repeat:
        return tree.Repeat(start, end, count, name, index, body)

    def each(
        self,
        start: int,
        end: int,
        targets: _Names,
        values: Expression,
        name: str | None,
        index: str | None,
        body: _Body,
    ) -> tree.Each:
        return tree.Each(start, end, targets, values, name, index, body)

    def variables(self, start: int, end: int, *names: str) -> _Names:
        return names

    names = variables

    def conditional(
        self, start: int, end: int, condition: Expression, then: _Body, other: _Body | tree.If | None
    ) -> tree.If:
        rest = (other,) if isinstance(other, tree.If) else other or ()
        return tree.If(start, end, condition, then, rest)

    def tie(self, start: int, end: int, left: tree.Path, right: tree.Path) -> tree.Tie:
        return tree.Tie(start, end, left, right)

    def cache(
        self, start: int, end: int, items: tuple[tree.Name | tree.TensorDecl, ...], last: Expression | None
    ) -> tree.Cache:
        return tree.Cache(start, end, items, last)

    def cached(
        self, start: int, end: int, *items: tree.Name | tree.TensorDecl
    ) -> tuple[tree.Name | tree.TensorDecl, ...]:
        return items
