"""Expressions: names, layers and functions known, arguments right, nothing of a sort that cannot stand where it stands.

Each function gives the sort of what it was given, or `UNKNOWN` where that hangs on values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.check import operators, pipes
from archspec.check.arguments import check_arguments, check_missing
from archspec.check.names import (
    FLAG,
    INTEGER,
    LAYER,
    LIST,
    NUMBERS,
    REAL,
    TEXT,
    UNKNOWN,
    Known,
    Names,
    Sort,
    tensors,
)
from archspec.check.reporter import Reporter
from archspec.elaborate.functions import FUNCTIONS
from archspec.errors.diagnostic import Note
from archspec.policy import CHOICES, dtype_named
from archspec.scope import Definition
from archspec.syntax import tree

POLICY = (*CHOICES, "regime")
"""What can be asked of `policy`."""

_RESULT = {"max": INTEGER, "min": INTEGER, "range": LIST, "axis": UNKNOWN}
"""What the functions give that do not simply give an integer, or may get tensors."""


class Expressions:
    """Checks expressions in the scope of some names."""

    def __init__(self, reporter: Reporter, names: Names) -> None:
        self.reporter = reporter
        self.names = names
        self.stages: list[tree.Stage] = []
        """The stages of pipes met since they were last asked for."""

    def check(self, node: tree.Expression) -> Sort:
        """Check an expression, and tell its sort."""
        return _CHECKS[type(node)](self, node)

    def condition(self, node: tree.Expression) -> None:
        """Check an expression that must be a condition."""
        sort = self.check(node)
        if sort.word and sort != FLAG:
            self.reporter.error(node, "not-a-condition", found=sort.words)

    def integer(self, node: tree.Expression) -> None:
        """Check an expression that must be an integer."""
        sort = self.check(node)
        if sort.word and sort.word not in NUMBERS:
            self.reporter.error(node, "not-an-integer", found=sort.words)

    # --- leaves ------------------------------------------------------------------------------------

    def _number(self, node: tree.Number) -> Sort:
        return INTEGER if isinstance(node.value, int) else REAL

    def _text(self, node: tree.Text) -> Sort:
        return TEXT

    def _flag(self, node: tree.Flag) -> Sort:
        return FLAG

    def _name(self, node: tree.Name) -> Sort:
        known = self.names.get(node.name)
        if known is not None:
            return known.sort
        if node.name == "policy" or dtype_named(node.name) is not None:
            return Sort("something else")
        found = self.layer(node)
        if found is not None:
            return self._made(node, found, set())
        if self.reporter.definition(node) is None:
            self.unknown(node)
        return UNKNOWN

    def unknown(self, node: tree.Name) -> None:
        """Report a name that means nothing here."""
        notes: tuple[Note, ...] = ()
        fix = self.reporter.suggest(node.name, self.names.all, FUNCTIONS)
        loop = self.names.gone.get(node.name)
        if loop is not None:
            notes = (self.reporter.note(f"`{node.name}` is first assigned in this `repeat`, and local to it", loop),)
            fix = f"assign `{node.name}` before the loop"
        if node.name in FUNCTIONS:
            fix = f"`{node.name}` is a function: {FUNCTIONS[node.name].usage}"
        self.reporter.error(node, "unknown-name", name=node.name, notes=notes, fix=fix)

    def layer(self, node: tree.Expression) -> Definition | None:
        """The layer that a name means at the top of the file; None when it is another thing, or nothing."""
        found = self.reporter.definition(node)
        return found if found is not None and isinstance(found.node, tree.Layer) else None

    # --- calls -------------------------------------------------------------------------------------

    def _call(self, node: tree.Call) -> Sort:
        function = node.function
        sorts = [self.check(argument.value) for argument in node.arguments]
        if isinstance(function, tree.Name):
            known = self.names.get(function.name)
            if known is not None:
                return self._call_known(node, function, known)
            if function.name in FUNCTIONS:
                return self._builtin(node, function.name)
        found = self.layer(function)
        if found is None:
            self.unknown_layer(function)
            return UNKNOWN
        assert isinstance(found.node, tree.Layer)
        given = check_arguments(self.reporter, found.node, node.arguments, [sort.word for sort in sorts])
        return self._made(node, found, given)

    def _call_known(self, node: tree.Call, function: tree.Name, known: Known) -> Sort:
        if known.sort.layer is not None:
            self.used_again(node, function.name, known)
        elif known.sort.word and known.sort.word != LAYER.word:
            self.reporter.error(function, "not-a-layer", name=function.name, found=known.sort.words)
        return UNKNOWN

    def used_again(self, node: tree.Node, name: str, known: Known) -> None:
        """Report an instance that is used as if it were not made yet."""
        notes = () if known.node is None else (self.reporter.note(f"`{name}` is made here", known.node),)
        self.reporter.error(node, "instance-has-name", name=name, notes=notes)

    def _builtin(self, node: tree.Call, name: str) -> Sort:
        builtin = FUNCTIONS[name]
        if any(argument.name for argument in node.arguments) or not builtin.takes(len(node.arguments)):
            self.reporter.error(node, "bad-function-call", name=name, usage=builtin.usage)
            return UNKNOWN
        return _RESULT.get(name, INTEGER)

    def _made(self, node: tree.Node, found: Definition, given: set[str]) -> Sort:
        """A layer named in an expression: called at once when it has no inputs, else a template."""
        layer = found.node
        assert isinstance(layer, tree.Layer)
        if layer.external or layer.signature is None or layer.signature.inputs:
            return Sort(LAYER.word, 1, False, found)
        check_missing(self.reporter, node, found, given)
        return tensors(len(layer.signature.outputs), outputs=True)

    def unknown_layer(self, node: tree.Expression) -> None:
        """Report what should be a layer and is none."""
        if isinstance(node, tree.Attribute) and isinstance(node.value, tree.Name):
            alias = self.reporter.scope.aliases.get(node.value.name)
            if alias is not None and not self.reporter.incomplete:
                fix = self.reporter.suggest(
                    f"{node.value.name}.{node.name}", (f"{node.value.name}.{one}" for one in alias.definitions)
                )
                self.reporter.error(node, "unknown-layer", name=f"{node.value.name}.{node.name}", fix=fix)
                return
        if not isinstance(node, tree.Name):
            self.check(node)
            return
        found = self.reporter.definition(node)
        if found is not None:
            self.reporter.error(node, "not-a-layer", name=node.name, found="a variant of a model")
        elif not self.reporter.incomplete:
            fix = self.reporter.suggest(node.name, self.reporter.scope.names, self.names.all)
            self.reporter.error(node, "unknown-layer", name=node.name, fix=fix)

    # --- parts -------------------------------------------------------------------------------------

    def _attribute(self, node: tree.Attribute) -> Sort:
        value = node.value
        if isinstance(value, tree.Name) and self.names.peek(value.name) is None:
            if value.name == "policy":
                if node.name not in POLICY:
                    fix = self.reporter.suggest(node.name, POLICY) or "it has " + ", ".join(
                        f"`{one}`" for one in POLICY
                    )
                    self.reporter.error(node, "unknown-policy", name=node.name, fix=fix)
                return TEXT
            if value.name in self.reporter.scope.aliases:
                found = self.layer(node)
                if found is None:
                    self.unknown_layer(node)
                    return UNKNOWN
                return self._made(node, found, set())
        sort = self.check(value)
        if sort.word:
            self.reporter.error(node, "no-attribute", name=node.name, found=sort.words)
        return UNKNOWN

    def _index(self, node: tree.Index) -> Sort:
        self._list_needed(node, node.value)
        self.integer(node.index)
        return UNKNOWN

    def _slice(self, node: tree.Slice) -> Sort:
        self._list_needed(node, node.value)
        for bound in (node.lower, node.upper):
            if bound is not None:
                self.integer(bound)
        return LIST

    def _list_needed(self, node: tree.Node, value: tree.Expression) -> None:
        sort = self.check(value)
        if sort.word and sort != LIST:
            self.reporter.error(node, "not-a-list", found=sort.words)

    def _group(self, node: tree.Group) -> Sort:
        sorts = [self.check(item) for item in node.items]
        if not any(sort.is_tensor for sort in sorts):
            return LIST if all(sort.word for sort in sorts) else UNKNOWN
        for item, sort in zip(node.items, sorts, strict=True):
            if sort.word and not sort.is_tensor:
                self.reporter.error(item, "not-a-tensor", found=sort.words)
        return tensors(len(sorts))

    def _list(self, node: tree.ListLiteral) -> Sort:
        for item in node.items:
            self.check(item)
        return LIST


_CHECKS: dict[type, Callable[[Expressions, Any], Sort]] = {
    tree.Number: Expressions._number,
    tree.Text: Expressions._text,
    tree.Flag: Expressions._flag,
    tree.Name: Expressions._name,
    tree.Unary: operators.unary,
    tree.Binary: operators.binary,
    tree.Choice: operators.choice,
    tree.Call: Expressions._call,
    tree.Attribute: Expressions._attribute,
    tree.Index: Expressions._index,
    tree.Slice: Expressions._slice,
    tree.Group: Expressions._group,
    tree.ListLiteral: Expressions._list,
    tree.Pipe: pipes.pipe,
}
