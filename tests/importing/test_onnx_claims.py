"""Files of ONNX that claim sizes, name other files, or hold code: nothing is allocated, opened or run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx")
pytest.importorskip("torch")

from onnx import TensorProto, helper

from archspec.loading import load_text
from tests.cli.conftest import Archspec
from tests.importing.onnx_files import command, finished, model, node, refused, tensor, whole
from tests.importing.onnx_models import import_file

CLAIMED: dict[str, tuple[list[Any], list[TensorProto]]] = {
    "a weight of 2^38 rows": ([node("MatMul", ["x", "w"], ["y"])], [tensor("w", 4, 2**38)]),
    "filled up to 2^58": ([node("ConstantOfShape", ["s"], ["c"]), node("Add", ["x", "c"], ["y"])],
                          [helper.make_tensor("s", TensorProto.INT64, [2], [2**29, 2**29])]),
    "a range up to 2^40": ([node("Range", ["a", "b", "c"], ["r"]), node("Cast", ["r"], ["f"], to=1),
                            node("Add", ["x", "f"], ["y"])],
                           [helper.make_tensor(name, TensorProto.INT64, [], [one])
                            for name, one in (("a", 0), ("b", 2**40), ("c", 1))]),
    "tiled 2^50 times": ([node("Tile", ["x", "s"], ["y"])],
                         [helper.make_tensor("s", TensorProto.INT64, [2], [2**25, 2**25])]),
    "padded by 2^45": ([node("Pad", ["x", "s"], ["y"])],
                       [helper.make_tensor("s", TensorProto.INT64, [4], [0, 2**45, 0, 0])]),
    "a kernel of 2^30": ([node("Unsqueeze", ["x", "s"], ["u"]), node("MaxPool", ["u"], ["y"], kernel_shape=[2**30])],
                         [helper.make_tensor("s", TensorProto.INT64, [1], [1])]),
    "an LSTM in 2^40 directions": ([node("Unsqueeze", ["x", "s"], ["u"]),
                                    node("LSTM", ["u", "w", "r"], ["y"], hidden_size=3)],
                                   [helper.make_tensor("s", TensorProto.INT64, [1], [0]), tensor("w", 2**40, 12, 4),
                                    tensor("r", 2**40, 12, 3)]),
    "split into 2^40": ([node("Split", ["x"], ["y"], num_outputs=2**40)], []),
}  # fmt: skip


@pytest.fixture(scope="module")
def claimed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """The exit status and the errors of commands on all these, with little memory and time."""
    folder = tmp_path_factory.mktemp("claimed")
    running = {}
    found: dict[str, tuple[int, str]] = {}
    for number, (what, (nodes, held)) in enumerate(CLAIMED.items()):
        path = folder / f"m{number}.onnx"
        path.write_bytes(model(nodes, held).SerializeToString())
        running[what] = command(path)
        if number % 2:
            found |= {name: finished(one) for name, one in running.items()}
            running = {}
    return found


@pytest.mark.parametrize("what", CLAIMED)
def test_claims_take_no_memory(what: str, claimed: dict[str, tuple[int, str]]) -> None:
    status, said = claimed[what]
    assert "Traceback" not in said
    assert "MemoryError" not in said
    if status == 0:
        assert said.startswith("equal: ")
    else:
        assert status == 1
        assert said.startswith(("error: ", "differs: ", "note: ")) or "error[" in said, said


def test_a_large_weight_that_is_only_claimed_is_counted(claimed: Any, tmp_path: Path) -> None:
    nodes, held = CLAIMED["a weight of 2^38 rows"]
    path = tmp_path / "m.onnx"
    path.write_bytes(model(nodes, held).SerializeToString())
    assert load_text(import_file(path).text).size(B=1)["params"] == 4 * 2**38


# --- other files, and code --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["../secret", "secret", "/dev/zero", "\x00", "a/../../secret", ""])
def test_no_other_file_is_opened(place: str, tmp_path: Path) -> None:
    """Weights in other files are known by their shapes. A pipe that somebody opened would never end."""
    folder = tmp_path / "inner"
    folder.mkdir()
    for pipe in (tmp_path / "secret", folder / "secret"):
        os.mkfifo(pipe)
    found = whole()
    for one in found.graph.initializer[:6]:
        one.ClearField("float_data")
        one.data_location = TensorProto.EXTERNAL
        one.external_data.add(key="location", value=place)
        one.external_data.add(key="offset", value=str(2**62))
        one.external_data.add(key="length", value=str(2**62))
    path = folder / "m.onnx"
    path.write_bytes(found.SerializeToString())
    assert import_file(path).exact


def test_functions_that_call_each_other_end(tmp_path: Path) -> None:
    found = model([node("F", ["x"], ["y"], domain="own")], [])
    for name, other in (("F", "G"), ("G", "F")):
        body = [node(other, ["a"], ["b"], domain="own")]
        found.functions.append(helper.make_function("own", name, ["a"], ["b"], body, [helper.make_opsetid("own", 1)]))
    found.opset_import.append(helper.make_opsetid("own", 1))
    refused(tmp_path / "m.onnx", found.SerializeToString())


def test_names_close_nothing(tmp_path: Path) -> None:
    found = whole()
    evil = 'a"}"""} layer größe ${1}'
    for one in found.graph.node:
        one.name = f"/{evil}/{evil}/{one.op_type}"
    for old in ("table", "w"):
        for one in found.graph.node:
            for place, name in enumerate(one.input):
                if name == old:
                    one.input[place] = f"{evil}.{old}"
        next(one for one in found.graph.initializer if one.name == old).name = f"{evil}.{old}"
    path = tmp_path / f"{'x' * 80} ü.onnx"
    path.write_bytes(found.SerializeToString())
    text = import_file(path)
    assert text.exact, text.text
    assert load_text(text.text).size(B=2, S=9)["params"] == 1076


def test_the_command_says_one_thing(tmp_path: Path, archspec: Archspec) -> None:
    path = tmp_path / "m.onnx"
    content = whole().SerializeToString()
    for bad in (b"", content[: len(content) // 2], bytes(50)):
        path.write_bytes(bad)
        done = archspec("import", f"onnx:{path}")
        assert done.exit_code == 1
        assert done.output.startswith("error: ")
        assert done.output.count("\n") == 1
    for source in (f"onnx:{tmp_path}", f"onnx:{tmp_path / 'none.onnx'}", "onnx:"):
        done = archspec("import", source)
        assert done.exit_code == 1
        assert done.output.startswith("error: ")
    assert archspec("import", f"onnx:{path}", "--set", "d=3").exit_code == 1
