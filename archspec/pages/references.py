"""Which layers a layer is wired from, by the names in its block."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.scope import Definition, FileScope, is_primitive
from archspec.syntax import tree


def nodes(node: object) -> Iterator[tree.Node]:
    """A node and all nodes in it."""
    if isinstance(node, tree.Node):
        yield node
        for value in vars(node).values():
            yield from nodes(value)
    elif isinstance(node, tuple):
        for entry in node:
            yield from nodes(entry)


def layer_of(scope: FileScope, expression: tree.Node) -> Definition | None:
    """The layer that `Linear`, `Linear(d)` or `blocks.Linear` names, if it names one."""
    if isinstance(expression, tree.Call):
        expression = expression.function
    found: Definition | None = None
    if isinstance(expression, tree.Name):
        found = scope.lookup(expression.name)
    elif isinstance(expression, tree.Attribute) and isinstance(expression.value, tree.Name):
        alias = scope.aliases.get(expression.value.name)
        found = None if alias is None else alias.definitions.get(expression.name)
    return found if found is not None and isinstance(found.node, tree.Layer) else None


def used_by(layer: tree.Layer, scope: FileScope) -> list[Definition]:
    """The layers that a composite names, in the order in which it does; of a primitive there are none."""
    if is_primitive(layer):
        return []
    hidden = {formal.name for formal in layer.formals}
    found: dict[tuple[str, str], Definition] = {}
    places: list[object] = [formal.default for formal in layer.formals]
    places += [statement for statement in layer.body if not isinstance(statement, tree.Binding | tree.Unverified)]
    for node in nodes(tuple(places)):
        if isinstance(node, tree.Name) and node.name in hidden:
            continue
        if isinstance(node, tree.Name | tree.Attribute):
            one = layer_of(scope, node)
            if one is not None and one.node is not layer:
                found.setdefault((one.source.text, one.node.name), one)
    return list(found.values())
