"""What a plain installation says where a framework would be needed, and what it does without: nothing is a fault."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from archspec.cli.main import INTERNAL

OTHERS = (
    "numpy", "torch", "transformers", "torchvision", "keras", "tensorflow", "onnx", "onnxscript", "matplotlib", "gguf",
    "jsonschema", "hypothesis", "sklearn", "PIL",
)  # fmt: skip
"""What the test extra brings, and `pip install archspec-lang` does not."""
HIDE = f"""
import sys
from importlib.machinery import PathFinder

class Hiding(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {OTHERS!r} else PathFinder.find_spec(name, path, target)

sys.meta_path[:] = [Hiding if one is PathFinder else one for one in sys.meta_path]
"""


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A folder with one file of each kind, and a start-up that hides what is not of a plain installation."""
    header = json.dumps({"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}).encode()
    (tmp_path / "w.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(24))
    config = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 11, "n_positions": 16}
    (tmp_path / "config.json").write_text(json.dumps(config | {"n_embd": 24, "n_head": 3, "n_layer": 2}))
    for name in ("m.onnx", "m.keras", "m.gguf"):
        (tmp_path / name).write_bytes(b"abc")
    (tmp_path / "sitecustomize.py").write_text(HIDE)
    return tmp_path


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parents[2]
    line = [sys.executable, "-m", "archspec", *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(root)])}
    return subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("torch:module:function", "PyTorch, which is not installed: pip install torch"),
        ("hf:config.json", "PyTorch, which is not installed: pip install torch"),
        ("keras:module:function", "Keras, which is not installed: pip install keras"),
        ("keras:m.keras", "Keras, which is not installed: pip install keras"),
        ("onnx:m.onnx", "the onnx package: pip install 'archspec-lang[onnx]'"),
        ("gguf:m.gguf", "no GGUF file"),
    ],
)
def test_what_is_missing_is_named(plain: Path, source: str, said: str) -> None:
    done = _run(plain, "import", source)
    assert done.returncode not in (0, INTERNAL), done
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "import safetensors:w.safetensors",
        "size gpt2 --config config.json",
        "diff gpt2 gpt2_xl",
        "export gpt2 --to torch",
        "formula gpt2 params --format latex",
        "docs gpt2 -o pages",
    ],
)
def test_what_needs_no_framework_runs(plain: Path, line: str) -> None:
    done = _run(plain, *line.split())
    assert done.returncode == 0, done.stderr
