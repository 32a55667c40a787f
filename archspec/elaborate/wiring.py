"""What can be said of a body without running it."""

from __future__ import annotations

from archspec.scope import is_primitive
from archspec.syntax import tree

_axes: dict[int, tuple[tree.Layer, frozenset[str]]] = {}
_composites: dict[int, tuple[tree.Layer, bool]] = {}


def is_composite(layer: tree.Layer) -> bool:
    """Whether the layer assigns one of its outputs; one that assigns none is a primitive."""
    known = _composites.get(id(layer))
    if known is not None and known[0] is layer:
        return known[1]
    answer = not is_primitive(layer)
    _composites[id(layer)] = (layer, answer)
    return answer


def assigned_names(body: tuple[tree.Statement, ...]) -> list[str]:
    """The names that a body assigns, in order, those in nested blocks too."""
    names: dict[str, None] = {}
    for statement in body:
        if isinstance(statement, tree.Assign):
            names.update((target.name, None) for target in statement.targets)
        elif isinstance(statement, tree.Repeat | tree.Each):
            names.update((name, None) for name in assigned_names(statement.body))
        elif isinstance(statement, tree.If):
            names.update((name, None) for name in assigned_names(statement.then + statement.other))
    return list(names)


def head(statement: tree.Statement) -> tree.Node:
    """The part of a statement to point at: what begins it, not the whole of its block."""
    if isinstance(statement, tree.Repeat):
        return tree.Name(statement.start, statement.count.end, "")
    if isinstance(statement, tree.Each):
        return tree.Name(statement.start, statement.values.end, "")
    if isinstance(statement, tree.If):
        return tree.Name(statement.start, statement.condition.end, "")
    if isinstance(statement, tree.Assign):
        return tree.Name(statement.targets[0].start, statement.targets[-1].end, "")
    return statement


def assignments(body: tuple[tree.Statement, ...], name: str) -> list[tree.Name]:
    """Where a body assigns a name, in order."""
    found: list[tree.Name] = []
    for statement in body:
        if isinstance(statement, tree.Assign):
            found.extend(target for target in statement.targets if target.name == name)
        elif isinstance(statement, tree.Repeat | tree.Each):
            found.extend(assignments(statement.body, name))
        elif isinstance(statement, tree.If):
            found.extend(assignments(statement.then + statement.other, name))
    return found


def axes_named(layer: tree.Layer) -> frozenset[str]:
    """The names that stand as an axis of an input, output, parameter or buffer of a layer: they are integers."""
    known = _axes.get(id(layer))
    if known is not None and known[0] is layer:
        return known[1]
    declared = [*layer.signature.inputs, *layer.signature.outputs] if layer.signature is not None else []
    for statement in layer.body:
        if isinstance(statement, tree.ParamDecl):
            declared.extend(statement.tensors)
    answer = frozenset(axis.name for one in declared for axis in one.axes if isinstance(axis, tree.Name))
    _axes[id(layer)] = (layer, answer)
    return answer


def calls_one_layer(body: tuple[tree.Statement, ...]) -> bool:
    """Whether a body only sends tensors through one unnamed layer: `x = x -> Block(heads)`.

    In a named loop that layer goes by the loop's name: `repeat layers as h { x = x -> Block(heads) }` holds the
    parameters `h.attn.weight`, as `nn.ModuleList` of blocks does, not `h.block.attn.weight`.
    """
    if len(body) != 1:
        return False
    statement = body[0]
    if isinstance(statement, tree.If):
        return calls_one_layer(statement.then) and (not statement.other or calls_one_layer(statement.other))
    if not isinstance(statement, tree.Assign):
        return False
    value = statement.value
    if not isinstance(value, tree.Pipe) or len(value.stages) != 1 or value.stages[0].name is not None:
        return False
    sources = value.value.items if isinstance(value.value, tree.Group) else (value.value,)
    return all(isinstance(source, tree.Name) for source in sources)
