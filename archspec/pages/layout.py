"""Where the nodes of a graph are drawn: ranks from top to bottom, boxes laid out by themselves first.

The usual four steps for layered drawings: ranks by the longest path, stand-ins where an edge crosses a rank, an
order in each rank by the mean place of the neighbours, and the least moves that keep that order and a distance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from archspec.pages.graph import Edge, Graph, Node

CHARACTER, LINE = 7.0, 16.0
"""The width of a character and the height of a line, in pixels, of the type that the drawing is in (11.6 px, even)."""
_GAP, _RISE, _PAD, _LONGEST = 18.0, 26.0, 12.0, 46
_SWEEPS = 8


@dataclass(eq=False)
class Spot:
    """A node with its place: the middle of its upper edge, its size, the lines of its text. A stand-in has no node."""

    node: Node | None
    lines: tuple[str, ...] = ()
    width: float = 0.0
    height: float = 0.0
    x: float = 0.0
    y: float = 0.0
    rank: int = 0
    inside: Drawing | None = None
    before: list[tuple[Spot, float, float]] = field(default_factory=list)
    after: list[tuple[Spot, float, float]] = field(default_factory=list)


@dataclass(eq=False)
class Drawing:
    """A laid out graph: spots, and the way of each edge by the spots it passes. shifts: of its ends from the middle."""

    spots: list[Spot]
    ways: list[tuple[Edge, list[Spot], float, float]]
    width: float = 0.0
    height: float = 0.0
    holes: dict[int, float] = field(default_factory=dict)


def lay_out(graph: Graph) -> Drawing:
    """Give every node its place."""
    spots = {id(node): _spot(node) for node in graph.nodes}
    _rank(graph, spots)
    everything = list(spots.values())
    drawing = Drawing(everything, [_way(edge, spots, everything) for edge in graph.edges])
    ranks: list[list[Spot]] = [[] for _ in range(max((spot.rank for spot in everything), default=-1) + 1)]
    for spot in everything:
        ranks[spot.rank].append(spot)
    _order(ranks)
    _spread(ranks)
    _stack(ranks)
    left = min((spot.x - spot.width / 2 for spot in everything), default=0.0)
    for spot in everything:
        spot.x -= left
    drawing.width = max((spot.x + spot.width / 2 for spot in everything), default=0.0)
    drawing.height = max((spot.y + spot.height for spot in everything), default=0.0)
    for node in graph.nodes:
        if node.kind in ("entry", "exit"):
            drawing.holes[id(node)] = spots[id(node)].x - drawing.width / 2
    return drawing


def shortened(text: str) -> str:
    """A text as long as a node shows it."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _spot(node: Node) -> Spot:
    lines = tuple(shortened(line) for line in (node.label, node.name) if line)
    longest = max(map(len, lines), default=0) * CHARACTER
    if node.inside is not None:
        inside = lay_out(node.inside)
        title = (len(shortened(node.label)) + (len(node.name) + 2 if node.name else 0)) * CHARACTER
        width = max(inside.width, title) + 2 * _PAD
        return Spot(node, (shortened(node.label),), width, inside.height + LINE + 2 * _PAD, inside=inside)
    if node.kind in ("entry", "exit"):
        return Spot(node, lines, longest + 8, LINE)
    return Spot(node, lines, max(longest + 2 * 9, 28), LINE * len(lines) + 8)


def _rank(graph: Graph, spots: dict[int, Spot]) -> None:
    """The longest path to each node; what has nothing before it stands just above what it goes into."""
    # Nodes stand in the order in which they were written, and edges run forward: a pass per rank settles them.
    changed = True
    while changed:
        changed = False
        for edge in graph.edges:
            source, target = spots[id(edge.source)], spots[id(edge.target)]
            if target.rank <= source.rank:
                target.rank, changed = source.rank + 1, True
    last = max((spot.rank for spot in spots.values()), default=0)
    starts = {id(edge.target) for edge in graph.edges}
    for node in graph.nodes:
        if node.kind == "exit":
            spots[id(node)].rank = last
        elif id(node) not in starts and node.kind not in ("input", "entry"):
            below = [spots[id(edge.target)].rank for edge in graph.edges if edge.source is node]
            spots[id(node)].rank = max(min(below, default=1) - 1, 0)


def _way(edge: Edge, spots: dict[int, Spot], everything: list[Spot]) -> tuple[Edge, list[Spot], float, float]:
    """The spots that an edge passes, with a stand-in for each rank between its ends."""
    source, target = spots[id(edge.source)], spots[id(edge.target)]
    leaves = source.inside.holes[id(edge.out_of)] if source.inside is not None and edge.out_of is not None else 0.0
    enters = target.inside.holes[id(edge.into)] if target.inside is not None and edge.into is not None else 0.0
    way = [source]
    for rank in range(source.rank + 1, target.rank):
        way.append(Spot(None, width=6.0, rank=rank))
        everything.append(way[-1])
    way.append(target)
    for place in range(len(way) - 1):
        one, other = way[place], way[place + 1]
        leave = leaves if place == 0 else 0.0
        enter = enters if place == len(way) - 2 else 0.0
        one.after.append((other, leave, enter))
        other.before.append((one, enter, leave))
    return edge, way, leaves, enters


def _order(ranks: list[list[Spot]]) -> None:
    """Order each rank by where its neighbours are, downwards and upwards in turn."""
    for rank in ranks:
        _number(rank)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for rank in ranks[1:] if down else reversed(ranks[:-1]):
            rank.sort(key=lambda spot: _mean(spot, spot.before if down else spot.after))
            _number(rank)


def _number(rank: list[Spot]) -> None:
    """Places beside each other, wide ones taking more room, around the middle."""
    total = sum(spot.width + _GAP for spot in rank)
    left = -total / 2
    for spot in rank:
        spot.x = left + (spot.width + _GAP) / 2
        left += spot.width + _GAP


def _mean(spot: Spot, neighbours: list[tuple[Spot, float, float]]) -> float:
    if not neighbours:
        return spot.x
    # Stand-ins pull at each other, so that long edges are straight.
    weights = [4 if spot.node is None and other.node is None else 1 for other, _, _ in neighbours]
    places = [other.x + theirs - own for other, own, theirs in neighbours]
    return sum(weight * place for weight, place in zip(weights, places, strict=True)) / sum(weights)


def _spread(ranks: list[list[Spot]]) -> None:
    """Move spots to where their neighbours are, keeping order and distance."""
    for sweep in range(2 * _SWEEPS):
        last = sweep == 2 * _SWEEPS - 1
        for rank in ranks if sweep % 2 == 0 else reversed(ranks):
            beside = [
                _mean(spot, [*spot.before, *spot.after] if last else spot.before if sweep % 2 == 0 else spot.after)
                for spot in rank
            ]
            _settle(rank, beside)


def _settle(rank: list[Spot], wanted: list[float]) -> None:
    """The places nearest to those wanted, in squares, that keep a distance: neighbours that clash share their mean."""
    offsets = [0.0]
    for one, other in pairwise(rank):
        offsets.append(offsets[-1] + (one.width + other.width) / 2 + _GAP)
    groups: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        total, size = want - offset, 1
        while groups and groups[-1][0] / groups[-1][1] > total / size:
            before, count = groups.pop()
            total, size = total + before, size + count
        groups.append((total, size))
    means = [total / size for total, size in groups for _ in range(size)]
    for spot, offset, mean in zip(rank, offsets, means, strict=True):
        spot.x = offset + mean


def _stack(ranks: list[list[Spot]]) -> None:
    """Heights of the ranks; each spot in the middle of its own, holes at the edges."""
    top = 0.0
    for rank in ranks:
        height = max(spot.height for spot in rank)
        for spot in rank:
            is_hole = spot.node is not None and spot.node.kind in ("entry", "exit")
            spot.y = top + (0 if is_hole or spot.node is None else (height - spot.height) / 2)
            if spot.node is None:
                spot.height = height
        top += height + _RISE
