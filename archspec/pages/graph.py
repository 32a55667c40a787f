"""A graph to draw: nodes, edges between them, and boxes with graphs inside."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class Node:
    """Something drawn.

    kind: `layer`, `operator`, `input`, `output`, `parameter`, `box`, or `entry` and `exit`, which are the holes in a
    box. place: the page behind it.
    """

    kind: str
    label: str
    name: str = ""
    place: str = ""
    inside: Graph | None = None


@dataclass(eq=False)
class Edge:
    """A tensor on its way. Into and out of a box it goes through a hole of the box."""

    source: Node
    target: Node
    names: list[str] = field(default_factory=list)
    out_of: Node | None = None
    into: Node | None = None


@dataclass(eq=False)
class Graph:
    """Nodes in the order in which they were written, and edges, which run forward."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


@dataclass(frozen=True)
class Origin:
    """Where a tensor comes from: a node, and the hole where that is a box."""

    node: Node
    hole: Node | None = None


Origins = tuple[Origin, ...]
"""One tensor; of several origins where a choice decides."""


def prune(graph: Graph) -> None:
    """Take away the holes and parameters that nothing uses, and names of edges that say nothing."""
    used = {id(edge.out_of) for edge in graph.edges}
    for box in [node for node in graph.nodes if node.inside is not None]:
        assert box.inside is not None
        inside = box.inside
        carried = {node.label for node in inside.nodes if node.kind == "entry"}
        idle = {
            id(node)
            for node in inside.nodes
            if node.kind == "exit" and id(node) not in used and not (node.label in carried and "repeat" in box.label)
        }
        inside.nodes = [node for node in inside.nodes if id(node) not in idle]
        inside.edges = [edge for edge in inside.edges if id(edge.target) not in idle]
        prune(inside)
        leads = {id(edge.source) for edge in inside.edges}
        blind = {id(node) for node in inside.nodes if node.kind == "entry" and id(node) not in leads}
        inside.nodes = [node for node in inside.nodes if id(node) not in blind]
        graph.edges = [edge for edge in graph.edges if id(edge.into) not in blind]
    given: dict[int, set[str]] = {}
    for edge in graph.edges:
        given.setdefault(id(edge.source), set()).update(edge.names)
    for edge in graph.edges:  # a name says something where one node gives several tensors
        edge.names = edge.names if len(given[id(edge.source)]) > 1 else []
    sources = {id(edge.source) for edge in graph.edges}
    graph.nodes = [node for node in graph.nodes if node.kind != "parameter" or id(node) in sources]
