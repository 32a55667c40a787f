"""Where does something begin, in all likelihood? Guesses from the tokens alone, for texts that do not parse."""

from __future__ import annotations

from archspec.syntax.lexer import Tokens
from archspec.syntax.tables import tables
from archspec.syntax.words import ITEMS, STATEMENTS

# Words of other languages, and what to write instead.
HABITS = {
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

_BETWEEN = frozenset(["as", "at", "in", "if", "else", "and", "or", "not", "when", "for"])
_WHOLE = frozenset(["NAME", "NUMBER", "STRING", "RIGHT_PARENTHESIS", "RIGHT_BRACKET", "LEFT_BRACE", "RIGHT_BRACE"])


def keyword(tokens: Tokens, at: int) -> str | None:
    """The terminal of a token that is a keyword's word."""
    return tables().keywords.get(tokens.texts[at]) if tokens.kinds[at] == "NAME" else None


def begins_item(tokens: Tokens, at: int) -> bool:
    """Does an item begin here? Right even where a `}` is missing before it."""
    kinds, texts = tokens.kinds, tokens.texts
    if keyword(tokens, at) not in ITEMS:
        return False
    following = kinds[at + 1]
    if texts[at] in ("test", "use"):
        return following == "STRING" and first_on_line(tokens, at)
    if texts[at] == "plan":
        return following == "NAME" and first_on_line(tokens, at) and texts[at + 2] == "for"
    if texts[at] == "external":
        return following == "NAME" and first_on_line(tokens, at)
    if at and texts[at - 1] == "external":
        return False
    return following == "NAME" and kinds[at + 2] in ("LEFT_BRACE", "LEFT_PARENTHESIS", "EQUAL")


def begins_statement(tokens: Tokens, at: int) -> bool:
    """Does a statement begin here? Only the first token of a line is taken for one."""
    if tokens.kinds[at] != "NAME" or not first_on_line(tokens, at):
        return False
    if keyword(tokens, at) in STATEMENTS or tokens.kinds[at + 1] in ("EQUAL", "COMMA"):
        return True
    # A word after a whole value goes on with it only if it is one of the words between values.
    return tokens.texts[at] not in _BETWEEN and tokens.kinds[at - 1] in _WHOLE


def first_on_line(tokens: Tokens, at: int) -> bool:
    """Is this token the first on its line?"""
    return at == 0 or "\n" in tokens.source.text[tokens.ends[at - 1] : tokens.starts[at]]
