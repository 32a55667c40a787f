"""What the tree says of tokens, written onto them: where statements begin, which brackets belong to a call, signs."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.printing.pieces import Piece, partners
from archspec.syntax import tree
from archspec.syntax.record import Record


class Marker:
    """Marks the pieces of one file."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.partner = partners(pieces)
        self.at = {piece.start: number for number, piece in enumerate(pieces)}
        self.before = {piece.end: number for number, piece in enumerate(pieces[:-1])}  # not the end: it is empty
        self.pipes = 0

    def mark(self, file: tree.File) -> None:
        """Mark all that stands in a file."""
        for piece in self.pieces:
            if piece.kind == "LONG_STRING":
                piece.entry = "Doc"
        for item in file.items:
            self._entry(item)
        for node in nodes(file):
            self._node(node)

    def _entry(self, node: tree.Node) -> None:
        self.pieces[self.at[node.start]].entry = type(node).__name__

    def _node(self, node: tree.Node) -> None:
        pieces = self.pieces
        match node:
            case tree.Layer():
                if node.signature:
                    self._entry(node.signature)
                self._body(node.body)
                behind = pieces[self.before[node.name_end] + 1]
                behind.joined = behind.kind == "LEFT_PARENTHESIS"
            case tree.If():
                self._body(node.then)
                self._body(node.other)
                if len(node.other) == 1 and isinstance(node.other[0], tree.If):
                    follows = self.at[node.other[0].start]
                    if pieces[follows - 1].text == "else":
                        pieces[follows].entry = ""
            case tree.Repeat() | tree.Each():
                self._body(node.body)
            case tree.Test():
                self._body(node.conditions)
                if node.given:
                    pieces[self.at[node.given[0].start] - 1].keyword = True
                for given in node.given:
                    self._hyphens(given)
            case tree.Plan():
                self._body(node.lines)
            case tree.Unary():
                pieces[self.at[node.start]].sign = node.op != "not"
            case tree.Star():
                pieces[self.at[node.start]].sign = True
                if node.arguments is not None:
                    self._closed(node)
            case tree.Call() | tree.Index() | tree.Slice():
                self._closed(node)
            case tree.Group():
                pieces[self.at[node.start]].tuple = True
            case tree.TensorDecl():
                pieces[self.at[node.start] + 1].joined = True
            case tree.SaveItem(contiguous=True):
                self._closed(node)
            case tree.Sharded(axis=str()):
                self._closed(node)
            case tree.Pipe():
                self._pipe(node)
            case tree.Picked() | tree.Adapters() | tree.Chosen():
                self._patterns(node)
        if isinstance(node, tree.Save) and node.targets:
            pieces[self._keyword_before_names(node)].keyword = True
        when = getattr(node, "when", None)
        if isinstance(when, tree.Node):
            number = self.at[when.start] - 1
            while pieces[number].kind == "LEFT_PARENTHESIS":
                number -= 1
            pieces[number].keyword = True

    def _body(self, body: tuple[tree.Node, ...]) -> None:
        for statement in body:
            self._entry(statement)

    def _closed(self, node: tree.Node) -> None:
        """The bracket that a node ends with stands right behind what it belongs to."""
        self.pieces[self.partner[self.before[node.end]]].joined = True

    def _keyword_before_names(self, node: tree.Save) -> int:
        """Where the `for` of a `save` stands: behind the last kept tensor."""
        return self.before[node.items[-1].end] + 1

    def _pipe(self, node: tree.Pipe) -> None:
        for stage in node.stages:
            number = self.at[stage.start] - 1
            while self.pieces[number].kind != "ARROW":  # a stage may stand in parentheses
                number -= 1
            self.pieces[number].pipe = self.pipes
        self.pipes += 1

    def _hyphens(self, given: tree.Argument) -> None:
        """`precision = mixed-bf16` has the form of a difference; it stays as it is written."""
        first, last = self.at[given.value.start], self.before[given.value.end]
        for number in range(first + 1, last):
            if self.pieces[number].kind == "MINUS" and not self.pieces[number].spaced:
                self.pieces[number].joined = self.pieces[number + 1].joined = True

    def _patterns(self, node: tree.Node) -> None:
        """Parts of a pattern stand together: `h.*.weight`, `mixed-bf16`. Words next to each other stay apart."""
        first, last = self.at[node.start], self.before[node.end]
        if isinstance(node, tree.Adapters):
            while self.pieces[first].text != "on" or self.pieces[first + 1].text == "=":
                first += 1
        self.pieces[first + 1].sign = self.pieces[first + 1].kind == "STAR"
        for number in range(first + 2, last + 1):
            before, piece = self.pieces[number - 1], self.pieces[number]
            piece.sign = piece.kind == "STAR"
            words = ("NAME", "NUMBER", "STRING")
            piece.joined = "COMMA" not in (before.kind, piece.kind) and not (
                piece.kind in words and before.kind in words
            )


def nodes(value: object) -> Iterator[tree.Node]:
    """All records below a record, itself first. Without recursion: trees may be deep."""
    waiting: list[object] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting.extend(reversed(one))
        elif isinstance(one, Record):
            if isinstance(one, tree.Node):
                yield one
            waiting.extend(reversed(list(vars(one).values())))
