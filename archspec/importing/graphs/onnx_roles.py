"""Which initialisers of a file are parameters where it does not say so: by their names, and by what takes them.

A weight of an operator that learns (a product, a convolution, a norm, a table) is a parameter, whatever its name. What
is only added, multiplied and the like is one if it has a name from the model, and a constant if an exporter made the
name up. What is only compared is none: no gradient reaches it. Nor is what holds an infinity. Statistics of batch norms
are buffers. The limit: a buffer that is added or multiplied looks like a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import Any

from archspec.importing.graphs.onnx_file import FLOATING
from archspec.importing.graphs.onnx_signature import Meant

_MADE = re.compile(r"(onnx::|/|_?val_\d|\d+$|(.*[/_:.])?(const|constant)s?([_.:/]|\d|$)|scalar)", re.IGNORECASE)
"""Names that exporters make up."""
_WEIGHTS = {
    "MatMul": (0, 1), "Gemm": (0, 1, 2), "Conv": (1, 2), "ConvTranspose": (1, 2), "LSTM": (1, 2, 3),
    "GRU": (1, 2, 3), "RNN": (1, 2, 3), "LayerNormalization": (1, 2), "RMSNormalization": (1,),
    "InstanceNormalization": (1, 2), "GroupNormalization": (1, 2), "BatchNormalization": (1, 2), "PRelu": (1,),
    "Gather": (0,), "Einsum": (0, 1),
}  # fmt: skip
"""Where operators take what they learn."""
_MOVES = frozenset({"Transpose", "Reshape", "Unsqueeze", "Squeeze", "Flatten", "Cast", "Identity", "Expand", "Slice"})
_BARE = frozenset({"Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Not", "And", "Or", "Shape", "ArgMax",
                   "Size", "IsNaN", "IsInf"})  # fmt: skip
"""Operators that give no real numbers."""
_LARGEST = 2**26
"""Elements of a tensor whose values are looked at."""
_TORCH = "pytorch"
_UNTOLD = "not told in such a file: parameters that no operator takes, and which of what is added is a buffer"


def by_use(model: Any) -> Meant:
    """The roles of all initialisers. `model` is changed: copies that PyTorch's older exporter says it left out become
    initialisers again, and transposed ones what they are.
    """
    graph = model.graph
    torch = model.producer_name == _TORCH
    if torch:
        _apart(graph)
        _turn_back(graph)
    takers: dict[str, list[tuple[Any, int]]] = {}
    for node in graph.node:
        for place, name in enumerate(node.input):
            takers.setdefault(name, []).append((node, place))
    biases = _biases(graph, takers)
    found = Meant(apart=not torch, notes=[_UNTOLD])
    for one in graph.initializer:
        found.roles[one.name] = _role(one, takers, torch=torch, bias=one.name in biases)
    made = [
        one.name for one in graph.initializer
        if torch and found.roles[one.name] == "constant" and one.data_type in FLOATING and prod(one.dims) > 1
    ]  # fmt: skip
    if made:
        more = f" and {len(made) - 1} more" if len(made) > 1 else ""
        found.notes.append(f"not counted, because the exporter worked it out: `{made[0][:60]}`{more}")
    folded = [one.name for one in graph.initializer if torch and one.name.startswith("onnx::Conv_")]
    if folded:
        found.told.append(
            f"params: the exporter worked out `{folded[0][:60]}`, as it does with batch norms: what went into it is "
            "not in the file (training=TrainingMode.PRESERVE, do_constant_folding=False keep it)"
        )
    return found


def _role(one: Any, takers: dict[str, list[tuple[Any, int]]], *, torch: bool, bias: bool) -> str:
    made = _MADE.match(one.name) is not None
    if one.data_type not in FLOATING:
        return "buffer" if torch and not made else "constant"
    elements = prod(one.dims)
    places = list(_places(one.name, takers))
    if any(node.op_type == "BatchNormalization" and place > 2 for node, place in places):
        return "buffer"
    weight = any(place in _WEIGHTS.get(node.op_type, ()) for node, place in places)
    if elements == 0 or not places or ((not one.dims or (elements == 1 and not weight)) and not (torch and not made)):
        return "param" if bias and elements else "constant"
    if weight or bias:
        return "param"
    if made:
        return "constant"
    if all(node.op_type in _BARE or (node.op_type == "Where" and place == 0) for node, place in places):
        return "buffer"
    return "buffer" if _is_mask(one) else "param"


def _places(name: str, takers: dict[str, list[tuple[Any, int]]]) -> Iterator[tuple[Any, int]]:
    """Who takes a tensor in the end, past operators that only arrange it."""
    waiting = [name]
    seen = {name}
    while waiting:
        for node, place in takers.get(waiting.pop(), ()):
            if node.op_type not in _MOVES or place > 0:
                yield node, place
                continue
            for output in node.output:
                if output not in seen:
                    seen.add(output)
                    waiting.append(output)


def _biases(graph: Any, takers: dict[str, list[tuple[Any, int]]]) -> set[str]:
    """Vectors that are added to what a product with a weight gives."""
    held = {one.name: one for one in graph.initializer if len(one.dims) == 1 and one.data_type in FLOATING}
    weights = {one.name for one in graph.initializer if len(one.dims) == 2 and one.data_type in FLOATING}
    weights |= {node.output[0] for node in graph.node if node.op_type == "Transpose" and node.input[0] in weights}
    found: set[str] = set()
    for node in graph.node:
        if node.op_type != "MatMul" or len(node.input) != 2 or node.input[1] not in weights:
            continue
        for after, place in takers.get(node.output[0], ()):
            if after.op_type == "Add" and after.input[1 - place] in held:
                found.add(after.input[1 - place])
    return found


def _is_mask(one: Any) -> bool:
    """Whether a tensor holds what no parameter does: an infinity, or the least number of its type."""
    values = _values(one)
    if values is None:
        return False
    import numpy as np

    return bool(np.isinf(values).any() or (values <= np.finfo(values.dtype).min).any())


def _values(one: Any) -> Any:
    """The values of a tensor that are in the file; None of what is elsewhere, or does not fit its shape."""
    from onnx import numpy_helper

    if one.data_location == 1 or prod(one.dims) > _LARGEST:
        return None
    try:
        found = numpy_helper.to_array(one)
    except Exception:  # fewer bytes than its shape has, or a type of its own
        return None
    return found if found.dtype.kind == "f" else None


def _apart(graph: Any) -> None:
    """PyTorch stores equal tensors once, and says with `Identity` which others there are. A module that runs twice has
    its transposed weights twice in this way, but they are one.
    """
    held = {one.name: one for one in graph.initializer}
    results = {one.name for one in graph.output}
    copies = {
        node.output[0]: node.input[0] for node in graph.node
        if node.op_type == "Identity" and node.input[0] in held and node.output[0] not in results
    }  # fmt: skip
    modules = {name.rpartition(".")[0] for name in (*held, *copies) if _MADE.match(name) is None}
    scopes: dict[str, str] = {}
    for node in graph.node:
        for name in node.input if node.op_type != "Identity" else ():
            if name in held or name in copies:
                scopes.setdefault(name, _module(node.name, modules))
    kept = []
    for node in graph.node:
        copied = node.op_type == "Identity" and node.output[0] in copies
        if copied and _MADE.match(node.output[0]) is not None:  # as long as another module takes it
            copied = scopes.get(node.output[0]) != scopes.get(node.input[0])
        if not copied:
            kept.append(node)
        else:
            copy = graph.initializer.add()
            copy.CopyFrom(held[node.input[0]])
            copy.name = node.output[0]
    if len(kept) < len(graph.node):
        graph.ClearField("node")
        graph.node.extend(kept)


def _module(name: str, modules: set[str]) -> str:
    """The module that an operator ran in: `/a/linear_1/MatMul` is the second run of `a.linear`, if `a` has no other."""
    found = ""
    for part in name[:2000].split("/")[1:-1]:
        whole = f"{found}.{part}".lstrip(".")
        plain = f"{found}.{re.sub(r'_[0-9]+$', '', part)}".lstrip(".")
        found = whole if any(one == whole or one.startswith(f"{whole}.") for one in modules) else plain
    return found


def _turn_back(graph: Any) -> None:
    """A matrix that is another one transposed, and named by the exporter, is that one: a tied table."""
    import numpy as np
    import onnx

    named: dict[tuple[int, ...], list[Any]] = {}
    for one in graph.initializer:
        if len(one.dims) == 2 and one.data_type in FLOATING and _MADE.match(one.name) is None:
            named.setdefault(tuple(one.dims), []).append(one)
    for one in list(graph.initializer):
        others = named.get(tuple(one.dims)[::-1], ())
        if not others or len(one.dims) != 2 or _MADE.match(one.name) is None:
            continue
        values = _values(one)
        if values is None or values.size < 2 or values.min() == values.max():
            continue
        for other in others:
            whole = _values(other)
            if whole is not None and np.array_equal(values, whole.T):
                graph.node.add().CopyFrom(onnx.helper.make_node("Transpose", [other.name], [one.name], perm=[1, 0]))
                graph.initializer.remove(one)
                break
