"""An ONNX file, read with limits: names, shapes and small constants. No other file is ever opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import prod
from typing import Any

from archspec.importing.errors import CannotImport

LARGEST = 2**31 - 1
"""Bytes of a file: what the format's container can hold."""
NODES = 20_000
TENSORS = 100_000
ELEMENTS = 4096
"""A constant of more elements is known by its shape alone."""
_SIZE = 2**40
_WHOLE = 2**60
FLOATING = frozenset({1, 10, 11, 16, 17, 18, 19, 20})
"""The numbers of floating types, float8 included."""
_STORED = ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data", "string_data")


def require() -> None:
    """Raise `CannotImport` where the onnx package is missing."""
    try:
        import onnx  # noqa: F401
    except ImportError:
        raise CannotImport("this needs the onnx package: pip install 'archspec-lang[onnx]'") from None


def read(path: str) -> Any:
    """The model of a file, looked through; large constants of its nodes are initialisers. Raises `CannotImport`."""
    import onnx

    try:
        size = os.path.getsize(path)
        if size > LARGEST:
            raise CannotImport(f"the file has {size:,} bytes; weights of so many belong into a file of their own")
        model = onnx.load(path, load_external_data=False)
    except CannotImport:
        raise
    except Exception as error:  # the decoder's own kinds, and those of the system
        said = " ".join(str(error).split())[:200]
        raise CannotImport(f"it is no file of ONNX: {type(error).__name__}: {said}") from None
    graph = model.graph
    if not graph.node and not graph.output:
        raise CannotImport("it is no file of ONNX: there is no graph in it")
    _look_through(graph)
    if model.functions:
        model = _inlined(model)
        _look_through(model.graph)
    _check_operators(model)
    _lift_constants(model.graph)
    return model


def without_values(graph: Any) -> None:
    """Drop values that are not looked at."""
    for tensor in graph.initializer:
        if prod(tensor.dims) > ELEMENTS or tensor.data_location == 1:
            for name in _STORED:
                tensor.ClearField(name)


def _lift_constants(graph: Any) -> None:
    """Some exporters have weights in nodes."""
    kept = []
    for node in graph.node:
        own = next((one.t for one in node.attribute if one.name == "value"), None)
        if node.op_type != "Constant" or node.domain not in ("", "ai.onnx") or own is None or not node.output:
            kept.append(node)
            continue
        _check(own)
        if own.data_type not in FLOATING or prod(own.dims) <= ELEMENTS:
            kept.append(node)
            continue
        moved = graph.initializer.add()
        moved.CopyFrom(own)
        moved.name = node.output[0]
    if len(kept) < len(graph.node):
        graph.ClearField("node")
        graph.node.extend(kept)


def _inlined(model: Any) -> Any:
    """Functions of the file put where they are called."""
    from onnx import inliner

    if len(model.functions) > 1000 or sum(len(one.node) for one in model.functions) > NODES:
        raise CannotImport("it has too many functions of its own")
    try:
        return inliner.inline_local_functions(model)
    except Exception as error:
        raise CannotImport(f"its functions cannot be put in place: {str(error)[:200]}") from None


def _look_through(graph: Any) -> None:
    """Raise `CannotImport` for what is too large, or cannot be."""
    if len(graph.node) > NODES:
        raise CannotImport(f"it has {len(graph.node):,} operations; {NODES:,} are read")
    if len(graph.initializer) > TENSORS:
        raise CannotImport(f"it has {len(graph.initializer):,} tensors; {TENSORS:,} are read")
    for name in _names(graph):
        if not isinstance(name, str) or not name.isprintable():
            raise CannotImport("it is no file of ONNX: a name in it is no text that could be shown")
    if any(not isinstance(said.value, str) for node in graph.node for said in node.metadata_props):
        raise CannotImport("it is no file of ONNX: what it says of an operator is no text")
    if graph.sparse_initializer:
        raise CannotImport("it has sparse tensors, of which the library knows nothing")
    names: set[str] = set()
    for tensor in graph.initializer:
        _check(tensor)
        if tensor.name in names:
            raise CannotImport(f"there are two tensors `{tensor.name[:100]}`")
        names.add(tensor.name)


def _check_operators(model: Any) -> None:
    """Raise `CannotImport` where an operator takes or gives fewer tensors than it can."""
    from onnx import defs

    versions = {one.domain: one.version for one in model.opset_import}
    version = versions.get("", versions.get("ai.onnx", defs.onnx_opset_version()))
    least: dict[str, tuple[int, int]] = {}
    for node in model.graph.node:
        if node.domain not in ("", "ai.onnx"):
            continue
        if node.op_type not in least:
            try:
                schema = defs.get_schema(node.op_type, version, "")
                least[node.op_type] = schema.min_input, max(1, schema.min_output)
            except Exception:  # no operator of this version: whether its shape is known shows later
                least[node.op_type] = 0, 1
        inputs, outputs = least[node.op_type]
        if len(node.input) < inputs or len(node.output) < outputs or not all(node.output[:outputs]):
            raise CannotImport(f"it is no file of ONNX: {node.op_type[:60]} takes or gives too little")
        # The format's own inference would make room for as many.
        if any(one.name == "num_outputs" and one.i != len(node.output) for one in node.attribute):
            raise CannotImport(f"it is no file of ONNX: {node.op_type[:60]} gives another number than it says")


def _names(graph: Any) -> Iterator[Any]:
    """Whatever is to be a text; the container gives bytes for what is none."""
    for one in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        yield one.name
    for one in (*graph.input, *graph.output, *graph.value_info):
        for dim in one.type.tensor_type.shape.dim:
            yield dim.dim_param
    for node in graph.node:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        for attribute in node.attribute:
            yield attribute.name
        for said in node.metadata_props:
            yield said.key


def _check(tensor: Any) -> None:
    dims = list(tensor.dims)
    if len(dims) > 8 or any(one < 0 or one > _SIZE for one in dims) or prod(dims) > _WHOLE:
        raise CannotImport(f"the tensor `{tensor.name[:100]}` is {dims[:12]}, which is no size of a weight")


def constant(tensor: Any) -> Any:
    """A small constant as an array, or None."""
    from onnx import numpy_helper

    _check(tensor)
    if prod(tensor.dims) > ELEMENTS or tensor.data_location == 1:
        return None
    try:
        return numpy_helper.to_array(tensor)
    except Exception:  # fewer bytes than its shape has, or a type of its own
        raise CannotImport(f"the tensor `{tensor.name[:100]}` does not hold what its shape says") from None
