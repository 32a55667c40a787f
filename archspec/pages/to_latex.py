r"""Pages as fragments of LaTeX: for `\input` in an article that loads amsmath. Pictures are left out.

Only commands of LaTeX itself and of amsmath are used. Text is escaped sign by sign; what pdflatex cannot set without
more packages is put in signs that it can.
"""

from __future__ import annotations

import unicodedata

from archspec.formulas.markup import latex
from archspec.formulas.tree import Add, Symbol, sign_and_size
from archspec.pages import blocks
from archspec.pages.blocks import Block, Code, Line, Link, Page

_ROWS, _WIDE = 40, 76
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
    written = [(block, _block(block)) for block in page.blocks]
    parts = [rf"\section{{{text(page.title)}}}"]
    for place, (block, part) in enumerate(written):
        after = next((one for one, shown in written[place + 1 :] if shown), None)
        is_empty = isinstance(block, blocks.Heading) and _ends(block, after)
        parts += [part] if part and not is_empty else []
    return "\n\n".join(parts) + "\n"


def _ends(heading: blocks.Heading, after: Block | None) -> bool:
    """Whether nothing stands below a heading, for what stood there is left out."""
    return after is None or (isinstance(after, blocks.Heading) and after.level <= heading.level)


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
    """A formula as a display: terms that do not fit on a line go to the next."""
    name = rf"\text{{{text(block.name)}}}"
    lines = _lines(block)
    shown = " \\\\\n&".join([rf"{name} ={{}}& {lines[0]}", *lines[1:]])
    result = f"\\begin{{align*}}\n{shown}\n\\end{{align*}}"
    if block.where:
        named = [rf"${latex(Symbol(one))} = {latex(value)}$" for one, value in block.where]
        result += f"\nwhere {', '.join(named)}."
    return result


def _lines(block: blocks.Equation) -> list[str]:
    if not isinstance(block.tree, Add) or len(block.text) <= _WIDE:
        return [latex(block.tree)]
    # A term is measured by its share of the text: LaTeX's commands are longer than what they show.
    written = [_term(term, place) for place, term in enumerate(block.tree.terms)]
    scale = len(block.text) / max(sum(map(len, written)), 1)
    lines, room = [written[0]], _WIDE - len(written[0]) * scale
    for term in written[1:]:
        room -= len(term) * scale
        if room < 0:
            lines.append(f"{{}}{term}")
            room = _WIDE - len(term) * scale
        else:
            lines[-1] += f" {term}"
    return lines


def _term(term: object, place: int) -> str:
    negative, size = sign_and_size(term)  # type: ignore[arg-type]  # a part of a tree
    sign = "- " if negative else "+ " if place else ""
    inside = latex(size)
    return sign + (rf"\left({inside}\right)" if isinstance(size, Add) else inside)


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
            return "\n\n".join([rf"\paragraph{{{text(title)}}}", *(_block(one) for one in inner)])
        case _:
            return ""


def _inline(line: Line) -> str:
    return "".join(_piece(piece) for piece in line)


def _piece(piece: blocks.Inline) -> str:
    match piece:
        case Code(code):
            return rf"\texttt{{{text(code)}}}"
        case Link(shown):
            return rf"\texttt{{{text(shown)}}}" if piece.code else text(shown)
        case _:
            # Blanks at the ends part a text from the code beside it.
            return f"{' ' if piece[:1] == ' ' else ''}{text(piece)}{' ' if piece[-1:] == ' ' and piece.strip() else ''}"


def _listing(code: str) -> str:
    """Lines of code as paragraphs: verbatim would end where the code says so."""
    lines = []
    for line in code.rstrip("\n").split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        lines.append(rf"\noindent\mbox{{}}{'~' * indent}{text(line)}\par")
    return "{\\footnotesize\\ttfamily\\raggedright\n" + "\n".join(lines) + "\n}"


def _table(table: blocks.Table) -> str:
    """A table, in pieces that fit on a page."""
    columns = "".join("r" if column in table.right else "l" for column in range(len(table.head)))
    head = " & ".join(rf"\textbf{{{text(title)}}}" for title in table.head) + r" \\ \hline"
    rows = [" & ".join(_inline(cell) for cell in row) + r" \\" for row in table.rows]
    parts = []
    for start in range(0, len(rows), _ROWS):
        inside = "\n".join([head, *rows[start : start + _ROWS]])
        parts.append(
            f"\\begin{{center}}\\footnotesize\n\\begin{{tabular}}{{{columns}}}\n{inside}\n\\end{{tabular}}\n\\end{{center}}"
        )
    return "\n\n".join(parts)
