"""Records of expressions. See `builder`."""

# ruff: noqa: D102  # each method is what its rule in `grammar/arch.lark` says, and all get the same two offsets

from __future__ import annotations

from archspec.errors.diagnostic import Diagnostics
from archspec.syntax import tree
from archspec.syntax.limits import EXPONENT, INTEGER_DIGITS, ITEMS
from archspec.syntax.literals import clean_doc, number, unescape
from archspec.syntax.source import Place, Source
from archspec.syntax.tree import Expression


class ExpressionBuilder:
    """Makes the expressions of one source."""

    def __init__(self, source: Source, comments: list[tree.Comment], diagnostics: Diagnostics) -> None:
        self.source = source
        self.comments = comments
        self.diagnostics = diagnostics

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

    def defined(self, start: int, end: int, name: str) -> tree.Name:
        return tree.Name(start, end, name)

    target = name = defined

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

    def path(self, start: int, end: int, *names: str) -> tree.Path:
        parts: list[str] = []
        for name in names:  # `layer.0.1.weight`: the lexer reads `0.1` as one number
            parts.extend(name.split("."))
        return tree.Path(start, end, tuple(parts))

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
