"""The picture of a terminal in the README: a real report, drawn by rich."""

from __future__ import annotations

import re
from io import StringIO

from rich._export_format import CONSOLE_SVG_FORMAT  # its template, of which only the fonts from elsewhere are left out
from rich.console import Console
from rich.text import Text

import archspec
from archspec.policy import Policy
from archspec.report.report import Report
from archspec.report.terminal import terminal

WIDTH = 118
OPTIONS = "--train adamw --precision mixed-bf16 --checkpoint DecoderLayer --set B=1 --set S=4096"
_FONTS = re.compile(r"@font-face \{\{.*?\n    \}\}\n", re.DOTALL)


def terminal_picture() -> str:
    """An SVG that asks for nothing from outside."""
    policy = Policy(precision="mixed-bf16", optimizer="adamw", checkpoint=("DecoderLayer",))
    shown = terminal(Report(archspec.load("llama3_8b"), policy, {"B": 1, "S": 4096}), WIDTH, colour=True)
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text(f"$ archspec size llama3_8b {OPTIONS}\n", style="bold"))
    console.print(Text.from_ansi(shown))
    template = _FONTS.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code,", "Fira Code, Menlo, Consolas,")
    drawn = console.export_svg(title="archspec", code_format=template, unique_id="archspec")
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"
