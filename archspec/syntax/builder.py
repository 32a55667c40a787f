"""From recognized rules to records of the syntax tree: one method for each rule of `grammar/arch.lark`.

A method gets the place of what was recognized and its children: texts of tokens, or what other methods returned; None
for an optional part that is absent. The parser calls them bottom up, so nothing here is recursive.
"""

# ruff: noqa: D102  # each method is what its rule in `grammar/arch.lark` says, and all get the same two offsets

from __future__ import annotations

from archspec.syntax import tree
from archspec.syntax.build_plans import PlanBuilder
from archspec.syntax.tree import Expression, Statement


class Builder(PlanBuilder):
    """Makes the tree of one source."""

    def start(self, start: int, end: int, doc: str | None, *items: tree.Item) -> tree.File:
        size = len(self.source.text)
        return tree.File(0, size, self.source, self._doc(doc), items, tuple(self.comments))

    def use(self, start: int, end: int, path: str, alias: str | None) -> tree.Use:
        return tree.Use(start, end, self._text(start + len("use"), path), alias)

    def layer(
        self,
        start: int,
        end: int,
        external: str | None,
        keyword: str,
        name: tree.Name,
        formals: tuple[tree.Formal, ...] | None,
        doc: str | None,
        signature: tree.Signature | None,
        body: tuple[Statement, ...],
    ) -> tree.Layer:
        found = self._doc(doc)
        return tree.Layer(
            start,
            end,
            keyword,
            external is not None,
            name.name,
            formals or (),
            found,
            signature,
            body,
            name.start,
            name.end,
        )

    def variant(self, start: int, end: int, keyword: str, name: tree.Name, call: tree.Call) -> tree.Variant:
        return tree.Variant(start, end, keyword, name.name, call, name.start, name.end)

    def test(
        self,
        start: int,
        end: int,
        title: str,
        given: tuple[tree.Argument, ...] | None,
        doc: str | None,
        conditions: tuple[tree.Condition, ...],
    ) -> tree.Test:
        return tree.Test(start, end, self._text(start + len("test"), title), given or (), self._doc(doc), conditions)

    def formals(self, start: int, end: int, *formals: tree.Formal) -> tuple[tree.Formal, ...]:
        return formals

    def formal(self, start: int, end: int, name: str, kind: str | None, default: Expression | None) -> tree.Formal:
        return tree.Formal(start, end, name, kind, default)

    def givens(self, start: int, end: int, *given: tree.Argument) -> tuple[tree.Argument, ...]:
        return given

    def given(self, start: int, end: int, name: str, value: Expression) -> tree.Argument:
        return tree.Argument(start, end, name, value)

    def conditions(self, start: int, end: int, *conditions: tree.Condition) -> tuple[tree.Condition, ...]:
        return conditions

    def expectation(self, start: int, end: int, path: tree.Path, op: str, value: Expression) -> tree.Condition:
        return tree.Condition(start, end, path, op, value)
