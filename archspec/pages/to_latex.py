r"""Pages as fragments of LaTeX: for `\input` in an article that loads amsmath. Pictures are left out.

Only commands of LaTeX itself and of amsmath are used. Text is escaped sign by sign; what pdflatex cannot set without
more packages is put in signs that it can.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from archspec.formulas.markup import latex
from archspec.formulas.tree import Symbol
from archspec.pages import blocks
from archspec.pages.blocks import Block, Code, Line, Link, Page
from archspec.pages.latex_lines import lines
from archspec.pages.latex_tables import Cell, tables

_LEFT_OUT = (blocks.Picture, blocks.Fragment)
_TEXT_WIDTH, _NAME_LETTER, _INDENT = 345.0, 5.0, 10.0
"""In points: the text of an article, a letter of the name of a formula, and a step to the right."""
_SECTIONS = {1: "section", 2: "subsection", 3: "subsubsection"}
_SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\char34{}", "`": "`{}", "'": "'{}", "[": "{[}", "]": "{]}",
    "*": "{*}", "-": "{-}", "×": r"$\times$", "·": r"$\cdot$", "→": r"$\rightarrow$", "−": "$-$", "≤": r"$\leq$",
    "≥": r"$\geq$", "≠": r"$\neq$", "⌈": r"$\lceil$", "⌉": r"$\rceil$", "⌊": r"$\lfloor$", "⌋": r"$\rfloor$",
    "²": "$^{2}$", "³": "$^{3}$", "⁴": "$^{4}$", "…": r"\ldots{}", "Σ": r"$\Sigma$", "∑": r"$\sum$", "√": r"$\surd$",
    "–": "--", "—": "---", "“": "``", "”": "''", "‘": "`", "’": "'", "α": r"$\alpha$", "β": r"$\beta$",
    "γ": r"$\gamma$", "μ": r"$\mu$", "σ": r"$\sigma$", "∞": r"$\infty$", "¹": "$^{1}$", "ᵀ": "$^{T}$", "½": "$1/2$",
}  # fmt: skip


def fragment(page: Page) -> str:
    """A page as a file for an article."""
    parts = [rf"\section{{{text(page.title)}}}", *(_block(block) for block in _without_pictures(page.blocks))]
    inside = "\n\n".join(part for part in parts if part)
    # Names of code are long words, and formulas may be longer than a page.
    return f"\\begingroup\\sloppy\\allowdisplaybreaks\n{inside}\n\n\\endgroup\n"


def _without_pictures(shown: Sequence[Block]) -> list[Block]:
    """The blocks that LaTeX has, without headings below which nothing is left but words about a picture."""
    found: list[Block] = []
    rest = list(shown)
    while rest:
        block = rest.pop(0)
        if not isinstance(block, blocks.Heading):
            found += [] if isinstance(block, _LEFT_OUT) else [block]
            continue
        ends = (place for place, one in enumerate(rest) if isinstance(one, blocks.Heading) and one.level <= block.level)
        end = next(ends, len(rest))
        below = _without_pictures(rest[:end])
        had_pictures = any(isinstance(one, _LEFT_OUT) for one in rest[:end])
        if any(not isinstance(one, blocks.Paragraph) or not had_pictures for one in below):
            found += [block, *below]
        rest = rest[end:]
    return found


def text(written: str) -> str:
    """A text whose signs mean nothing to LaTeX."""
    return "".join(_sign(sign) for sign in " ".join(written.split()))


def _sign(sign: str) -> str:
    if sign in _SIGNS:
        return _SIGNS[sign]
    if " " <= sign <= "~":
        return sign
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return "".join(_SIGNS.get(one, one) for one in plain if " " <= one <= "~") or "?"


def equation(block: blocks.Equation) -> str:
    """A formula as a display: what does not fit on a line goes to the next, and may go to the next page."""
    name = rf"\text{{{text(block.name)}}} ={{}}"
    written, fits = lines(block.tree, _TEXT_WIDTH - _NAME_LETTER * (len(block.name) + 3))
    below, _ = lines(block.tree, _TEXT_WIDTH - _INDENT)
    if not fits or len(below) + 1 < len(written):  # there is more room below a long name
        shown = " \\\\\n&".join([f"&{name}", *(rf"\quad {line}" for line in below)])
    else:
        shown = " \\\\\n&".join([f"{name}& {written[0]}", *written[1:]])
    result = f"\\begin{{align*}}\n{shown}\n\\end{{align*}}"
    if block.where:
        named = [rf"${latex(Symbol(one))} = {latex(value)}$" for one, value in block.where]
        result += f"\nwhere {', '.join(named)}."
    return result


def _block(block: Block) -> str:
    match block:
        case blocks.Heading(level, title):
            return rf"\{_SECTIONS.get(level, 'paragraph')}{{{text(title)}}}"
        case blocks.Paragraph(line):
            return _inline(line)
        case blocks.Items(lines):
            items = "\n".join(rf"\item {{}}{_inline(line)}" for line in lines)
            return f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}"
        case blocks.Table():
            return _table(block)
        case blocks.Source(code):
            return _listing(code)
        case blocks.Equation():
            return equation(block)
        case blocks.Details(title, inner):
            # Code begins on a line of its own.
            return "\n\n".join([rf"\paragraph{{{text(title)}}}\mbox{{}}\par", *(_block(one) for one in inner)])
        case _:
            return ""


def _inline(line: Line) -> str:
    return "".join(_piece(piece) for piece in line)


def _piece(piece: blocks.Inline) -> str:
    match piece:
        case Code(code):
            return rf"\texttt{{{_code(code)}}}"
        case Link(shown):
            return rf"\texttt{{{_code(shown)}}}" if piece.code else text(shown)
        case _:
            # Blanks at the ends part a text from the code beside it.
            return f"{' ' if piece[:1] == ' ' else ''}{text(piece)}{' ' if piece[-1:] == ' ' and piece.strip() else ''}"


def _code(written: str) -> str:
    """Code may end a line after a bracket or an underscore too: calls in calls have no blanks."""
    return "".join(
        rf"{_sign(sign)}\allowbreak{{}}" if sign in "(_" else _sign(sign) for sign in " ".join(written.split())
    )


def _listing(code: str) -> str:
    """Lines of code as paragraphs: verbatim would end where the code says so."""
    lines = []
    for line in code.rstrip("\n").split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        lines.append(rf"\noindent\mbox{{}}{'~' * indent}{_code(line)}\par")
    return "{\\footnotesize\\ttfamily\\raggedright\n" + "\n".join(lines) + "\n}"


def _table(table: blocks.Table) -> str:
    head = [Cell(rf"\textbf{{{text(title)}}}", len(title) + 1) for title in table.head]
    rows = [[Cell(_inline(cell), _signs(cell)) for cell in row] for row in table.rows]
    return "\n\n".join(tables(head, rows, table.right))


def _signs(line: Line) -> int:
    return sum(len(piece if isinstance(piece, str) else piece.text) for piece in line)
