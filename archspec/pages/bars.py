"""Bars: how much of a whole lies in which part."""

from __future__ import annotations

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
    return [Heading(2, "Parameters by part"), bars(found, whole, f"Parameters of {report.model.name} by part")]


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


def _size(report: Report, layers: object) -> int:
    total = 0
    for layer in layers:  # type: ignore[attr-defined]  # any iterable of layers
        assert isinstance(layer, Layer)
        total += report.evaluate(layer.quantities.get("params", 0)) or 0
    return total


def bars(parts: list[tuple[str, int]], whole: int, text: str) -> Picture:
    """A bar for each part, with its size and its share of the whole."""
    largest = max(size for _, size in parts)
    label = min(max(len(name) for name, _ in parts), _LABEL) * _CHARACTER + 10
    width, height = label + _BAR + _NUMBER, _LINE * len(parts) + 8
    pieces: list[str] = []
    for place, (name, size) in enumerate(parts):
        y = 4 + place * _LINE
        cut = name if len(name) <= _LABEL else f"{name[: _LABEL - 1]}…"
        long = max(_BAR * size / largest, 1)
        pieces.append(
            f'<text x="{label - 8:.1f}" y="{y + 15}" text-anchor="end" fill="currentColor">{escape(cut)}</text>'
            f'<rect x="{label:.1f}" y="{y + 3}" width="{long:.1f}" height="{_LINE - 7}" fill="#3b7dd8"/>'
            f'<text x="{label + long + 6:.1f}" y="{y + 15}" fill="currentColor">'
            f"{escape(short(size, 'elements'))} · {escape(share(size, whole))}</text>"
        )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(text)}" '
        f'viewBox="0 0 {width:.1f} {height}" width="{width:.1f}" height="{height}" '
        'style="max-width:100%;height:auto" font-family="ui-monospace,monospace" font-size="11.6">'
    )
    return Picture((head, *pieces, "</svg>"), text)
