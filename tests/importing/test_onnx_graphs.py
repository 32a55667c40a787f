"""Graphs that say nothing of the model they come from: what takes an initialiser says what it is."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx")
pytest.importorskip("torch")

import onnx

from archspec.importing.errors import CannotImport
from tests.importing.onnx_models import import_file, outputs, sizes


def weight(name: str, *dims: int, values: Any = None) -> onnx.TensorProto:
    size = 1
    for one in dims:
        size *= one
    return onnx.helper.make_tensor(name, 1, dims, [0.5] * size if values is None else values)


def graph(path: Path, nodes: list[Any], weights: list[Any], shape: list[Any], output: list[Any] | None = None) -> Path:
    """A file of operators from `x` to `y`."""
    inputs = [onnx.helper.make_tensor_value_info("x", 1, shape)]
    outputs = [onnx.helper.make_tensor_value_info("y", 1, output)]
    made_graph = onnx.helper.make_graph(nodes, "g", inputs, outputs, weights)
    onnx.save(onnx.helper.make_model(made_graph, opset_imports=[onnx.helper.make_opsetid("", 20)]), path)
    return path


node = onnx.helper.make_node


def test_what_takes_an_initialiser_says_what_it_is(tmp_path: Path) -> None:
    """A weight of a product, a bias and a scale with a name are parameters; what a tool made up is none."""
    nodes = [
        node("MatMul", ["x", "val_1"], ["a"]),
        node("Add", ["a", "val_2"], ["b"]),
        node("Mul", ["b", "layer.gamma"], ["c"]),
        node("Mul", ["c", "val_3"], ["d"]),
        node("Add", ["d", "attention_mask"], ["e"]),
        node("Greater", ["limits", "zero"], ["f"]),
        node("Where", ["f", "e", "val_4"], ["y"]),
    ]
    weights = [
        weight("val_1", 4, 6), weight("val_2", 6), weight("layer.gamma", 6), weight("val_3", 1),
        weight("attention_mask", 5, 6, values=[float("-inf")] * 30), weight("limits", 5, 6), weight("zero"),
        weight("val_4", 5, 6),
    ]  # fmt: skip
    found = import_file(graph(tmp_path / "roles.onnx", nodes, weights, ["N", 5, 4]))
    report = sizes(found, N=2)
    assert report["params"] == 4 * 6 + 6 + 6
    assert report["buffers"] == 30 + 30


def test_statistics_are_buffers_and_sizes_follow(tmp_path: Path) -> None:
    nodes = [
        node("Conv", ["x", "k"], ["a"], strides=[2, 2], auto_pad="SAME_UPPER"),
        node("BatchNormalization", ["a", "s", "b", "m", "v"], ["c"]),
        node("GlobalAveragePool", ["c"], ["d"]),
        node("Flatten", ["d"], ["e"]),
        node("Gemm", ["e", "w", "u"], ["y"], transB=1),
    ]
    weights = [weight("k", 8, 3, 3, 3), *(weight(one, 8) for one in "sbmv"), weight("w", 5, 8), weight("u", 5)]
    path = graph(tmp_path / "net.onnx", nodes, weights, ["N", 3, "H", "W"])
    report = sizes(import_file(path), N=2, H=32, W=48)
    assert report["params"] == 216 + 16 + 45
    assert report["buffers"] == 16 + 1  # PyTorch's norms count their batches too
    model = onnx.load(path)
    for dim, size in zip(model.graph.input[0].type.tensor_type.shape.dim, (2, 3, 32, 48), strict=True):
        dim.dim_value = size
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    known = [*inferred.graph.value_info, *inferred.graph.output]
    shapes = {one.name: [dim.dim_value for dim in one.type.tensor_type.shape.dim] for one in known}
    assert outputs(report) == [shapes["y"]]
    convolution = shapes["a"]  # each of its elements is 27 products and sums
    assert report["flops.forward"] == 2 * 27 * prod(convolution) + 2 * 8 * prod(shapes["y"])


def test_an_operator_without_a_spelling_is_named_with_its_place(tmp_path: Path) -> None:
    nodes = [node("MatMul", ["x", "w"], ["a"]), node("Det", ["a"], ["y"], name="/head/last/Det")]
    path = graph(tmp_path / "odd.onnx", nodes, [weight("w", 4, 4)], [2, 4, 4], [2])
    with pytest.raises(CannotImport, match=r"no spelling in the library[\s\S]*Det in head\.last\.Det"):
        import_file(path)
    found = import_file(path, partial=True)
    assert not found.exact
    assert "OpaqueDet" in found.text


def test_recurrent_operators_of_another_kind_are_refused(tmp_path: Path) -> None:
    weights = [weight("w", 1, 9, 4), weight("r", 1, 9, 3)]
    path = graph(tmp_path / "gru.onnx", [node("GRU", ["x", "w", "r"], ["y"], hidden_size=3)], weights, [5, 2, 4])
    with pytest.raises(CannotImport, match="GRU in GRU: whose reset gate comes before the product"):
        import_file(path)
