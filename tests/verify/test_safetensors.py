"""Headers of safetensors files, good and bad, against specs."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.policy import Policy
from archspec.verify.against import against
from archspec.verify.errors import CannotVerify
from archspec.verify.outcome import Comparison
from archspec.verify.targets import parse_target
from archspec.verify.traced.safetensors import BadFile, read

GPT2 = {"layers": 2, "d": 8, "heads": 2, "vocab": 11, "context": 6}


def names_of_gpt2() -> dict[str, list[int]]:
    """A checkpoint as Hugging Face writes it: without the tied head, with the mask of older versions."""
    names = {"transformer.wte.weight": [11, 8], "transformer.wpe.weight": [6, 8]}
    for turn in range(2):
        block = f"transformer.h.{turn}"
        names |= {f"{block}.{norm}.{leaf}": [8] for norm in ("ln_1", "ln_2") for leaf in ("weight", "bias")}
        for layer, shape in (
            ("attn.c_attn", [8, 24]),
            ("attn.c_proj", [8, 8]),
            ("mlp.c_fc", [8, 32]),
            ("mlp.c_proj", [32, 8]),
        ):
            names |= {f"{block}.{layer}.weight": shape, f"{block}.{layer}.bias": shape[1:]}
    return {**names, "transformer.ln_f.weight": [8], "transformer.ln_f.bias": [8]}


def write(path: Path, tensors: dict[str, list[int]], dtype: str = "F32") -> Path:
    size = {"F32": 4, "BF16": 2}[dtype]
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    start = 0
    for name, shape in tensors.items():
        stop = start + prod(shape) * size
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}
        start = stop
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"\0" * start)
    return path


def compared(path: Path) -> Comparison:
    return against(archspec.load("gpt2"), parse_target(f"safetensors:{path}"), Policy(), GPT2)


def test_a_checkpoint_without_its_tied_head(tmp_path: Path) -> None:
    comparison = compared(write(tmp_path / "model.safetensors", names_of_gpt2(), "BF16"))
    assert comparison.passed
    assert comparison.aligned == 28
    assert comparison.rows[0].traced == 1_896
    assert any("bfloat16" in note for note in comparison.notes)


def test_a_checkpoint_with_its_tied_head(tmp_path: Path) -> None:
    comparison = compared(write(tmp_path / "model.safetensors", {"lm_head.weight": [11, 8], **names_of_gpt2()}))
    assert comparison.passed
    assert "1 copies of tied parameters in the file" in comparison.notes


def test_shards(tmp_path: Path) -> None:
    names = names_of_gpt2()
    parts = {"a.safetensors": dict(list(names.items())[:9]), "b.safetensors": dict(list(names.items())[9:])}
    for file, tensors in parts.items():
        write(tmp_path / file, tensors)
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {name: file for file, some in parts.items() for name in some}}))
    assert compared(index).passed


def test_a_wrong_shape_and_a_missing_tensor_are_named(tmp_path: Path) -> None:
    names = names_of_gpt2()
    del names["transformer.h.1.mlp.c_fc.bias"]
    names["transformer.h.0.attn.c_attn.weight"] = [8, 16]
    differences = [str(one) for one in compared(write(tmp_path / "model.safetensors", names)).differences]
    assert any("h.attn.c_attn" in one and "[8, 24] by the spec, [8, 16]" in one for one in differences)
    assert any("h.mlp.c_fc" in one and "`bias` [32] is in the spec only" in one for one in differences)


HEADER = b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'

BAD = {
    "empty": b"",
    "short": b"\1\0\0",
    "a header longer than the file": (10**9).to_bytes(8, "little") + HEADER,
    "no JSON": (4).to_bytes(8, "little") + b"{{{{" + b"\0" * 8,
    "a list": (2).to_bytes(8, "little") + b"[]",
    "not UTF-8": (4).to_bytes(8, "little") + b'"\xff\xfe"',
    "data that is missing": len(HEADER).to_bytes(8, "little") + HEADER,
}
ENTRIES: dict[str, Any] = {
    "an unknown dtype": {"dtype": "F31", "shape": [2], "data_offsets": [0, 8]},
    "no dtype": {"shape": [2], "data_offsets": [0, 8]},
    "a negative size": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]},
    "a size that is a flag": {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]},
    "a huge size": {"dtype": "F32", "shape": [2**70], "data_offsets": [0, 8]},
    "too many axes": {"dtype": "F32", "shape": [1] * 99, "data_offsets": [0, 4]},
    "other bytes than its shape": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]},
    "one offset": {"dtype": "F32", "shape": [2], "data_offsets": [8]},
    "a number": 3,
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_files_that_are_not_safetensors(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadFile):
        read(str(path))
    with pytest.raises(CannotVerify):
        compared(path)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES.keys())
def test_entries_that_cannot_be(tmp_path: Path, entry: Any) -> None:
    text = json.dumps({"a": entry}).encode()
    path = tmp_path / "bad.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"\0" * 8)
    with pytest.raises(BadFile, match=r"`a`"):
        read(str(path))


def test_names_that_stand_twice_or_overlap(tmp_path: Path) -> None:
    entry = '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
    path = tmp_path / "bad.safetensors"
    for text, words in ((f'{{"a":{entry},"a":{entry}}}', "twice"), (f'{{"a":{entry},"b":{entry}}}', "overlap")):
        path.write_bytes(len(text).to_bytes(8, "little") + text.encode() + b"\0" * 8)
        with pytest.raises(BadFile, match=words):
            read(str(path))


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "..", "a\\b"])
def test_an_index_cannot_name_files_elsewhere(tmp_path: Path, name: str) -> None:
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": name}}))
    with pytest.raises(BadFile, match="outside its own folder"):
        read(str(index))


def test_an_index_whose_files_are_missing(tmp_path: Path) -> None:
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "gone.safetensors"}}))
    with pytest.raises(BadFile, match="1 of its 1 files are missing"):
        read(str(index))
