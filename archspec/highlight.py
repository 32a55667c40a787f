"""A Pygments lexer for `.arch`, found by the name `arch` (entry point `pygments.lexers`).

Tokens are those of the language's own tables, and so is what is a keyword: which words the grammar lets begin a line
or follow a value is read off the parser's states. Texts need not be whole files, so what stands around a word decides
whether it is used as a keyword or as a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pygments.lexer import Lexer
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from archspec.syntax.tables import tables

_KINDS: dict[str, Any] = {
    "LONG_STRING": String.Doc,
    "STRING": String.Double,
    "NUMBER": Number,
    "COMMENT": Comment.Single,
    "SPACE": Whitespace,
    "COMMA": Punctuation,
    "COLON": Punctuation,
    "DOT": Punctuation,
    **{f"{side}_{form}": Punctuation for side in ("LEFT", "RIGHT") for form in ("PARENTHESIS", "BRACKET", "BRACE")},
}
"""What tokens of each kind are to Pygments; all others are operators, names are looked at one by one."""

_STARTS = ("USE", "REQUIRE", "PRECISION")
"""A word that begins an item, one that begins a statement, one that begins a line of a plan: where it can be read,
something begins."""

_WHOLE = frozenset(["NAME", "NUMBER", "STRING", "RIGHT_PARENTHESIS", "RIGHT_BRACKET", "RIGHT_BRACE", "STAR"])
_AS_A_NAME = frozenset(
    ["EQUAL", "COMMA", "LEFT_BRACKET", "DOT", "COLON", "RIGHT_PARENTHESIS", "RIGHT_BRACKET", "ARROW"]
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int
    begins: bool
    """Whether it is the first of its line, or follows a brace."""


class ArchLexer(Lexer):  # type: ignore[misc] # Pygments has no types
    """Descriptions of neural networks, as archspec reads them."""

    name = "archspec"
    aliases = ("arch",)
    filenames = ("*.arch",)

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, Any, str]]:
        """The tokens of a text with their offsets. What begins no token is an `Error`."""
        tokens = list(_tokens(text))
        solid = [token for token in tokens if token.kind not in ("SPACE", "COMMENT")]
        kinds = {token.at: _kind(solid, place) for place, token in enumerate(solid)}
        for token in tokens:
            yield token.at, kinds.get(token.at, _KINDS.get(token.kind)), token.text


def _tokens(text: str) -> Iterator[_Token]:
    match = _pattern().match
    at, begins = 0, True
    while at < len(text):
        found = match(text, at)
        kind, written = (found.lastgroup or "", found.group()) if found else ("", text[at])
        yield _Token(kind, written, at, begins)
        at += len(written)
        begins = "\n" in written or kind in ("LEFT_BRACE", "RIGHT_BRACE") or (begins and kind in ("SPACE", "COMMENT"))


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(tables().pattern)


def _kind(solid: list[_Token], place: int) -> Any:
    """What the token at a place, among those that are no space or comment, is to Pygments."""
    token = solid[place]
    if token.kind != "NAME":
        return _KINDS.get(token.kind, Operator) if token.kind else Error
    before = solid[place - 1] if place else None
    after = solid[place + 1].kind if place + 1 < len(solid) else ""
    terminal = tables().keywords.get(token.text)
    if terminal is not None and _is_keyword(terminal, token, before, after):
        return {"TRUE": Keyword.Constant, "FALSE": Keyword.Constant}.get(terminal, Keyword)
    # Layers and models are written `Linear`; a single capital is an axis, such as the batch.
    if token.text[0].isupper() and len(token.text) > 1 and (before is None or before.kind != "DOT"):
        return Name.Class
    return Name.Function if after == "LEFT_PARENTHESIS" else Name


def _is_keyword(terminal: str, token: _Token, before: _Token | None, after: str) -> bool:
    """Whether a keyword's word is used as one: a name may be the same word wherever the grammar can tell."""
    starting, joining = _places()
    if before is not None and before.kind == "DOT":
        return False
    if terminal in joining and before is not None and before.kind in _WHOLE and after != "EQUAL":
        return True
    if terminal in starting:
        return token.begins and after not in _AS_A_NAME
    return terminal not in joining and after != "EQUAL"


@cache
def _places() -> tuple[frozenset[str], frozenset[str]]:
    """The keywords that can begin an item or line, and those that can stand after a value, by the parser's states."""
    keywords = frozenset(tables().keywords.values())
    starting: set[str] = set()
    joining: set[str] = set()
    for actions in tables().actions:
        read = {terminal for terminal, action in actions.items() if action >= 0}  # read, not a reason to reduce
        if read & set(_STARTS):
            starting |= read & keywords
        elif "NAME" not in read:
            joining |= read & keywords
    return frozenset(starting), frozenset(joining)
