"""Pieces of a tensor by way of a sequence: `SplitToSequence` whose pieces are taken by their numbers is `Split`."""

from __future__ import annotations

from typing import Any

from archspec.importing.graphs.onnx_file import constant

_OPSET = 13
"""From here on `Split` takes sizes as an input."""
_PIECES = 1000


def without_sequences(model: Any) -> None:
    """Put `Split` in the place of sequences, in place, where all that is taken of them is known."""
    if not any(node.op_type == "SplitToSequence" for node in model.graph.node):
        return
    if any(one.domain in ("", "ai.onnx") and one.version < _OPSET for one in model.opset_import):
        return
    graph = model.graph
    numbers = _numbers(graph)
    takers: dict[str, list[Any]] = {}
    for node in graph.node:
        for name in node.input:
            takers.setdefault(name, []).append(node)
    gone: set[int] = set()
    instead: dict[int, Any] = {}
    sizes: list[Any] = []
    for node in graph.node:
        if node.op_type != "SplitToSequence" or len(node.input) != 2:
            continue
        pieces = takers.get(node.output[0], [])
        made = _split(node, pieces, numbers)
        if made is not None:
            instead[id(node)], own = made
            sizes.append(own)
            gone.update(id(one) for one in pieces)
    kept = [instead.get(id(node), node) for node in graph.node if id(node) not in gone]
    graph.ClearField("node")
    graph.node.extend(kept)
    graph.initializer.extend(sizes)


def _split(node: Any, pieces: list[Any], numbers: dict[str, list[int]]) -> tuple[Any, Any] | None:
    """`Split`, and the sizes of its pieces; None where they are not known."""
    import onnx

    own = {one.name: one.i for one in node.attribute}
    given = numbers.get(node.input[1])
    at = [numbers.get(one.input[1]) if one.op_type == "SequenceAt" else None for one in pieces]
    if given is None or not own.get("keepdims", 1) or not pieces:
        return None
    places = [one[0] for one in at if one is not None and len(one) == 1 and 0 <= one[0] < _PIECES]
    if len(places) < len(pieces) or len(set(places)) < len(places):
        return None
    sizes = given if len(given) > 1 else given * (max(places) + 1)
    if max(places) >= len(sizes):
        return None
    names = [f"{node.output[0]}_{place}" for place in range(len(sizes))]
    for one, place in zip(pieces, places, strict=True):
        names[place] = one.output[0]
    own_sizes = f"{node.output[0]}_sizes"
    made = onnx.helper.make_node("Split", [node.input[0], own_sizes], names, name=node.name, axis=own.get("axis", 0))
    made.metadata_props.extend(node.metadata_props)
    return made, onnx.helper.make_tensor(own_sizes, onnx.TensorProto.INT64, [len(sizes)], sizes)


def _numbers(graph: Any) -> dict[str, list[int]]:
    """The small whole numbers that are constants."""
    found: dict[str, list[int]] = {}
    held = [(one.name, one) for one in graph.initializer]
    for node in graph.node:
        held += [
            (node.output[0], one.t) for one in node.attribute if node.op_type == "Constant" and one.name == "value"
        ]
    for name, tensor in held:
        values = constant(tensor) if tensor.data_type == 7 else None
        if values is not None and values.size <= _PIECES:
            found[name] = [int(one) for one in values.ravel()]
    return found
