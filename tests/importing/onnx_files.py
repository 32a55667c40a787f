"""Files of ONNX made by hand, and how they are read: with one message, or as a text that loads."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from onnx import ModelProto, TensorProto, helper

from archspec.importing.errors import CannotImport
from archspec.loading import load_text
from tests.importing.onnx_models import import_file

node = helper.make_node
LIMIT = 3 * 2**30
"""Bytes of address space that a command gets."""


def tensor(name: str, *dims: int, kind: int = TensorProto.FLOAT) -> TensorProto:
    """An initialiser of any size that holds nothing."""
    return TensorProto(name=name, data_type=kind, dims=dims)


def whole() -> ModelProto:
    """A small model of texts: a table, a norm, a product, a mask, a recurrent net."""
    nodes = [
        node("Gather", ["table", "x"], ["h"], name="/tokens/Gather"),
        node("LayerNormalization", ["h", "norm.weight", "norm.bias"], ["n"], name="/norm/LayerNormalization"),
        node("Shape", ["n"], ["s"]),
        node("Slice", ["s", "one", "two"], ["length"]),
        node("Squeeze", ["length"], ["scalar"]),
        node("Range", ["zero", "scalar", "single"], ["places"]),
        node("Gather", ["positions", "places"], ["p"]),
        node("Add", ["n", "p"], ["a"]),
        node("MatMul", ["a", "w"], ["m"], name="/up/MatMul"),
        node("Transpose", ["m"], ["t"], perm=[1, 0, 2]),
        node("LSTM", ["t", "W", "R", "B"], ["u"], hidden_size=5, name="/net/LSTM"),
        node("Squeeze", ["u", "one"], ["y"]),
    ]
    floats = {
        "table": (30, 8), "norm.weight": (8,), "norm.bias": (8,), "positions": (64, 8), "w": (8, 6),
        "W": (1, 20, 6), "R": (1, 20, 5), "B": (1, 40),
    }  # fmt: skip
    whole_numbers = {"one": ([1], [1]), "two": ([1], [2]), "zero": ([], [0]), "single": ([], [1])}
    held = [helper.make_tensor(name, TensorProto.FLOAT, dims, [0.5] * _size(dims)) for name, dims in floats.items()]
    held += [helper.make_tensor(name, TensorProto.INT64, *one) for name, one in whole_numbers.items()]
    return model(nodes, held, helper.make_tensor_value_info("x", TensorProto.INT64, ["B", "S"]))


def _size(dims: tuple[int, ...]) -> int:
    found = 1
    for one in dims:
        found *= one
    return found


def model(nodes: list[Any], held: list[TensorProto], given: Any = None) -> ModelProto:
    """A model with one input and one output."""
    given = given if given is not None else helper.make_tensor_value_info("x", TensorProto.FLOAT, ["B", 4])
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "g", [given], [output], held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])


def refused(path: Path, content: bytes) -> str:
    """The message with which a file is refused."""
    path.write_bytes(content)
    with pytest.raises(CannotImport) as caught:
        import_file(path)
    return checked(str(caught.value), path)


def checked(message: str, path: Path) -> str:
    assert path.name in message
    assert len(message) < 3000
    assert all(line.isprintable() for line in message.splitlines())
    return message


def safe(path: Path, content: bytes) -> bool:
    """Whether a file makes a text, which then loads. Else it is refused with a message."""
    path.write_bytes(content)
    start = time.monotonic()
    try:
        found = import_file(path)
    except CannotImport as error:
        checked(str(error), path)
        return False
    finally:
        assert time.monotonic() - start < 20
    assert found.text.count('"""') % 2 == 0
    if found.exact:
        load_text(found.text)
    return True


def command(path: Path, *options: str) -> subprocess.Popen[str]:
    """The real command, with a limit on the memory of all that it starts."""
    return subprocess.Popen(
        [sys.executable, "-m", "archspec", "import", f"onnx:{path}", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT)),
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit status, and what a command said on stderr."""
    said = process.communicate(timeout=60)[1]
    return process.returncode, said
