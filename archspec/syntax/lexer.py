"""From a text to its tokens.

The whole text is read before parsing: then the parser can look ahead as far as it needs to recover from an error.
A word is a `NAME` here; whether it is a keyword depends on where it stands, and so is the parser's business.
"""

from __future__ import annotations

import re
from functools import cache

from archspec.errors.diagnostic import Diagnostics
from archspec.syntax.limits import ERRORS, NAME_LENGTH, NESTING
from archspec.syntax.literals import UNITS
from archspec.syntax.source import Place, Source
from archspec.syntax.tables import END, tables
from archspec.syntax.tree import Comment

_OPENING = {"LEFT_PARENTHESIS": "RIGHT_PARENTHESIS", "LEFT_BRACKET": "RIGHT_BRACKET", "LEFT_BRACE": "RIGHT_BRACE"}
_CLOSING = frozenset(_OPENING.values())

# What people write from habit or paste from a page: the sign, how it is written here, and the token it stands for.
_FOREIGN = {
    "&&": ("and", "AND"),
    "||": ("or", "OR"),
    "!": ("not", "NOT"),
    "^": ("**", "POWER"),
    "→": ("->", "ARROW"),
    "×": ("*", "STAR"),
    "·": ("*", "STAR"),
    "÷": ("/", "SLASH"),
    "−": ("-", "MINUS"),
    "–": ("-", "MINUS"),
    "≤": ("<=", "COMPARISON"),
    "≥": (">=", "COMPARISON"),
    "≠": ("!=", "COMPARISON"),
}
_FIXES = {
    ";": "statements need no separator: leave it out",
    "'": 'texts stand between double quotes: `"`',
    "“": 'write the plain quote `"`',
    "”": 'write the plain quote `"`',
    "\N{NO-BREAK SPACE}": "write an ordinary space",
    "@": "an instance is named with `as`",
    "$": "names are made of letters, digits and `_`",
}

_WORD = re.compile(r"[0-9][0-9A-Za-z_]*(?:\.[0-9][0-9A-Za-z_]*)?")


class Tokens:
    """The tokens of a text, as parallel lists: kind, text, start and end. The last one is `$END`.

    `disturbed` holds the numbers of the tokens right after a character or text that could not be read; `unfinished`
    tells that reading stopped before the end, for brackets nested too deeply or too many errors.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.kinds: list[str] = []
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.comments: list[Comment] = []
        self.disturbed: set[int] = set()
        self.unfinished = False

    def add(self, kind: str, text: str, start: int, end: int) -> None:
        """Append a token."""
        self.kinds.append(kind)
        self.texts.append(text)
        self.starts.append(start)
        self.ends.append(end)

    def drop(self) -> int:
        """Take the last token away; returns where it began."""
        self.kinds.pop(), self.texts.pop(), self.ends.pop()
        return self.starts.pop()


@cache
def _token() -> re.Pattern[str]:
    return re.compile(tables().pattern)


def tokenize(source: Source, diagnostics: Diagnostics) -> Tokens:
    """The tokens of a source. What cannot be read is reported and left out, or replaced by what it stands for."""
    tokens = Tokens(source)
    text = source.text
    match = _token().match
    kinds, texts, starts, ends = tokens.kinds, tokens.texts, tokens.starts, tokens.ends
    at = 1 if text.startswith("\ufeff") else 0
    size = len(text)
    nesting = 0
    most = len(diagnostics.found) + ERRORS
    while at < size and len(diagnostics.found) < most:
        found = match(text, at)
        if found is None:
            at = _unreadable(source, at, tokens, diagnostics)
            continue
        kind = found.lastgroup or ""
        begin, at = at, found.end()
        if kind == "SPACE":
            continue
        if kind == "COMMENT":
            tokens.comments.append(Comment(begin, at, text[begin:at].rstrip("\r")))
            continue
        if kind in _OPENING:
            nesting += 1
            if nesting > NESTING:
                diagnostics.error("too-deep", Place(source, begin, at), limit=NESTING)
                at = begin
                break
        elif kind in _CLOSING:
            nesting = max(nesting - 1, 0)
        elif kind == "NAME" and at - begin > NAME_LENGTH:
            diagnostics.error("name-too-long", Place(source, begin, at), limit=NAME_LENGTH)
        kinds.append(kind)
        texts.append(found.group())
        starts.append(begin)
        ends.append(at)
    tokens.unfinished = at < size
    tokens.add(END, "", size, size)
    return tokens


def _unreadable(source: Source, at: int, tokens: Tokens, diagnostics: Diagnostics) -> int:
    """Report what stands at `at`, which begins no token; returns where to go on."""
    text = source.text
    tokens.disturbed.add(len(tokens.kinds))
    if text.startswith('"""', at):
        diagnostics.error("unclosed-text", Place(source, at, at + 3), quotes='"""', fix='close it with `"""`')
        tokens.add("LONG_STRING", '""""""', at, len(text))
        tokens.disturbed.add(len(tokens.kinds))
        return len(text)
    if text[at] == '"':
        return _unclosed_text(source, at, tokens, diagnostics)
    word = _WORD.match(text, at)
    if word is not None:
        _bad_number(source, at, word.group(), diagnostics)
        tokens.add("NUMBER", "1", at, word.end())
        return word.end()

    end = at + 1
    foreign = next((s for s in (text[at : at + 2], text[at]) if s in _FOREIGN), None)
    if foreign is not None:
        ours, kind = _FOREIGN[foreign]
        end = at + len(foreign)
        tokens.add(kind, ours, at, end)
        diagnostics.error("unknown-character", Place(source, at, end), character=foreign, fix=f"write `{ours}`")
        return end
    while end < len(text) and text[end] == text[at]:
        end += 1
    fix = _FIXES.get(text[at])
    if fix is None and text[at].isalpha():
        fix = "names are written with the letters a to z, digits and `_`"
        while end < len(text) and (text[end].isalnum() or text[end] == "_"):
            end += 1
        if tokens.ends and tokens.ends[-1] == at and tokens.kinds[-1] == "NAME":
            at = tokens.drop()  # `Größe`: its beginning was read as a name
        tokens.add("NAME", "_", at, end)
    shown = text[at:end] if text[at].isprintable() else f"U+{ord(text[at]):04X}"
    diagnostics.error("unknown-character", Place(source, at, end), character=shown[:20], fix=fix)
    return end


def _unclosed_text(source: Source, at: int, tokens: Tokens, diagnostics: Diagnostics) -> int:
    """A `"` without its end on the same line: the text is taken to go to the end of the line."""
    end = source.text.find("\n", at)
    end = len(source.text) if end < 0 else end
    diagnostics.error("unclosed-text", Place(source, at, end), quotes='"', fix='close it with `"` on the same line')
    tokens.add("STRING", '""', at, end)
    tokens.disturbed.add(len(tokens.kinds))
    return end


def _bad_number(source: Source, at: int, word: str, diagnostics: Diagnostics) -> None:
    """A word that begins with a digit, but is no number."""
    place = Place(source, at, at + len(word))
    number = re.match(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?", word)
    unit = word[number.end() :] if number else ""
    if unit and unit.isalpha() and not word[: len(word) - len(unit)].endswith("_"):
        near = next((u for u in UNITS if u.lower() == unit.lower()), None)
        if near is not None:
            diagnostics.error("bad-unit", place, unit=unit, fix=f"did you mean `{near}`?")
            return
    diagnostics.error("bad-number", place, number=word, fix=_number_fix(word))


def _number_fix(word: str) -> str | None:
    plain = word.rstrip("_").replace("__", "_")
    if re.fullmatch(r"[0-9]+(_[0-9]+)*", plain):
        return f"write `{plain}`"
    if word[:2].lower() in ("0x", "0b", "0o"):
        try:
            return f"numbers are decimal: write `{int(word.replace('_', ''), 0)}`" if len(word) < 40 else None
        except ValueError:
            return None
    return None
