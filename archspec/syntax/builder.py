"""From recognized rules to records of the syntax tree: one method for each rule of `grammar/arch.lark`.

A method gets the place of what was recognized and its children: texts of tokens, or what other methods returned; None
for an optional part that is absent. The parser calls them bottom up, so nothing here is recursive.
"""

from __future__ import annotations

from archspec.errors.diagnostic import Diagnostics
from archspec.syntax import tree
from archspec.syntax.limits import EXPONENT, INTEGER_DIGITS, ITEMS
from archspec.syntax.literals import clean_doc, number, unescape
from archspec.syntax.source import Place, Source
from archspec.syntax.tree import Expression, Statement

_Names = tuple[str, ...]
_Tensors = tuple[tree.TensorDecl, ...]
_Body = tuple[Statement, ...]


class Builder:
    """Makes the tree of one source."""

    def __init__(self, source: Source, comments: list[tree.Comment], diagnostics: Diagnostics) -> None:
        self.source = source
        self.comments = comments
        self.diagnostics = diagnostics

    # --- items -------------------------------------------------------------------------------------

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
        body: _Body,
    ) -> tree.Layer:
        found = self._doc(doc)
        return tree.Layer(
            start, end, keyword, external is not None, name.name, formals or (), found, signature, body, name.start, name.end
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

    def defined(self, start: int, end: int, name: str) -> tree.Name:
        return tree.Name(start, end, name)

    target = name = defined

    def formals(self, start: int, end: int, *formals: tree.Formal) -> tuple[tree.Formal, ...]:
        return formals

    def formal(self, start: int, end: int, name: str, kind: str | None, default: Expression | None) -> tree.Formal:
        return tree.Formal(start, end, name, kind, default)

    def called(
        self, start: int, end: int, function: Expression, arguments: tuple[tree.Argument, ...] | None
    ) -> tree.Call:
        return tree.Call(start, end, function, arguments or ())

    call = called

    def dotted(self, start: int, end: int, *names: str) -> Expression:
        # The text may hold spaces or comments between the names, so each is looked for after the one before it.
        at = start + len(names[0])
        value: Expression = tree.Name(start, at, names[0])
        for name in names[1:]:
            at = self.source.text.index(name, self.source.text.index(".", at)) + len(name)
            value = tree.Attribute(start, at, value, name)
        return value

    def givens(self, start: int, end: int, *given: tree.Argument) -> tuple[tree.Argument, ...]:
        return given

    def given(self, start: int, end: int, name: str, value: Expression) -> tree.Argument:
        return tree.Argument(start, end, name, value)

    def conditions(self, start: int, end: int, *conditions: tree.Condition) -> tuple[tree.Condition, ...]:
        return conditions

    def expectation(self, start: int, end: int, path: tree.Path, op: str, value: Expression) -> tree.Condition:
        return tree.Condition(start, end, path, op, value)

    def path(self, start: int, end: int, *names: str) -> tree.Path:
        parts: list[str] = []
        for name in names:  # `layer.0.1.weight`: the lexer reads `0.1` as one number
            parts.extend(name.split("."))
        return tree.Path(start, end, tuple(parts))

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
        return tree.ParamDecl(start, end, kind, tensors, when)

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

    def view(self, start: int, end: int, kind: str, name: str, when: Expression | None) -> tree.ViewDecl:
        return tree.ViewDecl(start, end, kind, name, when)

    def flops(self, start: int, end: int, kind: str, value: Expression, when: Expression | None) -> tree.FlopsDecl:
        return tree.FlopsDecl(start, end, kind, value, when)

    def autocast(self, start: int, end: int, to: str, when: Expression | None) -> tree.Autocast:
        return tree.Autocast(start, end, to, when)

    def binding(
        self, start: int, end: int, framework: str, call: Expression, when: Expression | None
    ) -> tree.Binding:
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

    def cache(self, start: int, end: int, *names: tree.Name) -> tree.Cache:
        return tree.Cache(start, end, names)

    # --- expressions -------------------------------------------------------------------------------

    def pipe(self, start: int, end: int, value: Expression, *stages: tree.Stage) -> tree.Pipe:
        return tree.Pipe(start, end, value, stages)

    def stage(self, start: int, end: int, layer: Expression, name: str | None) -> tree.Stage:
        return tree.Stage(start, end, layer, name)

    def ternary(self, start: int, end: int, then: Expression, condition: Expression, other: Expression) -> tree.Choice:
        return tree.Choice(start, end, then, condition, other)

    def binary(self, start: int, end: int, left: Expression, op: str, right: Expression) -> tree.Binary:
        return tree.Binary(start, end, op, left, right)

    def unary(self, start: int, end: int, op: str, operand: Expression) -> tree.Unary:
        return tree.Unary(start, end, op, operand)

    def attribute(self, start: int, end: int, value: Expression, name: str) -> tree.Attribute:
        return tree.Attribute(start, end, value, name)

    def index(self, start: int, end: int, value: Expression, index: Expression) -> tree.Index:
        return tree.Index(start, end, value, index)

    def slice(
        self, start: int, end: int, value: Expression, lower: Expression | None, upper: Expression | None
    ) -> tree.Slice:
        return tree.Slice(start, end, value, lower, upper)

    def number(self, start: int, end: int, text: str) -> tree.Number:
        read = number(text)
        if read is None:
            place = Place(self.source, start, end)
            self.diagnostics.error("literal-too-large", place, digits=INTEGER_DIGITS, exponent=EXPONENT)
            read = (1, "")
        return tree.Number(start, end, read[0], text, read[1])

    def text(self, start: int, end: int, text: str) -> tree.Text:
        return tree.Text(start, end, self._text(start, text))

    def flag(self, start: int, end: int, text: str) -> tree.Flag:
        return tree.Flag(start, end, text == "true")

    def group(self, start: int, end: int, *items: Expression) -> tree.Group:
        self._count(start, end, len(items))
        return tree.Group(start, end, items)

    def list(self, start: int, end: int, items: tuple[Expression, ...] | None) -> tree.ListLiteral:
        return tree.ListLiteral(start, end, items or ())

    def elements(self, start: int, end: int, *items: Expression) -> tuple[Expression, ...]:
        self._count(start, end, len(items))
        return items

    def arguments(self, start: int, end: int, *arguments: tree.Argument) -> tuple[tree.Argument, ...]:
        self._count(start, end, len(arguments))
        return arguments

    def argument(self, start: int, end: int, name: str | None, value: Expression) -> tree.Argument:
        return tree.Argument(start, end, name, value)

    # --- help --------------------------------------------------------------------------------------

    def _count(self, start: int, end: int, count: int) -> None:
        if count > ITEMS:
            self.diagnostics.error("too-many-parts", Place(self.source, start, end), count=count, limit=ITEMS)

    def _text(self, after: int, written: str) -> str:
        """The content of a text; it is written at or after the offset `after`."""
        content, bad = unescape(written)
        if bad >= 0:
            at = self.source.text.index(written, after) + bad
            escape = written[bad : bad + 2]
            self.diagnostics.error("bad-escape", Place(self.source, at, at + 2), escape=escape)
        return content

    def _doc(self, written: str | None) -> str | None:
        return None if written is None else clean_doc(written)
