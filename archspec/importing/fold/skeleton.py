"""What is left of nodes without their numbers and without the names of values: equal skeletons are equal programs."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from archspec.importing.lift.spellings import has_parameters
from archspec.importing.program import Block, Call, Loop, Node, Real, Slot, Template


def shape_of(node: Node) -> Hashable:
    """A node without its numbers and its wiring."""
    if isinstance(node, Call):
        arguments = tuple((name, _bare(one)) for name, one in node.arguments)
        return ("call", node.layer, arguments, len(node.inputs), len(node.outputs), _stem(node), node.made)
    if isinstance(node, Block):
        return ("block", node.key, len(node.inputs), len(node.outputs), _stem(node))
    return ("loop", node.key, len(node.inputs), len(node.outputs))


def name_of(node: Node) -> str:
    """The name that a node's instance has in the text: none for calls that own nothing, none that is a number."""
    if isinstance(node, Loop) or not node.name or node.name.isdigit() or not node.name.isidentifier():
        return ""
    if isinstance(node, Call) and not has_parameters(node.layer):
        return ""
    return node.name


def _stem(node: Node) -> str:
    """A name without its number: `layer1` and `layer2` may be turns of a loop."""
    return name_of(node).rstrip("0123456789").rstrip("_")


def rekey(node: Node) -> None:
    """Find the skeletons of a block and of all that is inside anew."""
    if isinstance(node, Call):
        return
    if isinstance(node, Block):
        for one in node.items:
            rekey(one)
        node.key = key_of(node)
        return
    for turn in node.turns:
        for one in turn:
            rekey(one)
    node.key = loop_key(node)


def loop_key(loop: Loop) -> Hashable:
    """The skeleton of a loop whose inside has its keys already."""
    labels: dict[int, Hashable] = {}
    for place, one in enumerate(loop.carried):
        labels[one.entry] = ("carried", place)
    for place, value in enumerate(loop.inputs):
        labels.setdefault(value, ("in", place))
    body = wire(loop.turns[0], labels)
    ends = tuple(labels.get(one.made[0]) for one in loop.carried)
    return ("repeat" if loop.steady else len(loop.turns), body, ends)


def key_of(block: Block) -> Hashable:
    """The skeleton of a block whose inside has its keys already."""
    labels: dict[int, Hashable] = {value: ("in", place) for place, value in enumerate(block.inputs)}
    for place, held in enumerate(block.held):
        labels[held.value] = ("held", place)
    body = wire(block.items, labels)
    declared = tuple((one.role, len(one.shape), one.dtype, leaf(one.name)) for one in block.held)
    outputs = tuple(labels.get(one) for one in block.outputs)
    return (leaf(block.kind), body, declared, outputs, block.dealt is not None)


def leaf(name: str) -> str:
    """The last part of a path."""
    return name.rpartition(".")[2]


def wire(items: Sequence[Node], labels: dict[int, Hashable]) -> Hashable:
    """The skeleton of nodes in a row. `labels` names the values from before, and gets those that they make."""
    found: list[Hashable] = []
    for place, node in enumerate(items):
        found.append((shape_of(node), tuple(labels.get(one) for one in node.inputs)))
        for number, value in enumerate(node.outputs):
            labels[value] = (place, number)
    return tuple(found)


def _bare(template: Template) -> Hashable:
    if isinstance(template, Slot):
        return "#"
    if isinstance(template, Real):
        return ("real", template.zero)
    if isinstance(template, tuple):
        return tuple(_bare(one) for one in template)
    return template
