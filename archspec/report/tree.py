"""The layers of a report as a tree by path, folded to what a person wants to see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from archspec.algebra import Dim
from archspec.elaborate.program import Loop
from archspec.report.layers import Layer, copies

LINES = 60
"""A tree whose depth nobody chose has at most so many lines, if a smaller depth can bring that about."""


@dataclass(eq=False)
class Node:
    """A place in the tree. own: the primitives at it; children: what is below; folded: it stands for several places."""

    name: str
    path: tuple[str, ...] = ()
    own: list[Layer] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    folded: bool = False

    def layers(self) -> Iterator[Layer]:
        """All primitives at and below it, in order."""
        yield from self.own
        for child in self.children:
            yield from child.layers()

    @property
    def light(self) -> bool:
        """Whether all at and below it is light."""
        return all(layer.light for layer in self.layers())

    @property
    def costly(self) -> bool:
        """Whether anything at or below it has parameters, buffers or products."""
        return any(
            name in layer.quantities for layer in self.layers() for name in ("params", "buffers", "flops.forward")
        )

    @property
    def kind(self) -> str:
        """The layer it is; of a composite nothing is known but its name."""
        return self.own[0].kind if self.own and not self.folded else ""

    @property
    def count(self) -> Dim:
        """How often it is there: once for each turn of the loops around it, first turns that differ included.

        Peeled turns are told apart by the loops around the instances below: one outside a loop that encloses this
        place is a first turn of it.
        """
        if not self.path:
            return 1
        times: dict[tuple[Loop, ...], int] = {}
        enclosing: dict[Loop, bool] = {}
        below = list(self.layers())
        for layer in below:
            for loop in {loop: None for loops in layer.instances for loop in loops}:
                if loop not in enclosing:
                    enclosing[loop] = self._is_inside(loop, below)
            for loops in layer.instances:
                around = tuple(loop for loop in loops if enclosing[loop])
                times[around] = max(times.get(around, 0), layer.instances.count(loops))
        count: Dim = 0
        for around, number in times.items():
            count = count + number * copies(around)
        return count

    def _is_inside(self, loop: Loop, below: list[Layer]) -> bool:
        """Whether this place lies in a loop, not the loop in it."""
        if loop.name is not None:
            return loop.name in self.path
        inside = [any(loop in loops for loops in layer.instances) for layer in below]
        peeled = any(
            any(loop in loops for loops in layer.instances) and any(loop not in loops for loops in layer.instances)
            for layer in below
        )
        return all(inside) or peeled

    def lines(self, depth: int) -> int:
        """How many lines it takes, itself not counted, down to a depth."""
        return sum(1 + child.lines(depth - 1) for child in self.children) if depth > 0 else 0


def tree(layers: list[Layer], name: str, fold: bool) -> Node:
    """The tree of a model. fold: what is light goes together in one line for each place."""
    root = Node(name)
    for layer in layers:
        node = root
        for part in layer.path.split(".") if layer.path else ():
            node = _child(node, part)
        node.own.append(layer)
    root.children = [_joined(child) for child in root.children]
    if fold:
        _fold(root)
    return root


def depth_that_fits(root: Node) -> int:
    """The greatest depth at which a tree has not too many lines; at least 1."""
    depth = 1
    while root.lines(depth + 1) > root.lines(depth) and root.lines(depth + 1) <= LINES:
        depth += 1
    return depth


def _child(node: Node, name: str) -> Node:
    for child in node.children:
        if child.name == name:
            return child
    child = Node(name, (*node.path, name))
    node.children.append(child)
    return child


def _joined(node: Node) -> Node:
    """A place with nothing but one place below is one line."""
    while not node.own and len(node.children) == 1:
        child = node.children[0]
        node = Node(f"{node.name}.{child.name}", child.path, child.own, child.children)
    node.children = [_joined(child) for child in node.children]
    return node


def _fold(node: Node) -> None:
    light = [child for child in node.children if child.light]
    rest = [child for child in node.children if not child.light]
    if node.own and all(not child.costly for child in node.children):
        # A composite with parameters and otherwise light work, such as a norm: one line.
        node.own.extend(layer for child in node.children for layer in child.layers())
        node.children = []
        return
    for child in rest:
        _fold(child)
    if len(light) > 1:
        layers = [layer for child in light for layer in child.layers()]
        node.children = [*rest, Node(_names(light), node.path, layers, folded=True)]
        return
    for child in light:
        child.own, child.children = list(child.layers()), []


def _names(nodes: list[Node]) -> str:
    """`Split, Heads ×2, Dropout`."""
    times: dict[str, int] = {}
    for node in nodes:
        name = node.own[0].kind if node.own and not node.children else node.name.partition(".")[0].rstrip("_0123456789")
        times[name] = times.get(name, 0) + 1
    return ", ".join(name if number == 1 else f"{name} ×{number}" for name, number in times.items())
