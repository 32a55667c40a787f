"""Batch norms that an exporter multiplied into the operator before them, on their own again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archspec.importing.graphs.onnx_signature import Known

if TYPE_CHECKING:
    from archspec.importing.graphs.onnx_restore import Restoring

_HOSTS = frozenset({"Conv", "ConvTranspose", "Gemm"})
_EPSILON = re.compile(r"([0-9.]+(?:e-?\d+)?)\), kwargs")


def is_fused(function: str, nodes: Sequence[Any]) -> bool:
    """Whether the operators of a line are a batch norm together with what is before it."""
    kinds = {one.op_type for one in nodes}
    return "batch_norm" in function and nodes[-1].op_type in _HOSTS and "BatchNormalization" not in kinds


def batch_norm(r: Restoring, node: Any, wanted: Sequence[Known], line: str) -> list[Any]:
    """What comes after an operator that has lost its batch norm: the norm itself, which gives what the two gave.

    The operator keeps its weight, and gets back its bias, or loses the one that only the norm made.
    """
    import onnx

    weight = node.input[1]
    initial = r.first.get(weight)
    if initial is None:
        return [node]
    attributes = {one.name: one.i for one in node.attribute}
    dims = tuple(initial.dims)
    if node.op_type == "ConvTranspose":
        width = dims[1] * (attributes.get("group") or 1)
    elif node.op_type == "Gemm" and not attributes.get("transB"):
        width = dims[1]
    else:
        width = dims[0]
    own = r.targets.get(weight)
    if own is not None:
        node.input[1] = r.use(own, dims, initial.data_type)
    bias = r.targets.get(f"{own.owner}.bias") if own is not None else None
    del node.input[2:]
    if bias is not None:
        node.input.append(r.use(bias, (width,), initial.data_type))
    parts = [one for one in wanted if one.role == "param"], [one for one in wanted if one.role == "buffer"]
    names = [r.use(one, (width,), initial.data_type) for group in parts for one in group[:2]]
    given = node.output[0]
    between = r.fresh(f"{given}_before")
    node.output[0] = between
    if len(parts[0]) != 2:
        names = [_constant(r, width, initial.data_type), _constant(r, width, initial.data_type), *names[-2:]]
    found = _EPSILON.search(line)
    norm = onnx.helper.make_node(
        "BatchNormalization", [between, *names], [given], epsilon=float(found[1]) if found else 1e-5
    )
    norm.metadata_props.extend(node.metadata_props)
    for said in node.metadata_props:
        if said.key == "pkg.torch.onnx.name_scopes" and own is not None:
            scopes = [*own.owner.split("."), node.op_type.lower()]
            paths = [".".join(scopes[: place + 1]) for place in range(len(scopes) - 1)]
            said.value = str(["", *paths, scopes[-1]])
    return [node, norm]


def _constant(r: Restoring, width: int, kind: int) -> str:
    """A scale or shift that no parameter is behind: of no values, as if these were in another file."""
    import onnx

    name = r.fresh("constant")
    r.made[name] = onnx.TensorProto(name=name, data_type=kind, dims=[width], data_location=onnx.TensorProto.EXTERNAL)
    r.roles[name] = "constant"
    return name
