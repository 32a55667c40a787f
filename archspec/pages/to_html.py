"""Pages as a static site of HTML: no script, no font, no request. Formulas are MathML, which browsers draw."""

from __future__ import annotations

from html import escape

from archspec.formulas.markup import mathml
from archspec.formulas.tree import Add, Symbol, Tree, sign_and_size
from archspec.pages import blocks
from archspec.pages.blocks import Behind, Block, Code, Line, Link, Page, anchor, relative
from archspec.pages.to_latex import equation as latex_equation

_ONE_LINE = 90
"""A formula with more characters than that is drawn as several, one for each term, between which lines may break."""


def html(page: Page, home: str = "index") -> str:
    """A page as a whole document."""
    style = relative(page.place, "style.css")
    back = "" if page.place == home else f'<a href="{escape(relative(page.place, home))}.html">Contents</a>'
    body = "\n".join(write(block, page.place, ".html") for block in page.blocks)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{escape(page.title)}</title>\n'
        f'<link rel="stylesheet" href="{escape(style)}">\n</head>\n<body>\n'
        f"<header><nav>{back}</nav></header>\n<main>\n<h1>{escape(page.title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def write(block: Block, place: str, ending: str) -> str:
    """A block as HTML. ending: of the files that links lead to."""
    match block:
        case blocks.Heading(level, text):
            mark = anchor(text)
            return f'<h{level} id="{mark}"><a href="#{mark}">{escape(text)}</a></h{level}>'
        case blocks.Paragraph(line):
            return f"<p>{inline(line, place, ending)}</p>"
        case blocks.Items(lines):
            return f"<ul>{''.join(f'<li>{inline(line, place, ending)}</li>' for line in lines)}</ul>"
        case blocks.Table():
            return _table(block, place, ending)
        case blocks.Source(text):
            return f'<pre tabindex="0"><code>{escape(text)}</code></pre>'
        case blocks.Picture():
            return f'<figure tabindex="0">{drawing(block, place, ending)}</figure>'
        case blocks.Equation():
            return equation(block)
        case blocks.Details(title, inner):
            inside = "".join(write(one, place, ending) for one in inner)
            return f"<details><summary>{escape(title)}</summary>{inside}</details>"
        case blocks.Fragment(make):
            return make()


def inline(line: Line, place: str, ending: str) -> str:
    """A line of text, code and links."""
    return "".join(_piece(piece, place, ending) for piece in line)


def _piece(piece: blocks.Inline, place: str, ending: str) -> str:
    match piece:
        case Code(text):
            return f"<code>{escape(text)}</code>"
        case Link():
            text = f"<code>{escape(piece.text)}</code>" if piece.code else escape(piece.text)
            return f'<a href="{escape(address(piece.page, place, ending, piece.anchor))}">{text}</a>'
        case _:
            return escape(piece)


def address(target: str, place: str, ending: str, mark: str = "") -> str:
    """The address of a page, from another one."""
    from urllib.parse import quote

    file = quote(relative(place, target) + ending) if target else ""
    return f"{file}#{mark}" if mark else file


def _table(table: blocks.Table, place: str, ending: str) -> str:
    def cells(tag: str, texts: list[str]) -> str:
        marks = [' class="n"' if column in table.right else "" for column in range(len(texts))]
        return "".join(f"<{tag}{mark}>{text}</{tag}>" for mark, text in zip(marks, texts, strict=True))

    head = cells("th", [escape(title) for title in table.head])
    rows = [f"<tr>{cells('td', [inline(cell, place, ending) for cell in row])}</tr>" for row in table.rows]
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    # What is scrolled must be reached with the keyboard.
    return f'<div class="wide" tabindex="0"><table>{body}</table></div>'


def drawing(picture: blocks.Picture, place: str, ending: str | None) -> str:
    """A picture; with an ending, its parts lead to the pages behind them."""
    written: list[str] = []
    for piece in picture.pieces:
        if isinstance(piece, Behind):
            if ending is not None:
                written.append(f'<a href="{escape(address(piece.place, place, ending))}">' if piece.place else "</a>")
        else:
            written.append(piece)
    return "".join(written)


def equation(block: blocks.Equation) -> str:
    """A formula, what its abbreviations stand for, and behind a click the formula to copy."""
    where = "".join(f"<li>{_math(Symbol(name), value)}</li>" for name, value in block.where)
    named = f'<p class="where">where</p><ul class="where">{where}</ul>' if where else ""
    copied = escape(latex_equation(block))
    return (
        f'<div class="formula" tabindex="0">{formula(block.tree, len(block.text))}{named}</div>'
        f'<details><summary>LaTeX and text</summary><pre tabindex="0"><code>{copied}</code></pre>'
        f'<pre tabindex="0"><code>{escape(block.text)}</code></pre></details>'
    )


def formula(tree: Tree, length: int) -> str:
    """A formula as MathML; a long sum in pieces that flow."""
    if not isinstance(tree, Add) or length <= _ONE_LINE:
        return _flowing(mathml(tree))
    pieces: list[str] = []
    for place, term in enumerate(tree.terms):
        negative, size = sign_and_size(term)
        sign = "−" if negative else "+" if place else ""
        written = _flowing(mathml(size))
        pieces.append(written.replace("<mrow>", f"<mrow><mo form='infix'>{sign}</mo>", 1) if sign else written)
    return "\n".join(pieces)


def _math(left: Tree, right: Tree) -> str:
    inside = mathml(right).partition("<mrow>")[2].removesuffix("</mrow></math>")
    return _flowing(mathml(left).removesuffix("</mrow></math>") + f"<mo>=</mo>{inside}</mrow></math>")


def _flowing(written: str) -> str:
    """Formulas in a line, in the size of those that stand alone."""
    return written.replace('display="block"', 'displaystyle="true"', 1)
