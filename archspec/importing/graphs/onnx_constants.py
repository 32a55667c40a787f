"""Arithmetic of shapes in a graph of ONNX: constants worked out by the format's own reference, node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

_FOLDED = frozenset(
    {"Constant", "Shape", "Size", "Gather", "Concat", "Unsqueeze", "Squeeze", "Cast", "Add", "Sub", "Mul", "Div", "Mod",
     "Slice", "Reshape", "Range", "ConstantOfShape", "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Not",
     "And", "Or", "Where", "Expand", "Identity", "Min", "Max", "Neg", "Abs", "Ceil", "Floor", "Sqrt", "ReduceProd",
     "ReduceSum", "ReduceMax", "ReduceMin", "Transpose", "Pow", "Sign", "Trilu", "ScatterND", "Flatten", "Split",
     "Tile", "CastLike", "Reciprocal", "Exp", "Log", "Sin", "Cos"}
)  # fmt: skip
"""Operations of constants that are worked out: arithmetic of shapes."""


def worked_out(
    node: Any, names: Sequence[str], types: Mapping[str, Any], constants: Mapping[str, Any], model: Any
) -> list[Any] | None:
    """What a node gives as arrays; None where it hangs on more than constants."""
    if node.op_type not in _FOLDED or node.domain not in ("", "ai.onnx"):
        return None
    if node.op_type in ("Shape", "Size"):
        return [_by_shape(node, shape_of(types[names[0]]))] if names else None
    if any(name not in constants for name in names):
        return None
    import onnx
    from onnx.reference import ReferenceEvaluator

    inputs = [onnx.ValueInfoProto(name=name, type=types[name]) for name in dict.fromkeys(names)]
    outputs = [onnx.ValueInfoProto(name=name, type=types[name]) for name in node.output]
    graph = onnx.helper.make_graph([node], "one", inputs, outputs)
    alone = onnx.helper.make_model(graph, opset_imports=list(model.opset_import))
    try:
        return list(ReferenceEvaluator(alone).run(None, {name: constants[name] for name in names}))
    except Exception:  # an operator that the reference has otherwise: its shape is known all the same
        return None


def _by_shape(node: Any, shape: tuple[int, ...]) -> Any:
    import numpy as np

    if node.op_type == "Size":
        return np.array(prod(shape), dtype=np.int64)
    found = {one.name: int(one.i) for one in node.attribute}
    return np.array(shape[found.get("start", 0) : found.get("end", len(shape))], dtype=np.int64)


def shape_of(type_: Any) -> tuple[int, ...]:
    """The sizes of a type that is complete."""
    return tuple(int(one.dim_value) for one in type_.tensor_type.shape.dim)
