"""Files of ONNX that are cut off, broken or made to harm: one message, and no hang."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("onnx")
pytest.importorskip("torch")

from onnx import ModelProto, TensorProto, helper

from archspec.loading import load_text
from tests.importing.onnx_files import node, refused, safe, tensor, whole
from tests.importing.onnx_models import import_file


def test_the_whole_file_is_one_that_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(whole().SerializeToString())
    found = import_file(path)
    assert found.exact, found.text
    # The table, the norm, the places, the product, and an LSTM of 6 to 5.
    assert load_text(found.text).size(B=2, S=10)["params"] == 240 + 16 + 512 + 48 + 20 * 11 + 40


def test_files_cut_off(tmp_path: Path) -> None:
    content = whole().SerializeToString()
    read = sum(safe(tmp_path / "m.onnx", content[:length]) for length in range(0, len(content), len(content) // 120))
    assert read < 12  # what is cut off behind the graph


@pytest.mark.parametrize("seed", range(6))
def test_bytes_changed_at_random(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    content = whole().SerializeToString()
    results = set()
    for _ in range(25):
        changed = bytearray(content)
        for _ in range(dice.choice([1, 1, 2, 8])):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        results.add(safe(tmp_path / "m.onnx", bytes(changed)))
    assert results == {True, False}


@pytest.mark.parametrize("seed", range(6))
def test_fields_changed_at_random(seed: int, tmp_path: Path) -> None:
    """Sizes, names, attributes: what still is a file of the format, but none of a model."""
    dice = random.Random(seed)
    for _ in range(25):
        changed = whole()
        for _ in range(dice.choice([1, 1, 2])):
            _change(changed, dice)
        safe(tmp_path / "m.onnx", changed.SerializeToString())


def _change(changed: ModelProto, dice: random.Random) -> None:
    graph = changed.graph
    number = dice.choice([0, -1, 1, 7, 2**31, 2**40, 2**62, -(2**62)])
    names = [name for one in graph.node for name in (*one.input, *one.output)] + [""]
    one = dice.choice(graph.node)
    held = dice.choice(graph.initializer)
    what = dice.randrange(8)
    if what == 0 and held.dims:
        held.dims[dice.randrange(len(held.dims))] = number
    elif what == 1:
        held.data_type = dice.choice([0, 2, 7, 9, 10, 16, 99])
    elif what == 2 and one.input:
        one.input[dice.randrange(len(one.input))] = dice.choice(names)
    elif what == 3:
        one.output[0] = dice.choice(names)
    elif what == 4:
        one.op_type = dice.choice([other.op_type for other in graph.node] + ["Loop", "Expand", "Tile", "Identity"])
    elif what == 5 and one.attribute:
        one.attribute[0].i = number
        if one.attribute[0].ints:
            one.attribute[0].ints[0] = number
    elif what == 6:
        graph.input[0].type.tensor_type.shape.dim[dice.randrange(2)].dim_value = number
    elif held.raw_data or held.float_data or held.int64_data:
        held.ClearField(dice.choice(["raw_data", "float_data", "int64_data"]))


def _nothing_made(found: ModelProto) -> None:
    found.graph.node[0].input[0] = "nowhere"


def _circle(found: ModelProto) -> None:
    found.graph.node[1].input[0] = "m"


def _itself(found: ModelProto) -> None:
    found.graph.node[1].input[0] = "n"


def _twice(found: ModelProto) -> None:
    found.graph.node.extend([node("Neg", ["y"], ["z"]), node("Abs", ["y"], ["z"])])


def _two_tensors(found: ModelProto) -> None:
    found.graph.initializer[1].name = "table"


def _huge(found: ModelProto) -> None:
    found.graph.initializer[0].dims[0] = 2**62


def _negative(found: ModelProto) -> None:
    found.graph.initializer[0].dims[0] = -5


def _product(found: ModelProto) -> None:
    found.graph.initializer[0].dims[:] = [2**39, 2**39]


def _many_axes(found: ModelProto) -> None:
    found.graph.initializer[0].dims[:] = [1] * 5000


def _short_constant(found: ModelProto) -> None:
    found.graph.initializer[8].CopyFrom(tensor("one", 3, kind=TensorProto.INT64))


def _no_shape(found: ModelProto) -> None:
    found.graph.input[0].type.tensor_type.ClearField("shape")


def _negative_input(found: ModelProto) -> None:
    found.graph.input[0].type.tensor_type.shape.dim[0].dim_value = -3


def _no_inputs(found: ModelProto) -> None:
    found.graph.ClearField("input")


def _no_outputs(found: ModelProto) -> None:
    found.graph.ClearField("output")


def _no_graph(found: ModelProto) -> None:
    found.ClearField("graph")


def _escape(found: ModelProto) -> None:
    found.graph.node[0].input[0] = "\x1b[31mred"


def _no_output(found: ModelProto) -> None:
    found.graph.node[4].ClearField("output")


def _sparse(found: ModelProto) -> None:
    found.graph.sparse_initializer.add().values.name = "s"


def _loop(found: ModelProto) -> None:
    inner = helper.make_graph([], "inner", [], [])
    found.graph.node[0].CopyFrom(node("Loop", ["", "", "x"], ["h"], body=inner))


def _many_operators(found: ModelProto) -> None:
    last = "y"
    for number in range(21_000):
        found.graph.node.add().CopyFrom(node("Neg", [last], [f"v{number}"]))
        last = f"v{number}"


REFUSED: dict[str, tuple[Callable[[ModelProto], None], str]] = {
    "what nothing makes": (_nothing_made, "nothing makes `nowhere`, which Gather takes"),
    "a circle": (_circle, "its operations go in a circle"),
    "an operator that takes its own": (_itself, "its operations go in a circle"),
    "a value that is made twice": (_twice, "`z` is made twice"),
    "two tensors of one name": (_two_tensors, "two tensors `table`"),
    "a size of 2^62": (_huge, "no size of a weight"),
    "a size below zero": (_negative, "no size of a weight"),
    "2^78 elements": (_product, "no size of a weight"),
    "5000 axes": (_many_axes, "no size of a weight"),
    "a constant that is too short": (_short_constant, "does not hold what its shape says"),
    "an input without a shape": (_no_shape, "the input `x` has no shape"),
    "an input of a size below zero": (_negative_input, "has an axis of -3"),
    "no inputs": (_no_inputs, "it has no inputs|nothing makes `x`"),
    "no outputs": (_no_outputs, "nothing makes its output"),
    "no graph": (_no_graph, "there is no graph in it"),
    "a name with an escape": (_escape, "no text that could be shown"),
    "an operator that gives nothing": (_no_output, "takes or gives too little"),
    "sparse tensors": (_sparse, "sparse tensors"),
    "a loop": (_loop, "Loop"),
    "too many operators": (_many_operators, "21,012 operations; 20,000 are read"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_model_is_refused_with_a_sentence(what: str, tmp_path: Path) -> None:
    change, said = REFUSED[what]
    found = whole()
    change(found)
    message = refused(tmp_path / "m.onnx", found.SerializeToString())
    assert any(one in message for one in said.split("|")), message


NO_FILES = {
    "empty": b"",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "a text": b"layer Net { x[B] -> y[B] }\n" * 10,
    "a pickle": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00",
    "zeros": bytes(1000),
    "a length of 2^63": b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    "groups in groups": b"\x0b" * 100_000,
}


@pytest.mark.parametrize("what", NO_FILES)
def test_what_is_no_file_of_onnx_is_said(what: str, tmp_path: Path) -> None:
    assert "it is no file of ONNX" in refused(tmp_path / "m.onnx", NO_FILES[what])
