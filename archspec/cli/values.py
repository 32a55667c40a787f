"""The values that a command line gives: `B=8`, `depths=[3,4,6,3]`, `bias=false`, `approximate=tanh`.

Nothing is evaluated as code.
"""

from __future__ import annotations

from fractions import Fraction

from archspec.syntax.limits import INTEGER_DIGITS, ITEMS, NAME_LENGTH, NESTING
from archspec.syntax.literals import number, unescape

Setting = int | Fraction | bool | str | tuple["Setting", ...]

_FLAGS = {"true": True, "false": False}
_THOUSANDS = {"k": 1000, "K": 1000, "m": 10**6, "M": 10**6, "g": 10**9, "G": 10**9, "b": 10**9, "B": 10**9}
_BINARY = {"k": 2**10, "K": 2**10, "m": 2**20, "M": 2**20, "g": 2**30, "G": 2**30}


class BadValue(ValueError):
    """A value is not written as it should be; the message says how."""


def parse_setting(text: str) -> tuple[str, Setting]:
    """`NAME=VALUE` as a name and a value. Raises `BadValue`."""
    name, equals, value = text.partition("=")
    name, value = name.strip(), value.strip()
    if not equals or not _is_name(name):
        raise BadValue(f"`{_cut(text)}` is not NAME=VALUE, such as B=8")
    if not value:
        raise BadValue(f"`{name}=` has no value")
    return name, parse_value(value)


def parse_value(text: str) -> Setting:
    """An integer, a real number, a flag, a text (quoted or one word), or a list of these in `[ ]`.

    Raises `BadValue`.
    """
    reader = _Reader(text)
    value = reader.value(0)
    reader.end()
    return value


def _is_name(text: str) -> bool:
    """A name, or an entry of a list parameter: `depths[1]`."""
    base, bracket, index = text.partition("[")
    plain = base.isascii() and base.isidentifier() and len(text) <= NAME_LENGTH
    return plain and (not bracket or (index.endswith("]") and index.replace("][", "").rstrip("]").isdecimal()))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def end(self) -> None:
        """Nothing may follow."""
        self._skip()
        if self.at < len(self.text):
            raise BadValue(f"`{_cut(self.text[self.at :])}` is left over after the value")

    def value(self, depth: int) -> Setting:
        self._skip()
        if self._peek() == "[":
            return self._list(depth)
        if self._peek() == '"':
            return self._quoted()
        return _word(self._until())

    def _list(self, depth: int) -> Setting:
        if depth >= NESTING:
            raise BadValue(f"lists are nested more than {NESTING} deep")
        items: list[Setting] = []
        self.at += 1
        self._skip()
        while self._peek() != "]":
            items.append(self.value(depth + 1))
            if len(items) > ITEMS:
                raise BadValue(f"a list has at most {ITEMS} entries")
            self._skip()
            if self._peek() == ",":
                self.at += 1
                self._skip()
            elif self._peek() != "]":
                raise BadValue(f"the list `{_cut(self.text)}` lacks a `,` or its `]`")
        self.at += 1
        return tuple(items)

    def _quoted(self) -> str:
        stop = self.at + 1
        while stop < len(self.text) and self.text[stop] != '"':
            stop += 2 if self.text[stop] == "\\" else 1
        if stop >= len(self.text):
            raise BadValue(f'the text `{_cut(self.text[self.at :])}` lacks its second `"`')
        content, bad = unescape(self.text[self.at : stop + 1])
        if bad >= 0:
            raise BadValue('a text knows the escapes \\" and \\\\ and \\n, and no others')
        self.at = stop + 1
        return content

    def _until(self) -> str:
        start = self.at
        while self._peek() not in (",", "[", "]", ""):
            self.at += 1
        return self.text[start : self.at].strip()

    def _skip(self) -> None:
        while self._peek().isspace():
            self.at += 1

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]


def _word(word: str) -> Setting:
    """A value of one word."""
    if word in _FLAGS:
        return _FLAGS[word]
    if word.lower() in _FLAGS:
        raise BadValue(f"flags are written `{word.lower()}`, not `{word}`")
    if not word:
        raise BadValue("a value is missing")
    sign = -1 if word[0] == "-" else 1
    digits = word[1:] if word[0] in "+-" else word
    if not digits[:1].isdecimal() and digits[:1] != ".":
        return word
    if _is_number(digits):
        found = number(digits)
        if found is None:
            raise BadValue(f"the number `{_cut(word)}` is too long: at most {INTEGER_DIGITS} digits")
        return sign * found[0]
    raise BadValue(f"`{_cut(word)}` is not a number{_hint(digits)}")


def _is_number(text: str) -> bool:
    """`8`, `8_192`, `0.1`, `1e-5`; without units: what is set are counts, and `layers=8B` would be a surprise."""
    mantissa, e, exponent = text.replace("E", "e").partition("e")
    whole, point, part = mantissa.partition(".")
    exponent = exponent[1:] if exponent[:1] in ("+", "-") else exponent
    return _digits(whole) and (not point or _digits(part)) and (not e or _digits(exponent))


def _digits(text: str) -> bool:
    """Decimal digits, with single underscores between them."""
    return text.isascii() and all(group.isdecimal() for group in text.split("_"))


def _hint(digits: str) -> str:
    """What a person who writes `32k` may mean."""
    head, letter = digits[:-1], digits[-1:]
    if not _digits(head) or letter not in _THOUSANDS or len(head) > INTEGER_DIGITS:
        return ""
    thousands = f"{int(head) * _THOUSANDS[letter]:_}"
    if letter not in _BINARY:
        return f": write {thousands}"
    return f": write {thousands} or {int(head) * _BINARY[letter]:_}"


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
