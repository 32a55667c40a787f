"""Expressions over the keys of a file: `hidden_size // num_attention_heads`, read from left to right."""

from __future__ import annotations

from collections.abc import Callable
from operator import add, eq, floordiv, mul

_OPERATIONS: dict[str, Callable[[int, int], int]] = {"+": add, "*": mul, "//": floordiv, "==": eq}


def worked_out(expression: str, number: Callable[[str], int]) -> int:
    """The value of words and operators between them, none of which binds tighter. number: what a key stands for.

    The divisor of `//` is a positive number, as all sizes are.
    """
    words = expression.split()
    value = _operand(words[0], number)
    for operator, word in zip(words[1::2], words[2::2], strict=True):
        value = _OPERATIONS[operator](value, _operand(word, number))
    return value


def _operand(word: str, number: Callable[[str], int]) -> int:
    return int(word) if word.isdecimal() else number(word)
