"""Terminals in words that people understand."""

from __future__ import annotations

from archspec.syntax.tables import END, tables

_NAMED = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a text",
    "LONG_STRING": 'a `"""` text',
    "COMPARISON": "a comparison such as `==`",
    END: "the end of the file",
}
_VALUES = frozenset(
    ["NAME", "NUMBER", "STRING", "TRUE", "FALSE", "NOT", "PLUS", "MINUS", "LEFT_PARENTHESIS", "LEFT_BRACKET"]
)
_OPERATORS = frozenset(
    [
        "PLUS",
        "MINUS",
        "STAR",
        "SLASH",
        "DOUBLE_SLASH",
        "PERCENT",
        "POWER",
        "COMPARISON",
        "AND",
        "OR",
        "ARROW",
        "DOT",
        "LEFT_PARENTHESIS",
        "LEFT_BRACKET",
        "IF",
    ]
)
STATEMENTS = frozenset(
    [
        "REQUIRE",
        "WHERE",
        "PARAM",
        "BUFFER",
        "SAVE",
        "VIEW",
        "STRIDED",
        "INPLACE",
        "FLOPS",
        "BACKWARD",
        "AUTOCAST",
        "UNVERIFIED",
        "TORCH",
        "KERAS",
        "SKLEARN",
        "REPEAT",
        "EACH",
        "IF",
        "TIE",
        "CACHE",
        "SHARD",
        "PASSES",
        "SCRATCH",
    ]
)
"""The keywords that begin statements."""

ITEMS = frozenset(("USE", "LAYER", "MODEL", "TEST", "PLAN", "EXTERNAL"))
"""The keywords that begin items."""


def word(terminal: str) -> str:
    """A terminal, as a message names it."""
    return _NAMED.get(terminal) or f"`{tables().literals[terminal]}`"


def listed(terminals: set[str]) -> str:
    """What could stand in a place: "a name, `,` or `)`". Long families have one name for all."""
    rest = set(terminals)
    parts: list[str] = []
    if {"NAME", "NUMBER", "LEFT_PARENTHESIS"} <= rest:
        rest -= _VALUES
        parts.append("a value")
    if {"IF", "WHERE"} <= rest:
        parts.append("a statement")
        rest -= STATEMENTS | {"NAME"}
    elif "NAME" in rest:
        rest -= STATEMENTS - {"IF"}  # a keyword that may be a name here
    if rest >= ITEMS:
        parts.append("`layer`, `model`, `test` or `use`")
        rest -= ITEMS
    if "PLUS" in rest:
        rest -= _OPERATORS
        parts.insert(0, "an operator")
    # A doc text may stand in many places where nobody thinks of it; `{` and names come first.
    order = sorted(rest - {"LONG_STRING"} or rest, key=lambda t: (t not in _NAMED, word(t)))
    parts = [word(t) for t in order[:4]] + parts if len(order) > 1 else parts + [word(t) for t in order]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " or " + parts[-1]


def shown(text: str) -> str:
    """A token as a message shows it: not longer than a glance."""
    line = text.split("\n", 1)[0]
    cut = line if len(line) <= 30 else line[:27] + "..."
    return f"`{cut}`" if text else "the end of the file"
