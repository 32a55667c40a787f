"""Trees made anew with some of their nodes replaced, and the names in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from archspec.syntax import tree


def with_children(value: Any, change: Callable[[tree.Node], tree.Node]) -> Any:
    """A node (or a tuple of nodes) with each node right below replaced: itself, if none is another."""
    if isinstance(value, tuple):
        made = tuple(change(one) if isinstance(one, tree.Node) else with_children(one, change) for one in value)
        return value if all(one is other for one, other in zip(made, value, strict=True)) else made
    if not isinstance(value, tree.Node):
        return value
    fields = vars(value)
    new: dict[str, Any] = {
        name: change(one) if isinstance(one, tree.Node) else with_children(one, change) for name, one in fields.items()
    }
    return value if all(new[name] is one for name, one in fields.items()) else type(value)(**new)


def local_names(layer: tree.Layer) -> set[str]:
    """The names that a layer gives to something: its parameters, tensors, axes, integers, entries and indices."""
    found = {formal.name for formal in layer.formals}
    for node in _nodes((layer.signature, layer.body)):
        if isinstance(node, tree.Assign):
            found.update(target.name for target in node.targets)
        elif isinstance(node, tree.Where):
            found.add(node.name)
        elif isinstance(node, tree.TensorDecl):
            found.update(one.name for one in (node, *node.axes) if isinstance(one, tree.Name | tree.TensorDecl))
            found.update(one.name for one in node.axes if isinstance(one, tree.Star) and one.name is not None)
        elif isinstance(node, tree.Repeat | tree.Each):
            found.update(getattr(node, "targets", ()))
            found.update(() if node.index is None else (node.index,))
    return found


def names_in(layer: tree.Layer) -> set[str]:
    """All names that stand anywhere in a layer."""
    nodes = _nodes((layer.formals, layer.signature, layer.body))
    return local_names(layer) | {node.name for node in nodes if isinstance(node, tree.Name)}


def mentions_of(value: object, name: str) -> int:
    """How often a name stands in a tree, or in several."""
    return sum(isinstance(node, tree.Name) and node.name == name for node in _nodes(value))


def _nodes(value: object) -> Iterable[tree.Node]:
    waiting: list[object] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tree.Node):
            yield one
            waiting.extend(vars(one).values())
        elif isinstance(one, tuple):
            waiting.extend(one)


def call(node: tree.Node, name: str, formals: Iterable[tree.Formal], given: Mapping[str, tree.Expression]) -> tree.Call:
    """A call with these arguments, where another expression stands: by position as long as none is left out."""
    arguments: list[tree.Argument] = []
    by_name = False
    for formal in formals:
        if formal.name in given:
            value = given[formal.name]
            arguments.append(tree.Argument(node.start, node.end, formal.name if by_name else None, value))
        else:
            by_name = True
    return tree.Call(node.start, node.end, tree.Name(node.start, node.end, name), tuple(arguments))


def with_block(layer: tree.Layer, formals: tuple[tree.Formal, ...], body: tuple[tree.Statement, ...]) -> tree.Layer:
    """A layer with other parameters and another block."""
    return tree.Layer(**{**vars(layer), "formals": formals, "body": body})


def free(name: str, taken: Iterable[str]) -> str:
    """The name, with a number behind it where it is taken."""
    taken, wanted, number = set(taken), name, 2
    while wanted in taken:
        wanted = f"{name}{number}"
        number += 1
    return wanted
