"""Files of weights, written by the safetensors package, as parameters-only specs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import archspec
from archspec.formats.names import tensors
from archspec.importing.checkpoint import from_safetensors
from archspec.importing.errors import CannotImport
from archspec.model import Model
from archspec.policy import Policy
from archspec.printing import format_text
from tests.cli.conftest import Archspec

library = pytest.importorskip("safetensors.numpy")

Shapes = dict[str, tuple[int, ...]]


def gpt2(layers: int = 3, d: int = 16) -> Shapes:
    """As Hugging Face names it."""
    shapes: Shapes = {"wte.weight": (50, d), "wpe.weight": (20, d), "ln_f.weight": (d,), "ln_f.bias": (d,)}
    for layer in range(layers):
        for name, shape in {
            "ln_1": (d,),
            "attn.c_attn": (d, 3 * d),
            "mlp.c_fc": (d, 40),
            "mlp.c_proj": (40, d),
        }.items():
            shapes |= {f"h.{layer}.{name}.weight": shape, f"h.{layer}.{name}.bias": shape[-1:]}
    return shapes


def resnet() -> Shapes:
    """Blocks of which the first is another one, with a batch norm."""
    shapes: Shapes = {"conv1.weight": (8, 3, 7, 7)}
    for layer, width in enumerate((8, 16), 1):
        for turn in range(3):
            block = f"layer{layer}.{turn}"
            shapes |= {f"{block}.conv.weight": (width, width, 3, 3)}
            shapes |= {f"{block}.bn.{leaf}": (width,) for leaf in ("weight", "bias", "running_mean", "running_var")}
            if turn == 0:
                shapes[f"{block}.downsample.0.weight"] = (width, width, 1, 1)
    return shapes


def experts() -> Shapes:
    """Dense layers, then mixtures, with experts one by one."""
    shapes: Shapes = {"model.embed_tokens.weight": (70, 12), "lm_head.weight": (70, 12)}
    for layer in range(5):
        block = f"model.layers.{layer}"
        shapes |= {f"{block}.norm.weight": (12,), f"{block}.attn.o_proj.weight": (12, 12)}
        if layer < 2:
            shapes[f"{block}.mlp.up_proj.weight"] = (30, 12)
            continue
        shapes[f"{block}.mlp.gate.weight"] = (4, 12)
        for expert in range(4):
            shapes |= {f"{block}.mlp.experts.{expert}.{name}.weight": (9, 12) for name in ("gate_proj", "up_proj")}
    return shapes


SHAPES: dict[str, Shapes] = {
    "gpt2": gpt2(),
    "resnet": resnet(),
    "experts": experts(),
    "one tensor": {"weight": (3, 4)},
    "one number": {"scale": ()},
    "no elements": {"a.weight": (0, 4), "b.weight": (2, 0)},
    "gaps": {f"features.{number}.weight": (number + 1, 3) for number in (0, 3, 6, 8, 11, 13, 16, 18)},
    "two gaps": {f"features.{number}.weight": (number + 1, 3) for number in (1, 4)},
    "from one": {f"h.{number}.weight": (3, 3) for number in (1, 2, 3)},
    "turns of other sizes": {f"h.{number}.weight": (2 * number + 1, 3) for number in range(9)},
    "turns in turns": {f"h.{one}.a.{two}.weight": (3, 2) for one in range(3) for two in range(4)},
    "a loop and more": {"h.norm.weight": (5,), **{f"h.{number}.weight": (3, 3) for number in range(3)}},
    "keywords": {
        f"{word}.{word}.weight": (2, 3) for word in ("model", "layer", "repeat", "each", "if", "true", "param")
    },
    "words as tensors": dict.fromkeys(("x", "y", "d", "param", "repeat", "view", "save", "when", "last", "i"), (2, 3)),
    "layers of the library": {f"{word}.weight": (2, 3) for word in ("Linear", "attention", "GELU", "gpt2")},
}
RENAMED = {"a loop and more"}


def write(path: Path, shapes: Shapes, dtype: str = "float32") -> Path:
    library.save_file({name: np.zeros(shape, dtype) for name, shape in shapes.items()}, path)
    return path


def loaded(text: str) -> tuple[Model, Shapes]:
    """The model of a text, and its tensors by their whole names."""
    model = archspec.load_text(text)
    derivation = model.derive(Policy())
    return model, {one.name: one.shape for one in tensors(derivation.program, model.values(derivation, {}))}


@pytest.mark.parametrize("name", SHAPES)
def test_names_and_shapes_are_those_of_the_file(name: str, tmp_path: Path, archspec: Archspec) -> None:
    shapes = SHAPES[name]
    file = write(tmp_path / "model.safetensors", shapes)
    text = from_safetensors(str(file))
    model, held = loaded(text)
    statistics = {one for one in shapes if "running" in one}
    elements = {one: int(np.prod(shape, dtype=int)) for one, shape in shapes.items()}
    report = model.size()
    assert report["params"] == sum(elements[one] for one in shapes.keys() - statistics)
    assert report["buffers"] == sum(elements[one] for one in statistics)
    assert report["activations.outputs"] == report["flops.forward"] == 0
    if name not in RENAMED:
        assert held == shapes
    assert format_text(text) == text
    assert text == from_safetensors(str(file))
    written = tmp_path / "out.arch"
    written.write_text(text)
    verified = archspec("verify", written, "--against", f"safetensors:{file}")
    assert verified.exit_code == 0, verified.output
    assert "delta 0 in params" in verified.output
    for command in ("check", "test"):
        assert archspec(command, written).exit_code == 0


def test_shards_are_one_model(tmp_path: Path) -> None:
    shapes = experts()
    parts = {"model-1-of-2.safetensors": list(shapes)[::2], "model-2-of-2.safetensors": list(shapes)[1::2]}
    for file, names in parts.items():
        write(tmp_path / file, {name: shapes[name] for name in names})
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": {name: file for file in parts for name in parts[file]}}))
    assert loaded(from_safetensors(str(index)))[1] == shapes
    whole = write(tmp_path / "model.safetensors", shapes)
    assert from_safetensors(str(index)).partition("layer ")[2] == from_safetensors(str(whole)).partition("layer ")[2]


GPT2 = (Path(__file__).parent / "data" / "gpt2.arch").read_text(encoding="utf-8")


def test_the_text_as_a_whole(tmp_path: Path) -> None:
    assert from_safetensors(str(write(tmp_path / "model.safetensors", gpt2()))) == GPT2


def test_more_layers_are_a_number(tmp_path: Path) -> None:
    """The text, at other numbers, is the text of another file."""
    small, _ = loaded(from_safetensors(str(write(tmp_path / "a.safetensors", gpt2()))))
    large, _ = loaded(from_safetensors(str(write(tmp_path / "b.safetensors", gpt2(layers=7)))))
    assert small.size(layers=7)["params"] == large.size()["params"]


def test_a_table_of_as_many_positions_as_the_width_keeps_its_length(tmp_path: Path) -> None:
    shapes = {**gpt2(d=20), "wpe.weight": (20, 20)}
    assert "Matrix(20, d) as wpe" in from_safetensors(str(write(tmp_path / "model.safetensors", shapes)))


def test_precisions_are_bytes(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    path = tmp_path / "mixed.safetensors"
    save_file(
        {
            "a.weight": torch.zeros(40, 30, dtype=torch.bfloat16),
            "a.scale": torch.zeros(40, dtype=torch.float32),
            "b.weight": torch.zeros(7, 3, dtype=torch.float8_e4m3fn),
            "b.qweight": torch.zeros(9, dtype=torch.uint8),
            "b.steps": torch.zeros((), dtype=torch.int64),
        },
        str(path),
    )
    text = " ".join(from_safetensors(str(path)).split())
    assert "1_200 elements in bfloat16" in text
    assert "Bfloat16 is left to the policy (`--precision bf16`)" in text
    report = loaded(text)[0].size(precision="bf16")
    assert report["memory.weights"] == 2 * 1200 + 4 * 40 + 21 + 9 + 8
    assert (report["params"], report["buffers"]) == (1200 + 40 + 21, 9 + 1)


NAMES = [
    "0.weight", "layers.0-1.w", "a b.weight", 'a"b.weight', "a'b.w", "a\nb.weight", '"""}.weight', "..", ".", "",
    "a..b", "a.", ".a", "ü.weight", "层.weight", "\u202ea.weight", "\x00.w", "_", "_._", "__.weight", "1x.weight",
    "01.weight", "x" * 300, "a." * 300 + "w", "../../etc/passwd", "${HOME}.w", "#.w", "a{b}.w",
    "layers.99999999999999999999.w",
    "layers.5000.w", "a", "a.w", "a.a", "a.a.a", "layer.0", "layer.1", "`id`.w", "\\", "\\n.w", "😀.w",
]  # fmt: skip


def test_names_that_are_none_become_some(tmp_path: Path) -> None:
    file = write(tmp_path / "odd.safetensors", {name: (2, number + 1) for number, name in enumerate(NAMES)})
    text = from_safetensors(str(file))
    model, held = loaded(text)
    assert model.size()["params"] == sum(2 * (number + 1) for number in range(len(NAMES)))
    assert sorted(held.values()) == sorted((2, number + 1) for number in range(len(NAMES)))
    assert text.isascii()
    assert text.count('"""') == 2
    assert "The language has no such names as some of the file: " in text


def test_the_name_of_the_file_is_no_code(tmp_path: Path) -> None:
    file = write(tmp_path / 'm"""} layer.safetensors', {"w": (2, 3)})
    text = from_safetensors(str(file))
    assert text.count('"""') == 2
    assert loaded(text)[0].size()["params"] == 6
    assert "m???} layer.safetensors" in text


def test_what_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    empty = write(tmp_path / "empty.safetensors", {})
    with pytest.raises(CannotImport, match="there are no tensors in it"):
        from_safetensors(str(empty))
    for path, words in ((tmp_path, "not a file"), (tmp_path / "none.safetensors", "no such file")):
        with pytest.raises(CannotImport, match=words):
            from_safetensors(str(path))
    fine = write(tmp_path / "fine.safetensors", gpt2())
    shutil.copy(fine, tmp_path / "short.safetensors")
    with (tmp_path / "short.safetensors").open("r+b") as file:
        file.truncate(fine.stat().st_size - 1)
    with pytest.raises(CannotImport, match="ends before its last tensor"):
        from_safetensors(str(tmp_path / "short.safetensors"))
