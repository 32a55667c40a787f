"""`shard`: how the weights of layers are cut when several devices share a matrix.

In a primitive the statement names parameters, each with the axis that is cut; in a composite it names layers, for which
their own statement of the same kind then holds.
"""

from __future__ import annotations

from archspec.elaborate.frame import Frame
from archspec.elaborate.program import Parameter
from archspec.elaborate.values import Block, Instance
from archspec.errors.suggest import did_you_mean
from archspec.syntax import tree

ADAPTER_NAME = "lora"
"""The name of an adapter in the layer that it stands beside."""
KINDS = ("columns", "rows", "vocabulary")
"""columns: each device makes some of the outputs; rows: each takes some of the inputs, and the results are added up;
vocabulary: each looks up some of the rows of a table, and the results are added up.
"""


def mark(frame: Frame, statement: tree.Shard) -> None:
    """Say of layers how they are cut."""
    check_kind(frame, statement)
    for item in statement.items:
        instance = _find(frame, item.path)
        if instance is None:
            names = [*frame.block.children, *frame.instance.block.children]
            frame.fault(item, "no-such-layer", name=str(item.path), fix=did_you_mean(str(item.path), names))
        if item.axis is not None:
            frame.fault(item, "shard-axis-of-layer", name=str(item.path), axis=item.axis)
        if not declarations(instance.definition.layer, statement.kind):
            layer = instance.definition.layer.name
            frame.fault(item, "cannot-shard", name=str(item.path), layer=layer, kind=statement.kind)
        instance.sharded = statement.kind
        _mark_adapter(instance, statement.kind)


def _mark_adapter(instance: Instance, kind: str) -> None:
    """Of an adapter beside a layer, the half that has the axis that is cut is cut like it."""
    adapter = instance.block.children.get(ADAPTER_NAME)
    half = {"columns": "B", "rows": "A"}.get(kind)
    if adapter is not None and half is not None:
        adapter.block.children[half].sharded = kind


def check_kind(frame: Frame, statement: tree.Shard) -> None:
    """Report a kind that there is not."""
    if statement.kind not in KINDS:
        fix = did_you_mean(statement.kind, KINDS)
        frame.fault(statement, "unknown-shard", kind=statement.kind, known=", ".join(KINDS), fix=fix)


def _find(frame: Frame, path: tree.Path) -> Instance | None:
    for block in (frame.block, frame.instance.block):
        found = _descend(block, path.names)
        if found is not None:
            return found
    return None


def _descend(block: Block, names: tuple[str, ...]) -> Instance | None:
    instance = block.children.get(names[0])
    if instance is None:
        inner = (_descend(one, names) for one in block.blocks.values())
        return next((one for one in inner if one is not None), None)
    return instance if len(names) == 1 else _descend(instance.block, names[1:])


def declarations(layer: tree.Layer, kind: str) -> dict[str, str | None]:
    """The parameters that a primitive cuts in a kind of sharding, each with the name of the axis that is cut."""
    return {
        ".".join(item.path.names): item.axis
        for statement in layer.body
        if isinstance(statement, tree.Shard) and statement.kind == kind
        for item in statement.items
    }


def cut_axis(layer: tree.Layer, parameter: Parameter, axis: str | None) -> int | None:
    """The position of the axis of a parameter that is cut; None where the layer does not declare it."""
    name = parameter.path.rpartition(".")[2]
    for statement in layer.body:
        if not isinstance(statement, tree.ParamDecl):
            continue
        for declared in statement.tensors:
            if declared.name != name:
                continue
            names = [one.name if isinstance(one, tree.Name) else None for one in declared.axes]
            return names.index(axis) if axis in names else None
    return None
