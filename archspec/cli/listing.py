"""`archspec list`: what can be named."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from archspec.cli.output import colourful, width, write

if TYPE_CHECKING:
    from archspec.library import Library
    from archspec.report.style import Style


@click.command("list", short_help="List models and layers.")
def command() -> None:
    """List the models of the zoo with their variants, and the layers of the library."""
    from archspec.library import standard
    from archspec.report.style import Style

    style = Style(colourful(sys.stdout))
    library = standard()
    write("\n".join([*_models(library, style), "", *_layers(library, style)]))


def _models(library: Library, style: Style) -> list[str]:
    """Each model, and below it its variants with what they set."""
    from archspec.syntax.tree import Variant

    variants: dict[str, list[tuple[str, str]]] = {}
    for name in library.names("variant"):
        found = library.find(name)
        assert found is not None
        assert isinstance(found.node, Variant)
        node, text = found.node.call, found.source.text
        base = text[node.function.start : node.function.end]
        written = " ".join(text[node.start : node.end].split()).replace("( ", "(").replace(" )", ")")
        variants.setdefault(base, []).append((name, written))
    lines = [style("models", "bold")]
    for name in library.names("model"):
        lines.append(_line(name, _doc(library, name), 2, 14, style, "name"))
        waiting = [(one, 4) for one in variants.get(name, ())]
        while waiting:
            (variant, call), indent = waiting.pop(0)
            lines.append(_line(variant, call, indent, 24, style, "label"))
            waiting = [(one, indent + 2) for one in variants.get(variant, ())] + waiting
    return lines


def _layers(library: Library, style: Style) -> list[str]:
    lines = [style("layers", "bold")]
    lines += [_line(name, _doc(library, name), 2, 24, style, "name") for name in library.names("layer")]
    return lines


def _doc(library: Library, name: str) -> str:
    """The first sentence of a definition's text."""
    found = library.find(name)
    doc = getattr(found.node, "doc", None) if found is not None else None
    first = (doc or "").split("\n\n")[0].replace("\n", " ")
    sentence, point, _ = first.partition(". ")
    return sentence + "." if point else first


def _line(name: str, text: str, indent: int, column: int, style: Style, kind: str) -> str:
    blank = " " * max(column - len(name), 1)
    room = max(width() - indent - len(name) - len(blank) - 1, 20)
    cut = text if len(text) <= room else text[: room - 1] + "…"
    return f"{' ' * indent}{style(name, kind)}{blank} {cut}".rstrip()
