"""Bars: how much of a whole lies in which part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from archspec.pages.blocks import Block, Heading, Picture
from archspec.report.layers import Layer
from archspec.report.report import Report
from archspec.report.tree import Node, tree
from archspec.report.units import share, short

_MOST, _LINE, _LABEL, _BAR, _NUMBER, _CHARACTER = 14, 22, 34, 260, 130, 7.0


def parts_of(report: Report) -> list[Block]:
    """Parameters by part, for a model whose sizes are known."""
    whole = report.value("params")
    if not whole:
        return []
    found = _parts(report, tree(report.layers, report.model.name, fold=False))
    if len(found) < 2:
        return []
    known = sorted(found, key=lambda part: -part[1])
    if len(known) > _MOST:
        rest = known[_MOST - 1 :]
        least = rest[0][1]
        found = [part for part in found if part[1] > least]
        found.append((f"{len(known) - len(found)} others", whole - sum(size for _, size in found)))
    rows = [Bar(name, size, f"{short(size, 'elements')} · {share(size, whole)}") for name, size in found]
    return [Heading(2, "Parameters by part"), bars(rows, f"Parameters of {report.model.name} by part")]


def _parts(report: Report, root: Node) -> list[tuple[str, int]]:
    """The places below a model that have parameters; a place that has nearly all of them gives way to what is in it."""
    children, path = root.children, ""
    whole = report.value("params") or 0
    while True:
        sizes = [(child, _size(report, child.layers())) for child in children]
        sizes = [(child, size) for child, size in sizes if size]
        alone = [child for child, size in sizes if 10 * size >= 9 * whole and child.children]
        if len(sizes) == 1 and alone:
            path += f"{alone[0].name}."
            children = alone[0].children
            continue
        own = _size(report, root.own)
        found = [(path + child.name, size) for child, size in sizes]
        return [*found, (report.model.name, own)] if own else found


def _size(report: Report, layers: Iterable[Layer]) -> int:
    return sum(report.evaluate(layer.quantities.get("params", 0)) or 0 for layer in layers)


@dataclass(frozen=True)
class Bar:
    """A bar: what it is of, how long it is, the number beside it."""

    name: str
    size: int
    shown: str
    colour: str = "#3b7dd8"


def bars(rows: list[Bar], text: str) -> Picture:
    """Bars below each other, the largest as long as there is room. text: what they show."""
    largest = max(row.size for row in rows)
    label = min(max(len(row.name) for row in rows), _LABEL) * _CHARACTER + 10
    width, height = label + _BAR + _NUMBER, _LINE * len(rows) + 8
    pieces: list[str] = []
    for place, row in enumerate(rows):
        y = 4 + place * _LINE
        cut = row.name if len(row.name) <= _LABEL else f"{row.name[: _LABEL - 1]}…"
        # In whole numbers, as sizes can be beyond what a float holds.
        long = max(row.size * _BAR * 10 // largest, 10) / 10
        pieces.append(
            f'<text x="{label - 8:.1f}" y="{y + 15}" text-anchor="end" fill="currentColor">{escape(cut)}</text>'
            f'<rect x="{label:.1f}" y="{y + 3}" width="{long:.1f}" height="{_LINE - 7}" fill="{row.colour}"/>'
            f'<text x="{label + long + 6:.1f}" y="{y + 15}" fill="currentColor">{escape(row.shown)}</text>'
        )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(text)}" '
        f'viewBox="0 0 {width:.1f} {height}" width="{width:.1f}" height="{height}" '
        'style="max-width:100%;height:auto" font-family="ui-monospace,monospace" font-size="11.6">'
    )
    return Picture((head, *pieces, "</svg>"), text)
