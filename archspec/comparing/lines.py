"""Texts over several lines: words where they fit, labels before them, formulas set in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archspec.report.style import Style

_LABEL = 9


def labelled(label: str, text: str, width: int, style: Style) -> list[str]:
    """Lines with a label before the first; none where there is nothing to say."""
    if not text:
        return []
    lines = wrapped(text, max(width - _LABEL, 20))
    return [f"{style(f'{label:<{_LABEL}}', 'label')}{lines[0]}", *(" " * _LABEL + line for line in lines[1:])]


def wrapped(text: str, width: int) -> list[str]:
    """Words on as few lines as hold them."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines


def broken(formula: str, width: int) -> list[str]:
    """A formula over several lines, broken where words allow, later lines set in."""
    lines = [""]
    for word in formula.split(" "):
        if lines[-1].strip() and len(lines[-1]) + 1 + len(word) > max(width, 30):
            lines.append(f"  {word}")
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return [line.rstrip() for line in lines]
