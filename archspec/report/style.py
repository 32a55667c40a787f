"""Colours, and signs that every terminal has."""

from __future__ import annotations

_CODES = {"bold": "1", "dim": "2", "name": "1;36", "count": "33", "bar": "34", "label": "36", "bad": "1;31"}
_CODES |= {f"part{number}": code for number, code in enumerate(("34", "36", "32", "33", "93", "90", "35"), start=1)}

_PLAIN = str.maketrans(
    {
        "├": "|", "└": "`", "│": "|", "─": "-", "×": "x", "·": ".", "…": "~", "→": ">", "≤": "<", "²": "2", "³": "3",
        "⁴": "4", "█": "#", "▉": "#", "▊": "#", "▋": "#", "▌": "#", "▍": "#", "▎": "#", "▏": "#",
        "▓": "=", "▒": "+", "░": ":", "▚": "%", "▙": "@", "▞": "/", "▲": "^", "≥": ">", "–": "-", "—": "-",
        "⌈": "ceil(", "⌉": ")", "⌊": "floor(", "⌋": ")", "Σ": "sum",
    }
)  # fmt: skip


class Style:
    """Paints text for a terminal, or leaves it as it is."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, style: str) -> str:
        """The text in a style; in none where colours are off."""
        if not self.colour or not style or not text:
            return text
        return f"\033[{_CODES[style]}m{text}\033[0m"


def plain(text: str) -> str:
    """The same in ASCII, for streams that cannot write box characters."""
    return text.translate(_PLAIN)


def bar(part: int, whole: int, width: int) -> str:
    """A bar for a share, in eighths of a character."""
    if whole <= 0 or part <= 0:
        return ""
    eighths = max(1, (2 * part * width * 8 + whole) // (2 * whole))
    full, rest = divmod(eighths, 8)
    return "█" * full + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[rest]
