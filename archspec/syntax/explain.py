"""What to say about a token that does not fit, and, where the mistake is plain, how to read on as if it were right."""

from __future__ import annotations

from archspec.errors.diagnostic import Diagnostics, Note
from archspec.errors.suggest import nearest
from archspec.syntax.beginnings import HABITS, begins_item, first_on_line, keyword
from archspec.syntax.lexer import Tokens
from archspec.syntax.source import Place, Source
from archspec.syntax.stack import Stack
from archspec.syntax.tables import END, tables
from archspec.syntax.words import ITEMS, STATEMENTS, listed, shown

_CLOSING = {"LEFT_PARENTHESIS": ")", "LEFT_BRACKET": "]", "LEFT_BRACE": "}"}
_CLOSERS = ("RIGHT_PARENTHESIS", "RIGHT_BRACKET", "RIGHT_BRACE")
_VALUE_GOES_ON = frozenset(
    ("LEFT_PARENTHESIS", "ARROW", "DOT", "RIGHT_BRACE", "NAME", "COMPARISON", "PLUS", "MINUS", "STAR", "SLASH")
)
_BLOCKS = ("layer", "model", "test", "repeat", "each", "if", "else")

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
        kind, text = self.tokens.kinds[at], self.tokens.texts[at]
        if self._broken_off(at):
            return self._incomplete(at, stack)
        if self._ends_early(at, stack):
            return self._unclosed(at, stack)
        if kind in _CLOSERS and self._wrong_closing(at, stack):
            return None
        if kind == "EQUAL" and stack.accepts("COMPARISON"):
            self.diagnostics.error("equals-in-condition", self._place(at), fix="write `==`")
            return self._replaced(at, "COMPARISON", "==", stack)
        if kind == "COMPARISON" and stack.accepts("AND"):
            self.diagnostics.error("chained-comparison", self._place(at), fix="join the two with `and`")
            return self._replaced(at, "AND", "and", stack)
        if text == "else" and stack.keyword() == "IF":
            self.diagnostics.error("choice-outside-brackets", self._statement(stack, at), fix="write `(a if c else b)`")
            return None
        if kind == "LONG_STRING":
            self.diagnostics.error("misplaced-doc", self._place(at))
            self._remove(at)
            return at, len(stack.states)
        if kind == "LEFT_BRACKET" and self._begun(stack) and first_on_line(self.tokens, at - 1):
            self.diagnostics.error("misplaced-signature", self._place(at - 1))
            return None
        word = self._unknown_word(at, stack)
        if word is not None:
            return self._misspelled(word, at, stack)
        self._unexpected(at, stack, stack.expected())
        return None

    def _begun(self, stack: Stack) -> bool:
        """Has the present statement just one word so far?"""
        return stack.base() == len(stack.states) - 1

    # --- blocks and brackets -----------------------------------------------------------------------

    def _broken_off(self, at: int) -> bool:
        """Is the token before the first of a new statement or item, taken for the end of the one before?"""
        tokens = self.tokens
        before = at - 1
        if before < 1 or tokens.texts[before - 1] in ("}", "{") or not first_on_line(tokens, before):
            return False
        return tokens.kinds[at] == "EQUAL" or begins_item(tokens, before)

    def _incomplete(self, at: int, stack: Stack) -> Repair:
        """`y = x ->`, and a new statement on the next line."""
        tokens = self.tokens
        last = at - 2
        self.diagnostics.error(
            "unexpected-token",
            self._after(last),
            expected=listed(stack.before_last()),
            where=f" after {shown(tokens.texts[last])}",
            found="the end of the line",
        )
        return at - 1, stack.item_base() if begins_item(tokens, at - 1) else stack.base()

    def _ends_early(self, at: int, stack: Stack) -> bool:
        """Does the file end, or an item begin, while a block is open?"""
        tokens = self.tokens
        if not stack.in_open_block():
            return False
        return (
            tokens.kinds[at] == END or begins_item(tokens, at) or (self._begun(stack) and begins_item(tokens, at - 1))
        )

    def _unclosed(self, at: int, stack: Stack) -> Repair | None:
        """A bracket or a block is open where the file ends or the next item begins."""
        tokens = self.tokens
        bracket = stack.open_bracket()
        if bracket is not None and tokens.kinds[at] == END:
            self._unclosed_bracket(at, *bracket)
            return None
        at = at if tokens.kinds[at] == END or begins_item(tokens, at) else at - 1
        first = stack.starts[stack.item_base() - 1]
        opened, closing = self._suspect(tokens.starts.index(first), at)
        block = self._block(opened)
        notes = [Note(f"{block} begins here", self._place(opened))]
        if closing is not None:
            notes.append(Note("this `}` closes it now, but is indented less", self._place(closing)))
        line, _ = self.source.position(tokens.starts[opened])
        self.diagnostics.error("unclosed-block", self._place(at), notes=tuple(notes), block=block, line=line)
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
        if bracket is None and (found != "}" or not stack.in_open_block()):
            self.diagnostics.error("unopened-bracket", self._place(at), closing=found)
            return True
        return False

    def _unclosed_bracket(self, at: int, opening: str, offset: int) -> None:
        line, _ = self.source.position(offset)
        sign = self.source.text[offset]
        note = Note(f"the `{sign}` stands here", Place(self.source, offset, offset + 1))
        self.diagnostics.error(
            "unclosed-bracket",
            self._place(at),
            notes=(note,),
            closing=_CLOSING[opening],
            opening=sign,
            line=line,
            found=shown(self.tokens.texts[at]),
        )

    # --- plain mistakes ----------------------------------------------------------------------------

    def _statement(self, stack: Stack, at: int) -> Place:
        """From the start of the present statement to token `at`."""
        return Place(self.source, stack.starts[stack.base() - 1], self.tokens.ends[at])

    def _unknown_word(self, at: int, stack: Stack) -> int | None:
        """The word that stands where a keyword is needed: `laeyr Foo {`, `reqire x`. None: that is not the mistake."""
        tokens = self.tokens
        if stack.accepts("LAYER"):
            return at if tokens.kinds[at] == "NAME" else None
        word = at - 1
        if not self._begun(stack) or tokens.kinds[word] != "NAME" or "REQUIRE" not in stack.row(-2):
            return None
        text = tokens.texts[word]
        if text in HABITS or text in tables().keywords:
            return word if text in HABITS or keyword(tokens, word) not in STATEMENTS else None
        return word if tokens.kinds[at] != "LEFT_PARENTHESIS" and self._near(text, STATEMENTS) else None

    def _misspelled(self, word: int, at: int, stack: Stack) -> Repair | None:
        tokens = self.tokens
        text = tokens.texts[word]
        among, kind = (ITEMS, "unknown-item") if word == at else (STATEMENTS, "unknown-statement")
        near = None if text in HABITS or text in tables().keywords else self._near(text, among)
        fix = f"did you mean `{near}`?" if near else HABITS.get(text) if first_on_line(self.tokens, word) else None
        self.diagnostics.error(kind, self._place(word), word=text, fix=fix)
        if near is None:
            return None
        self.tokens.texts[word] = near
        return word, len(stack.states) - (at - word)

    def _near(self, text: str, among: frozenset[str]) -> str | None:
        return nearest(text, sorted(tables().literals[terminal] for terminal in among))

    def _unexpected(self, at: int, stack: Stack, expected: set[str]) -> None:
        tokens = self.tokens
        bracket = stack.open_bracket()
        breaks = tokens.kinds[at] == "LEFT_BRACE" or first_on_line(tokens, at)
        if bracket is not None and breaks and expected & {"RIGHT_PARENTHESIS", "RIGHT_BRACKET"}:
            self._unclosed_bracket(at, *bracket)
            return
        fix = None
        said = listed(expected)
        if self._begun(stack) and stack.symbol(-1) == "NAME" and tokens.kinds[at] in _VALUE_GOES_ON:
            if first_on_line(tokens, at - 1):
                fix = "name what is computed: `y = ...`"
            elif tokens.texts[at - 2] not in "{}":
                at -= 1
                said = "an operator or a statement"
                fix = f"is an operator such as `->` missing before `{tokens.texts[at]}`?"
        self.diagnostics.error(
            "unexpected-token",
            self._place(at),
            expected=said,
            where=f" after {shown(tokens.texts[at - 1])}" if at else "",
            found=shown(tokens.texts[at]),
            fix=fix,
        )

    # --- places ------------------------------------------------------------------------------------

    def _place(self, token: int) -> Place:
        """A token's place; for the end of the file, right after the last token, so that a line is there to be shown."""
        if self.tokens.kinds[token] == END:
            return self._after(token - 1)
        return Place(self.source, self.tokens.starts[token], self.tokens.ends[token])

    def _after(self, token: int) -> Place:
        end = self.tokens.ends[token] if token >= 0 else 0
        return Place(self.source, end, end)

    def _replaced(self, at: int, kind: str, text: str, stack: Stack) -> Repair:
        """Go on as if another token stood there."""
        self.tokens.kinds[at] = kind
        self.tokens.texts[at] = text
        return at, len(stack.states)

    def _remove(self, at: int) -> None:
        tokens = self.tokens
        del tokens.kinds[at], tokens.texts[at], tokens.starts[at], tokens.ends[at]
        tokens.disturbed = {d - (d > at) for d in tokens.disturbed}
