"""What to say about a token that does not fit, and, where the mistake is plain, how to read on as if it were right."""

from __future__ import annotations

from archspec.errors.diagnostic import Diagnostics, Note
from archspec.errors.suggest import nearest
from archspec.syntax.lexer import Tokens
from archspec.syntax.source import Place, Source
from archspec.syntax.stack import Stack
from archspec.syntax.tables import END, tables
from archspec.syntax.words import ITEMS, STATEMENTS, listed, shown

_CLOSING = {"LEFT_PARENTHESIS": ")", "LEFT_BRACKET": "]", "LEFT_BRACE": "}"}
_BLOCKS = ("layer", "model", "test", "repeat", "each", "if", "else")

# Words of other languages, and what to write instead.
_HABITS = {
    "return": "assign the output: `y = ...`",
    "for": "loops are `repeat count { ... }` and `each x in list { ... }`",
    "while": "loops are `repeat count { ... }` and `each x in list { ... }`",
    "let": "leave it out: `x = ...`",
    "var": "leave it out: `x = ...`",
    "const": "write `where x = ...`",
    "elif": "write `else if`",
    "def": "write `layer`",
    "class": "write `layer`",
    "module": "write `layer`",
    "import": 'write `use "file.arch"`',
    "include": 'write `use "file.arch"`',
    "from": 'write `use "file.arch"`',
    "assert": "write `require`",
    "input": "inputs stand in the signature: `x[B, d] -> y[B, d]`",
    "output": "outputs stand in the signature: `x[B, d] -> y[B, d]`",
}

Repair = tuple[int, int]
"""Where to go on when the tokens were mended: the number of a token and a height of the stack."""


class Explainer:
    """Reports what is wrong at a token of one text."""

    def __init__(self, source: Source, tokens: Tokens, diagnostics: Diagnostics) -> None:
        self.source = source
        self.tokens = tokens
        self.diagnostics = diagnostics

    def explain(self, at: int, stack: Stack) -> Repair | None:
        """Report that token `at` does not fit on the stack."""
        kind = self.tokens.kinds[at]
        expected = stack.expected()
        if self._ends_early(at, stack):
            return self._unclosed(at, stack)
        if kind in ("RIGHT_PARENTHESIS", "RIGHT_BRACKET", "RIGHT_BRACE") and self._wrong_closing(at, stack):
            return None
        if kind == "EQUAL" and "COMPARISON" in expected:
            return self._equals(at, stack)
        if kind == "COMPARISON" and "AND" in expected and self.tokens.texts[at] != "=":
            self.diagnostics.error("chained-comparison", self._place(at), fix="join the two with `and`")
            self._replace(at, "AND", "and")
            return at, len(stack.states)
        if self.tokens.texts[at] == "else" and stack.keyword() == "IF":
            self.diagnostics.error("choice-outside-brackets", self._if(stack, at), fix="write `(a if c else b)`")
            return None
        if kind == "LONG_STRING":
            self.diagnostics.error("misplaced-doc", self._place(at))
            self._remove(at)
            return at, len(stack.states)
        if kind == "LEFT_BRACKET" and stack.keyword() in ("NAME", "word") and stack.base() == len(stack.states) - 1:
            self.diagnostics.error("misplaced-signature", self._place(at - 1))
            return None
        word = self._unknown_word(at, stack)
        if word is not None:
            return self._misspelled(word, at, stack)
        self._unexpected(at, stack, expected)
        return None

    # --- blocks and brackets -----------------------------------------------------------------------

    def _ends_early(self, at: int, stack: Stack) -> bool:
        """Does the file end, or an item begin, while a block is open?"""
        tokens = self.tokens
        if stack.item_base() == len(stack.states) or "LEFT_BRACE" not in self._open(stack):
            return False
        if tokens.kinds[at] == END:
            return True
        # An item inside a block: `layer Name (` was read as a statement up to its second word.
        before = at - 1
        return (
            stack.in_block(stack.states[-2])
            and tables().keywords.get(tokens.texts[before]) in ITEMS
            and tokens.kinds[at] in ("NAME", "STRING")
        ) or (tables().keywords.get(tokens.texts[at]) in ITEMS and tokens.kinds[at + 1] in ("NAME", "STRING"))

    def _open(self, stack: Stack) -> list[str]:
        return [stack.symbol(index) for index in range(stack.item_base(), len(stack.states))]

    def _unclosed(self, at: int, stack: Stack) -> Repair | None:
        """A bracket or a block is open where the file ends or the next item begins."""
        tokens = self.tokens
        bracket = stack.open_bracket()
        if bracket is not None and tokens.kinds[at] == END:
            self._unclosed_bracket(at, *bracket)
            return None
        at = at if tokens.kinds[at] == END or tables().keywords.get(tokens.texts[at]) in ITEMS else at - 1
        first = stack.starts[stack.item_base() - 1]
        opened, closing = self._suspect(tokens.starts.index(first), at)
        block = self._block(opened)
        notes = [Note(f"{block} begins here", self._place(opened))]
        if closing is not None:
            notes.append(Note("this `}` closes it now, but is indented less", self._place(closing)))
        place = self._place(at) if tokens.kinds[at] != END else self._after(at - 1)
        line, _ = self.source.position(tokens.starts[opened])
        self.diagnostics.error("unclosed-block", place, notes=tuple(notes), block=block, line=line)
        return None

    def _suspect(self, first: int, at: int) -> tuple[int, int | None]:
        """The `{` that most likely lacks its `}`, among the tokens of an item, and the `}` that closed it by mistake.

        A `}` that begins a line is expected to be indented like the line of its `{`.
        """
        tokens = self.tokens
        opened: list[int] = []
        for index in range(first, at):
            if tokens.kinds[index] == "LEFT_BRACE":
                opened.append(index)
            elif tokens.kinds[index] == "RIGHT_BRACE" and opened:
                begin = opened.pop()
                own_line = self.source.text[tokens.ends[index - 1] : tokens.starts[index]].find("\n") >= 0
                if own_line and self._indent(index) < self._indent(begin):
                    return begin, index
        return opened[-1], None

    def _indent(self, token: int) -> int:
        start = self.tokens.starts[token]
        line = self.source.text[self.source.text.rfind("\n", 0, start) + 1 : start]
        return len(line) - len(line.lstrip())

    def _block(self, brace: int) -> str:
        """The block that a `{` opens, in words: "`layer Block`"."""
        tokens = self.tokens
        nesting = 0
        for index in range(brace - 1, -1, -1):
            kind, text = tokens.kinds[index], tokens.texts[index]
            nesting += (kind in ("RIGHT_PARENTHESIS", "RIGHT_BRACKET")) - (kind in ("LEFT_PARENTHESIS", "LEFT_BRACKET"))
            if nesting or text not in _BLOCKS or (index and tokens.texts[index - 1] in ("as", "at", "in", ".")):
                continue
            return f"`{text} {tokens.texts[index + 1]}`" if text in ("layer", "model") else f"`{text}`"
        return "the block"

    def _wrong_closing(self, at: int, stack: Stack) -> bool:
        """A closing bracket where another, or none, is open."""
        found = self.tokens.texts[at]
        bracket = stack.open_bracket()
        if bracket is not None and _CLOSING[bracket[0]] != found:
            self._unclosed_bracket(at, *bracket)
            return True
        if bracket is None and (found != "}" or "LEFT_BRACE" not in self._open(stack)):
            self.diagnostics.error("unopened-bracket", self._place(at), closing=found)
            return True
        return False

    def _unclosed_bracket(self, at: int, opening: str, offset: int) -> None:
        line, _ = self.source.position(offset)
        sign = self.source.text[offset]
        note = Note(f"the `{sign}` stands here", Place(self.source, offset, offset + 1))
        place = self._place(at) if self.tokens.kinds[at] != END else self._after(at - 1)
        found = shown(self.tokens.texts[at])
        closing = _CLOSING[opening]
        self.diagnostics.error(
            "unclosed-bracket", place, notes=(note,), closing=closing, opening=sign, line=line, found=found
        )

    # --- plain mistakes ----------------------------------------------------------------------------

    def _equals(self, at: int, stack: Stack) -> Repair | None:
        self.diagnostics.error("equals-in-condition", self._place(at), fix="write `==`")
        self._replace(at, "COMPARISON", "==")
        return at, len(stack.states)

    def _if(self, stack: Stack, at: int) -> Place:
        """From the `if` of the present statement to token `at`."""
        start = stack.starts[stack.base() - 1]
        return Place(self.source, start, self.tokens.ends[at])

    def _unknown_word(self, at: int, stack: Stack) -> int | None:
        """The word that stands where a keyword is needed: `laeyr Foo {`, `reqire x`. None when that is not the mistake."""
        tokens = self.tokens
        if stack.at_item(stack.states[-1]):
            return at if tokens.kinds[at] == "NAME" else None
        word = at - 1
        if stack.base() != len(stack.states) - 1 or tokens.kinds[word] != "NAME" or "REQUIRE" not in stack.row(-2):
            return None
        text = tokens.texts[word]
        if text in _HABITS:
            return word
        if tokens.kinds[at] == "LEFT_PARENTHESIS" or text in tables().keywords or not self._near(text, STATEMENTS):
            return None
        return word

    def _misspelled(self, word: int, at: int, stack: Stack) -> Repair | None:
        tokens = self.tokens
        text = tokens.texts[word]
        among, kind = (ITEMS, "unknown-item") if word == at else (STATEMENTS, "unknown-statement")
        near = None if text in _HABITS else self._near(text, among)
        fix = _HABITS.get(text) or (near and f"did you mean `{near}`?")
        self.diagnostics.error(kind, self._place(word), word=text, fix=fix)
        if near is None:
            return None
        self._replace(word, "NAME", near)
        return word, len(stack.states) - (at - word)

    def _near(self, text: str, among: frozenset[str]) -> str | None:
        return nearest(text, sorted(tables().literals[terminal] for terminal in among))

    def _unexpected(self, at: int, stack: Stack, expected: set[str]) -> Repair | None:
        tokens = self.tokens
        bracket = stack.open_bracket()
        if bracket is not None and self._new_line(at) and expected & {"RIGHT_PARENTHESIS", "RIGHT_BRACKET"}:
            self._unclosed_bracket(at, *bracket)
            return None
        where = f" after {shown(tokens.texts[at - 1])}" if at else ""
        place = self._place(at) if tokens.kinds[at] != END else self._after(at - 1)
        fix = None
        begun = stack.base() == len(stack.states) - 1 and at > 1 and not self._new_line(at - 1)
        if begun and tokens.kinds[at - 1] == "NAME" and tokens.kinds[at - 2] != "LEFT_BRACE":
            fix = f"is an operator such as `->` missing before `{tokens.texts[at - 1]}`?"
        self.diagnostics.error(
            "unexpected-token", place, expected=listed(expected), where=where, found=shown(tokens.texts[at]), fix=fix
        )
        return None

    # --- places ------------------------------------------------------------------------------------

    def _place(self, token: int) -> Place:
        return Place(self.source, self.tokens.starts[token], self.tokens.ends[token])

    def _after(self, token: int) -> Place:
        end = self.tokens.ends[token] if token >= 0 else 0
        return Place(self.source, end, end)

    def _new_line(self, at: int) -> bool:
        return at > 0 and "\n" in self.source.text[self.tokens.ends[at - 1] : self.tokens.starts[at]]

    def _replace(self, at: int, kind: str, text: str) -> None:
        self.tokens.kinds[at] = kind
        self.tokens.texts[at] = text

    def _remove(self, at: int) -> None:
        tokens = self.tokens
        del tokens.kinds[at], tokens.texts[at], tokens.starts[at], tokens.ends[at]
        tokens.disturbed = {d - (d > at) for d in tokens.disturbed}
