"""A laid out graph as SVG text. It takes its colour from the text around it, so light and dark come by themselves."""

from __future__ import annotations

from html import escape

from archspec.pages.blocks import Behind, Picture
from archspec.pages.graph import Edge, Graph
from archspec.pages.layout import CHARACTER, LINE, Drawing, Spot, lay_out

_MARGIN, _PAD = 8.0, 12.0
_STYLE = {
    "layer": 'fill="currentColor" fill-opacity="0.07" stroke="currentColor" stroke-opacity="0.55" rx="5"',
    "operator": 'fill="none" stroke="currentColor" stroke-opacity="0.55" rx="12"',
    "input": 'fill="none" stroke="currentColor" stroke-opacity="0.9" rx="0"',
    "output": 'fill="none" stroke="currentColor" stroke-opacity="0.9" rx="0"',
    "parameter": 'fill="none" stroke="currentColor" stroke-opacity="0.45" stroke-dasharray="2 2" rx="0"',
    "box": 'fill="currentColor" fill-opacity="0.03" stroke="currentColor" stroke-opacity="0.5" '
    'stroke-dasharray="5 3" rx="8"',
}


def picture(graph: Graph, text: str) -> Picture:
    """The drawing of a graph; `text` is what it is a picture of, for those who do not see it."""
    drawing = lay_out(graph)
    writer = _Writer()
    writer.draw(drawing, _MARGIN, _MARGIN)
    width, height = drawing.width + 2 * _MARGIN, drawing.height + 2 * _MARGIN
    head = (
        # A group, not an image: what is inside an image, its links too, is not there for those who hear the page.
        f'<svg xmlns="http://www.w3.org/2000/svg" role="group" aria-label="{escape(text)}" '
        f'viewBox="0 0 {_number(width)} {_number(height)}" width="{_number(width)}" height="{_number(height)}" '
        f'style="max-width:100%;height:auto" font-family="ui-monospace,monospace" font-size="11.6">'
    )
    return Picture((head, *writer.pieces, "</svg>"), text)


class _Writer:
    """Collects the pieces of a drawing."""

    def __init__(self) -> None:
        self.pieces: list[str | Behind] = []

    def draw(self, drawing: Drawing, left: float, top: float) -> None:
        """A drawing with its upper left corner at a point: what lies behind first."""
        for spot in drawing.spots:
            if spot.inside is not None:
                self._box(spot, left, top)
        for edge, way, leaves, enters in drawing.ways:
            self._edge(edge, way, left + leaves, left + enters, left, top)
        for spot in drawing.spots:
            if spot.node is not None and spot.inside is None:
                self._node(spot, left, top)

    def _box(self, spot: Spot, left: float, top: float) -> None:
        assert spot.node is not None
        assert spot.inside is not None
        x, y = left + spot.x - spot.width / 2, top + spot.y
        self._rectangle("box", x, y, spot.width, spot.height)
        name = f'<tspan fill-opacity="0.65"> {escape(spot.node.name)}</tspan>' if spot.node.name else ""
        self.pieces.append(
            f'<text x="{_number(x + 8)}" y="{_number(y + spot.height - 6)}" fill="currentColor" font-weight="bold">'
            f"{_title(spot)}{escape(spot.lines[0])}{name}</text>"
        )
        self.draw(spot.inside, left + spot.x - spot.inside.width / 2, y + _PAD / 2)

    def _node(self, spot: Spot, left: float, top: float) -> None:
        assert spot.node is not None
        x, y = left + spot.x, top + spot.y
        if spot.node.kind in ("entry", "exit"):
            self.pieces.append(_text(x, y + LINE - 5, spot.lines[0], 0.75))
            return
        if spot.node.place:
            self.pieces.append(Behind(spot.node.place))
        self._rectangle(spot.node.kind, x - spot.width / 2, y, spot.width, spot.height)
        for place, line in enumerate(spot.lines):
            title = "" if place else _title(spot)
            self.pieces.append(_text(x, y + LINE * (place + 1) - 1, line, 0.65 if place else 1.0, title=title))
        if spot.node.place:
            self.pieces.append(Behind())

    def _rectangle(self, kind: str, x: float, y: float, width: float, height: float) -> None:
        self.pieces.append(
            f'<rect x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}" '
            f"{_STYLE[kind]}/>"
        )

    def _edge(self, edge: Edge, way: list[Spot], leaves: float, enters: float, left: float, top: float) -> None:
        """A line through the middle of each rank between its ends, and a tip."""
        x, y = way[0].x + leaves, top + way[0].y + way[0].height
        path = [f"M{_number(x)} {_number(y)}"]
        start = x, y
        for spot in way[1:]:
            last = spot is way[-1]
            to_x, to_y = spot.x + (enters if last else left), top + spot.y - (5 if last else 0)
            middle = _number((y + to_y) / 2)
            path.append(f"C{_number(x)} {middle} {_number(to_x)} {middle} {_number(to_x)} {_number(to_y)}")
            x, y = to_x, to_y
            if not last:
                y += spot.height
                path.append(f"V{_number(y)}")
        line = 'fill="none" stroke="currentColor" stroke-opacity="0.6"'
        self.pieces.append(f'<path d="{"".join(path)}" {line}/>')
        tip = f"M{_number(x - 3.5)} {_number(y - 1)}h7l-3.5 6z"
        self.pieces.append(f'<path d="{tip}" fill="currentColor" fill-opacity="0.75"/>')
        is_hole = way[0].node is not None and way[0].node.kind == "entry"
        if edge.names and not is_hole and way[0].inside is None and way[-1].inside is None:
            names = ", ".join(edge.names)
            if len(names) * CHARACTER < 90:
                self.pieces.append(_text(start[0] + 5, start[1] + 11, names, 0.6, "start"))


def _text(x: float, y: float, text: str, opacity: float, anchor: str = "middle", title: str = "") -> str:
    faint = "" if opacity == 1.0 else f' fill-opacity="{opacity}"'
    start = f'<text x="{_number(x)}" y="{_number(y)}" text-anchor="{anchor}" fill="currentColor"{faint}>'
    return f"{start}{title}{escape(text)}</text>"


def _title(spot: Spot) -> str:
    """The whole text, shown by browsers where one points at it, if it was cut."""
    assert spot.node is not None
    return f"<title>{escape(spot.node.label)}</title>" if spot.lines[0] != spot.node.label else ""


def _number(value: float) -> str:
    """One decimal, so that platforms agree on the bytes."""
    return f"{value:.1f}".removesuffix(".0")
