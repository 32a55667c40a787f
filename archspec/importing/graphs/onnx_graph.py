"""A graph of ONNX at given sizes of its axes: constants worked out, every shape inferred, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from archspec.importing.errors import CannotImport
from archspec.importing.graphs.onnx_constants import shape_of, worked_out
from archspec.importing.graphs.onnx_file import ELEMENTS, FLOATING, constant
from archspec.importing.graphs.onnx_pairs import RECURRENT
from archspec.importing.graphs.onnx_places import in_order, owner_of, placed, scope_of, shapes_of
from archspec.importing.graphs.onnx_signature import Meant

Node = dict[str, Any]
_DTYPES = {6: "int64", 7: "int64", 9: "bool", 2: "int64", 3: "int64", 5: "int64", 12: "int64", 13: "int64"}


class Reading:
    """Goes through the nodes once. Raises `CannotImport`."""

    def __init__(self, model: Any, meant: Meant, inputs: Sequence[Any], sizes: Mapping[str, int]) -> None:
        self._model = model
        self._told = meant
        self._sizes = sizes
        self._types: dict[str, Any] = {}
        self._constants: dict[str, Any] = {}
        self._weights: dict[str, Any] = {}
        self._numbers: dict[str, int] = {}
        self._values: list[dict[str, Any]] = []
        self._body: list[Node] = []
        self._kinds: dict[str, str] = {}
        self._alias: dict[str, str] = {}
        self._inputs = [one.name for one in inputs]
        self._opsets = {one.domain: one.version for one in model.opset_import}
        self._hints = {one.name: one.type for one in [*model.graph.value_info, *model.graph.output]}
        for one in inputs:
            self._types[one.name] = self._sized(one.type)
            self._number(one.name)
        self._initialisers()
        for node in in_order(model.graph.node):
            self._node(node)
        placed(self._body)
        missing = [one.name for one in model.graph.output if one.name not in self._types]
        if missing or not model.graph.output:
            raise CannotImport(f"nothing makes its output `{missing[0][:100] if missing else ''}`")

    def written(self, title: str) -> dict[str, Any]:
        """All of it."""
        held = {
            name: {"v": self._number(name), "role": self._told.roles.get(name, "constant"), "shape": list(one.dims),
                   "idle": name not in self._used}
            for name, one in self._tensors.items() if name in self._used or name in self._idle
        }  # fmt: skip
        outputs = [{"v": self._number(one.name)} for one in self._model.graph.output]
        return {
            "graph": "onnx", "model": title, "values": self._values, "held": held,
            "inputs": {name: {"v": self._number(name)} for name in self._inputs}, "outputs": outputs,
            "body": self._body, "kinds": self._kinds, "apart": self._told.apart,
            "lost": self._told.lost,
        }  # fmt: skip

    def record(self) -> dict[str, Any]:
        """What there is to compare: parameters, buffers, outputs, and what weights give.

        Exporters store equal vectors once, such as biases that are all zero: each layer counts its own, where the file
        does not say more.
        """
        recurrent = [node for node in self._body if node["op"] in RECURRENT]
        owners: dict[str, set[str]] = {}
        for node in self._body if self._told.apart else ():
            for name in node["names"]:
                if name in self._weights and len(self._weights[name].dims) == 1:
                    owners.setdefault(name, set()).add(owner_of(node, name))
        held = [
            {
                "name": name[:200],
                "layer": name.rpartition(".")[0][:200],
                "role": "param" if self._told.roles[name] == "param" else "buffer",
                "shape": list(dims),
            }
            for name, one in self._weights.items()
            if name in self._used or name in self._idle
            for _ in owners.get(name, {""})
            for dims in shapes_of(name, one.dims, recurrent)
        ]
        made = [
            {"layer": node["path"][:200], "operation": node["op"], "shapes": [self._values[node["o"][0]]["shape"]]}
            for node in self._body
            if node["op"] in ("Conv", "Gemm", "ConvTranspose", "LayerNormalization", "BatchNormalization")
            and any(name in self._weights for name in node["names"][1:])
        ]
        outputs = [self._values[self._number(one.name)]["shape"] for one in self._model.graph.output]
        return {"held": held, "made": made, "outputs": outputs, "ordered": True, "told": self._told.told}

    def _initialisers(self) -> None:
        import onnx

        self._tensors: dict[str, Any] = {}
        self._used: set[str] = set()
        self._idle = set(self._told.idle)
        for one in self._model.graph.initializer:
            self._tensors[one.name] = one
            self._types[one.name] = onnx.helper.make_tensor_type_proto(one.data_type, list(one.dims))
            if self._told.roles.get(one.name, "constant") != "constant":
                self._weights[one.name] = one
            elif (found := constant(one)) is not None:
                self._constants[one.name] = found

    def _sized(self, type_: Any) -> Any:
        """A type with numbers for its named axes."""
        import onnx

        found = onnx.TypeProto()
        found.CopyFrom(type_)
        for dim in found.tensor_type.shape.dim:
            if not dim.HasField("dim_value") and dim.dim_param in self._sizes:
                dim.dim_value = self._sizes[dim.dim_param]
        return found

    def _node(self, node: Any) -> None:
        from onnx import numpy_helper

        names = [name for name in node.input if name]
        unknown = [name for name in names if name not in self._types]
        if unknown:
            raise CannotImport(f"nothing makes `{unknown[0][:100]}`, which {node.op_type[:60]} takes")
        given = {name: self._types[name] for name in names}
        data = {name: numpy_helper.from_array(self._constants[name]) for name in names if name in self._constants}
        self._infer(node, given, data)
        if self._fold(node, names):
            return
        places = [place for place, name in enumerate(node.output) if name]
        if not places:
            return
        if node.op_type == "Identity" and self._meant(names[0]) in self._weights:
            self._alias[node.output[0]] = self._meant(names[0])  # equal weights, of which the file has one
            return
        self._used |= {self._meant(name) for name in names if self._meant(name) in self._tensors}
        path, kinds = scope_of(node)
        self._kinds.update(kinds)
        self._body.append(
            {
                "op": node.op_type[:100], "domain": node.domain[:100], "path": path,
                "in": [self._operand(self._meant(name)) for name in node.input],
                "names": [self._meant(name) for name in node.input],
                "o": [self._number(node.output[place]) for place in places], "places": places,
                "attr": {one.name: found for one in node.attribute if (found := _attribute(one)) is not None},
            }
        )  # fmt: skip

    def _meant(self, name: str) -> str:
        return self._alias.get(name, name)

    def _infer(self, node: Any, given: dict[str, Any], data: dict[str, Any]) -> None:
        """The types of what a node gives, by the operator's own rule, or as the file says."""
        import onnx
        from onnx import shape_inference

        found: dict[str, Any] = {}
        try:
            domain = "" if node.domain == "ai.onnx" else node.domain
            version = self._opsets.get(domain, self._opsets.get("ai.onnx", onnx.defs.onnx_opset_version()))
            schema = onnx.defs.get_schema(node.op_type, version, domain)
            found = shape_inference.infer_node_outputs(
                schema, node, given, data, opset_imports=list(self._model.opset_import),
                ir_version=self._model.ir_version,
            )  # fmt: skip
        except Exception as error:  # no such operator, or wrong inputs: the file may say what comes out
            reason = " ".join(str(error).split())[:200]
        else:
            reason = ""
        for name in node.output:
            if not name:
                continue
            if name in self._types:
                raise CannotImport(f"`{name[:100]}` is made twice")
            type_ = found.get(name)
            if type_ is None or not _complete(type_):
                type_ = self._sized(self._hints[name]) if name in self._hints else None
            if type_ is None or not _complete(type_):
                said = f" ({reason})" if reason else ""
                raise CannotImport(f"the shape of what {node.op_type[:60]} gives is not known{said}")
            self._types[name] = type_
        if node.op_type == "Reshape":
            before, after = (prod(shape_of(self._types[name])) for name in (node.input[0], node.output[0]))
            if before != after:
                raise CannotImport(f"a Reshape makes {after:,} elements of {before:,}")

    def _fold(self, node: Any, names: Sequence[str]) -> bool:
        """Work out a node of constants; whether that was done."""
        if any(prod(shape_of(self._types[name])) > ELEMENTS for name in node.output if name):
            return False
        found = worked_out(node, names, self._types, self._constants, self._model)
        if found is not None:
            self._constants.update(zip(list(node.output), found, strict=False))
        return found is not None

    def _operand(self, name: str) -> Any:
        """What a node takes: a value, a small constant, or nothing."""
        if not name:
            return None
        found = self._constants.get(name)
        if found is not None and name not in self._weights:
            plain = found.tolist() if found.dtype.kind in "biuf" and found.size <= 64 else None
            return {"c": plain, "shape": list(found.shape), "dtype": _kind(str(found.dtype)), "v": self._number(name)}
        return {"v": self._number(name)}

    def _number(self, name: str) -> int:
        known = self._numbers.get(name)
        if known is None:
            type_ = self._types[name]
            known = self._numbers[name] = len(self._values)
            kind = type_.tensor_type.elem_type
            self._values.append({
                "shape": list(shape_of(type_)), "dtype": "float32" if kind in FLOATING else _DTYPES.get(kind, "int64"),
            })  # fmt: skip
        return known


def _kind(dtype: str) -> str:
    return "bool" if dtype == "bool" else "int64" if "int" in dtype else "float32"


def _complete(type_: Any) -> bool:
    tensor = type_.tensor_type
    return bool(
        type_.HasField("tensor_type") and tensor.HasField("shape")
        and all(one.HasField("dim_value") and 0 <= one.dim_value < 2**40 for one in tensor.shape.dim)
        and prod(one.dim_value for one in tensor.shape.dim) < 2**60
    )  # fmt: skip


def _attribute(one: Any) -> Any:
    if one.type == 1:
        return float(one.f)
    if one.type == 2:
        return int(one.i)
    if one.type == 3:
        return one.s.decode("utf-8", "replace")[:200]
    if one.type == 6:
        return [float(value) for value in one.floats]
    if one.type == 8:
        return [value.decode("utf-8", "replace")[:200] for value in one.strings]
    return [int(value) for value in one.ints] if one.type == 7 else None
