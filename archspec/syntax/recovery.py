"""Going on after a syntax error, so that all errors of a file are found, and each is said once.

After an error the rest of the statement is skipped: up to a `}`, or a line that begins like a statement, or an item.
An error in the head of a block does not lose the block: the head is replaced by a plain one.
"""

from __future__ import annotations

from archspec.errors.diagnostic import Diagnostics
from archspec.syntax.beginnings import begins_item, begins_statement, first_on_line
from archspec.syntax.explain import Explainer
from archspec.syntax.lexer import Tokens
from archspec.syntax.source import Source
from archspec.syntax.stack import Stack
from archspec.syntax.tables import END

# A plain head for each kind of block: what stands between its keyword and its `{`.
_NAMED = (("NAME", "_"),)
_HEADS: dict[str, tuple[tuple[str, str], ...]] = {
    "layer": _NAMED,
    "model": _NAMED,
    "external": (("NAME", "layer"), ("NAME", "_")),
    "test": (("STRING", '""'),),
    "repeat": (("NUMBER", "1"),),
    "each": (("NAME", "_"), ("NAME", "in"), ("NAME", "_")),
    "if": (("NAME", "true"),),
}

_HEAD_SYMBOLS = frozenset(["kind", "LAYER", "MODEL", "EXTERNAL", "TEST", "REPEAT", "EACH", "IF"])
"""The symbols of the stack that a block's head begins with, where its keyword is one and no name."""

_LONGEST_HEAD = 1000
"""How many tokens after an error the `{` is looked for: so a text full of errors is read in linear time."""


class Recovery:
    """Reports errors and says where to go on, for one text."""

    def __init__(self, source: Source, tokens: Tokens, diagnostics: Diagnostics) -> None:
        self.source = source
        self.tokens = tokens
        self.explainer = Explainer(source, tokens, diagnostics)
        self._resumed = -1  # the last token at which parsing went on: what fails up to it was reported
        self._heads: set[int] = set()  # where the heads begin that were made plain: each is once

    def resume(self, at: int, stack: Stack) -> tuple[int, int] | None:
        """Report that token `at` does not fit.

        Where to go on: the number of a token, and the height to cut the stack to; None at the end of the text.
        """
        tokens = self.tokens
        if at > self._resumed and not self._disturbed(at):
            repaired = self.explainer.explain(at, stack)
            if repaired is not None:
                self._resumed = at  # what fails here again is the same mistake
                return repaired
        if tokens.kinds[at] == END:
            return None
        head = self._head(at, stack)
        if head is not None:
            return head
        # A token at which parsing went on before and failed again is skipped: so every turn makes progress.
        return self._skip(at + (at <= self._resumed), stack)

    def _disturbed(self, at: int) -> bool:
        """Does an unreadable character or text on the same line explain the error?"""
        nearest = max((index for index in self.tokens.disturbed if index <= at), default=-1)
        starts = self.tokens.starts
        return nearest >= 0 and self.source.text.find("\n", starts[nearest], starts[at]) < 0

    def _head(self, at: int, stack: Stack) -> tuple[int, int] | None:
        """After an error between a block's keyword and its `{`: make the head a plain one and read it again."""
        tokens = self.tokens
        base = stack.base()
        if base == len(stack.states):
            return None
        first = self._token_at(stack.starts[base - 1], at)
        plain = _HEADS.get(tokens.texts[first])
        start = tokens.starts[first]
        if plain is None or stack.symbol(base) not in _HEAD_SYMBOLS or start in self._heads:
            return None
        brace = self._brace(at, within_brackets=stack.open_bracket() is not None)
        if brace is None:
            return None
        if plain is _NAMED and tokens.kinds[first + 1] == "NAME":
            plain = (("NAME", tokens.texts[first + 1]),)
        place = tokens.starts[brace]
        tokens.kinds[first + 1 : brace] = [kind for kind, _ in plain]
        tokens.texts[first + 1 : brace] = [text for _, text in plain]
        tokens.starts[first + 1 : brace] = [place] * len(plain)
        tokens.ends[first + 1 : brace] = [place] * len(plain)
        tokens.disturbed = {d if d <= first else d + len(plain) - (brace - first - 1) for d in tokens.disturbed}
        self._heads.add(start)
        self._resumed = first + len(plain)
        return first, base

    def _brace(self, at: int, *, within_brackets: bool) -> int | None:
        """The `{` that ends the head in which the error is: on the same line, or after its brackets."""
        tokens = self.tokens
        for index in range(at, min(at + _LONGEST_HEAD, len(tokens.kinds))):
            kind = tokens.kinds[index]
            if kind == "LEFT_BRACE":
                return index
            if kind in ("RIGHT_BRACE", END) or begins_item(tokens, index):
                return None
            if not within_brackets and index > at and first_on_line(tokens, index):
                return None
        return None

    def _skip(self, at: int, stack: Stack) -> tuple[int, int] | None:
        """Leave out tokens up to one where a statement or an item begins, or the block ends."""
        tokens = self.tokens
        base = stack.base()
        inside = stack.in_block(stack.states[base - 1])
        nesting = 0
        for index in range(at, len(tokens.kinds)):
            kind = tokens.kinds[index]
            if kind == END:
                return None
            if begins_item(tokens, index):
                return self._go_on(index, stack.item_base())
            if kind == "LEFT_BRACE":
                nesting += 1
            elif kind == "RIGHT_BRACE" and nesting:
                nesting -= 1
            elif inside and not nesting and (kind == "RIGHT_BRACE" or begins_statement(tokens, index)):
                return self._go_on(index, base)
        return None

    def _go_on(self, at: int, height: int) -> tuple[int, int]:
        self._resumed = at
        return at, height

    def _token_at(self, offset: int, before: int) -> int:
        """The number of the token that begins at an offset."""
        return self.tokens.starts.index(offset, 0, before + 1)
