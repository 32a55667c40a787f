"""The values of literals: numbers with their units, texts with their escapes."""

from __future__ import annotations

from fractions import Fraction

from archspec.syntax.limits import EXPONENT, INTEGER_DIGITS

UNITS = {
    "B": 1,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
}
"""Bytes in a unit."""


def number(text: str) -> tuple[int | Fraction, str] | None:
    """The exact value of a number and its unit ("" without); None when it passes the limits.

    `12` is an int; a number with a point or an exponent is a Fraction (`1.0` is real even though it is whole).
    With a unit the value is in bytes: an int when it is whole.
    """
    if text.isdecimal() and len(text) <= INTEGER_DIGITS:
        return int(text), ""
    unit = next((u for u in ("KiB", "MiB", "GiB", "TiB", "kB", "MB", "GB", "TB", "B") if text.endswith(u)), "")
    digits = text[: len(text) - len(unit)].replace("_", "")
    mantissa, _, exponent = digits.replace("E", "e").partition("e")
    if len(mantissa) > INTEGER_DIGITS or len(exponent) > 5 or (exponent and abs(int(exponent)) > EXPONENT):
        return None
    if "." not in mantissa and not exponent:
        return int(mantissa) * UNITS.get(unit, 1), unit
    whole, _, part = mantissa.partition(".")
    shift = int(exponent or 0) - len(part)
    value = int(whole + part) * Fraction(10) ** shift
    if not unit:
        return value, ""
    value *= UNITS[unit]
    return (value.numerator if value.denominator == 1 else value), unit


_ESCAPES = {'"': '"', "\\": "\\", "n": "\n"}


def unescape(text: str) -> tuple[str, int]:
    r"""The content of a text written between quotes, and where in it the first unknown escape is (-1: none).

    Known are `\"`, `\\` and `\n`; an unknown one stays as it is.
    """
    inner = text[1:-1]
    if "\\" not in inner:
        return inner, -1
    parts: list[str] = []
    bad = -1
    done = 0
    at = inner.find("\\")
    while at >= 0:
        parts.append(inner[done:at])
        known = _ESCAPES.get(inner[at + 1])
        if known is None and bad < 0:
            bad = at + 1
        parts.append(inner[at : at + 2] if known is None else known)
        done = at + 2
        at = inner.find("\\", done)
    parts.append(inner[done:])
    return "".join(parts), bad


def clean_doc(text: str) -> str:
    '''The content of a `"""` text: without the indentation all its lines share, and without blank ends.'''
    lines = text[3:-3].replace("\r\n", "\n").expandtabs().split("\n")
    rest = [line for line in lines[1:] if line.strip()]
    margin = min((len(line) - len(line.lstrip()) for line in rest), default=0)
    cleaned = [lines[0].strip(), *(line[margin:].rstrip() for line in lines[1:])]
    return "\n".join(cleaned).strip()
