"""GGUF files, written by the gguf package, as variants of the zoo or as their tensors."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

gguf = pytest.importorskip("gguf")

import archspec  # noqa: E402
from archspec.importing.checkpoint import from_gguf  # noqa: E402
from archspec.importing.checkpoint.gguf_header import read_header  # noqa: E402
from archspec.importing.checkpoint.gguf_types import FILE_TYPES, TYPES  # noqa: E402
from archspec.importing.configuration.known import entries, known_types  # noqa: E402
from archspec.importing.errors import CannotImport  # noqa: E402
from archspec.printing import format_text  # noqa: E402
from tests.cli.conftest import Archspec  # noqa: E402
from tests.importing import gguf_files as files  # noqa: E402
from tests.importing.configs import drawn  # noqa: E402

SIZES = {"d": 256, "hidden": 512, "vocab": 300, "heads": 8, "kv_heads": 2, "layers": 9}
MIXTURE = {**SIZES, "experts": 4}
GPT2 = {"d": 256, "vocab": 300, "context": 64, "layers": 10, "heads": 4}

KNOWN: dict[str, tuple[str, dict[str, Any], files.Shapes, int]] = {
    "Llama": ("llama", files.llama_keys(SIZES), files.llama(SIZES), 9),
    "Llama, biased and tied": ("qwen2", files.llama_keys(SIZES, "qwen2"), files.llama(SIZES, True, True), 9),
    "Mixtral": ("llama", files.llama_keys(MIXTURE), files.llama(MIXTURE), 9),
    "GPT2": ("gpt2", files.gpt2_keys(GPT2), files.gpt2(GPT2), 10),
}


def flat(text: str) -> str:
    """A text on one line, however its docstring is broken."""
    return " ".join(text.split())


def test_types_are_those_of_the_gguf_package() -> None:
    theirs = {int(one): (one.name, *gguf.GGML_QUANT_SIZES[one]) for one in gguf.GGMLQuantizationType}
    assert {number: tuple(one) for number, one in TYPES.items()} == theirs
    names = {int(one): one.name.removeprefix("MOSTLY_").removeprefix("ALL_") for one in gguf.LlamaFileType}
    assert {number: names[number] for number in FILE_TYPES} == FILE_TYPES


def test_every_entry_names_parameters_of_its_model() -> None:
    for known in entries("gguf.json"):
        formals = {formal.name for formal in archspec.load(known.model).definition.layer.formals}
        assert known.parameters.keys() <= formals, known.type


@pytest.mark.parametrize("recipe", ["q4_k_m", "f16", "q8_0"])
@pytest.mark.parametrize("name", KNOWN)
def test_a_known_architecture_is_a_variant_of_the_zoo(
    name: str, recipe: str, tmp_path: Path, archspec: Archspec
) -> None:
    """Parameters are those of the file, and so are the bytes of its tensors, in the recipe that the text names."""
    architecture, keys, shapes, layers = KNOWN[name]
    types = files.typed(shapes, layers) if recipe == "q4_k_m" else files.plain(shapes, recipe.upper())
    for tensor in types:
        if recipe != "q4_k_m" and ("position_embd" in tensor or "ffn_gate_inp" in tensor):
            types[tensor] = "F32"
    path = tmp_path / "Some-Model.Q4.gguf"
    total = files.write(path, architecture, keys, shapes, types)
    text = from_gguf(str(path))
    assert f"A variant of {name.partition(',')[0]} with the numbers of Some-Model.Q4.gguf" in flat(text)
    assert f"Its tensor data are {total:_} bytes" in flat(text)
    assert f"`--weights {recipe} --files` gives as many bytes" in flat(text)
    assert format_text(text) == text == from_gguf(str(path))
    written = tmp_path / "out.arch"
    written.write_text(text)
    assert archspec("check", written).exit_code == 0
    assert archspec("test", written).output.endswith("2 tests, 2 passed, 0 failed\n")
    shown = archspec("size", written, "--weights", recipe, "--files", "--format", "json")
    quantities = json.loads(shown.stdout)["quantities"]
    assert quantities["file.gguf"]["value"] == total
    assert quantities["params"]["value"] == sum(one_of(shape) for shape in shapes.values())


def one_of(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total


def test_bytes_of_each_type_are_said(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    shapes = {"token_embd.weight": (10, 256), "blk.0.attn_q.weight": (512, 256), "odd.weight": (3,)}
    types = {"token_embd.weight": "Q6_K", "blk.0.attn_q.weight": "IQ2_XXS", "odd.weight": "F32"}
    total = files.write(path, "llama", {}, shapes, types)
    text = flat(from_gguf(str(path)))
    assert "F32: 1 tensor, 12 bytes; IQ2_XXS: 1 tensor, 33_792 bytes; Q6_K: 1 tensor, 2_100 bytes" in text
    assert f"Its tensor data are {total:_} bytes, each tensor from one multiple of 32 to the next" in text
    assert "Parameters only: the 3 tensors of m.gguf" in text


def test_a_mix_that_is_no_recipe(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    types = {**files.typed(files.llama(SIZES), 9), "blk.3.attn_k.weight": "Q8_0"}
    files.write(path, "llama", files.llama_keys(SIZES), files.llama(SIZES), types)
    text = from_gguf(str(path))
    assert "No recipe that is known has this mix." in flat(text)
    assert "given weights" not in text


def test_the_recipe_that_the_file_names_goes_first(tmp_path: Path) -> None:
    """With few layers several recipes give the same bytes."""
    small = {**SIZES, "layers": 1}
    shapes = files.llama(small)
    path = tmp_path / "m.gguf"
    types = {name: type_.replace("Q4_K", "Q5_K") for name, type_ in files.typed(shapes, 1).items()}
    types |= {f"blk.0.{name}.weight": "Q5_K" for name in ("attn_v", "ffn_down")}
    for number, name in ((16, "q5_k_s"),):
        files.write(path, "llama", files.llama_keys(small), shapes, types, **{"general.file_type": number})
        assert f"The mix is that of {name}" in flat(from_gguf(str(path)))


def test_tensors_that_converters_add(tmp_path: Path, archspec: Archspec) -> None:
    shapes = {**files.llama(SIZES), "rope_freqs.weight": (16,)}
    path = tmp_path / "m.gguf"
    files.write(path, "llama", files.llama_keys(SIZES), shapes, files.typed(shapes, 9))
    text = from_gguf(str(path))
    assert "Besides, it has rope_freqs.weight: 64 bytes, which the model has not" in flat(text)
    (tmp_path / "m.arch").write_text(text)
    assert archspec("test", tmp_path / "m.arch").exit_code == 0


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "unknown": ("falcon", {}, "The zoo has no model for its architecture, falcon."),
    "strange": ('"""} layer', {}, "The zoo has no model for its architecture, ???} layer."),
    "without keys": ("llama", {"llama.block_count": None}, "there is no `block_count`"),
    "other numbers": (
        "llama",
        {"llama.feed_forward_length": 513},
        "its tensors have 5_171_968 elements, and the model",
    ),
    "other heads": ("llama", {"llama.attention.key_length": 64}, "elements, and the model"),
    "no heads": ("llama", {"llama.attention.head_count": 0}, "`attention.head_count` is 0, not a positive integer"),
    "heads by layer": ("llama", {"llama.attention.head_count_kv": [2] * 9}, "not a positive integer"),
    "heads that do not divide": ("llama", {"llama.attention.head_count": 7}, "it is no"),
    "a text": ("llama", {"llama.block_count": "nine"}, "not a positive integer"),
    "NaN": ("llama", {"llama.rope.freq_base": float("nan")}, "not a number of 0 or more"),
}


@pytest.mark.parametrize(("architecture", "changes", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_model_of_the_zoo_is_written_as_tensors(
    architecture: str, changes: dict[str, Any], words: str, tmp_path: Path, archspec: Archspec
) -> None:
    shapes = files.llama(SIZES)
    keys = {key: value for key, value in {**files.llama_keys(SIZES), **changes}.items() if value is not None}
    path = tmp_path / "m.gguf"
    files.write(path, architecture, keys, shapes, files.typed(shapes, 9))
    text = from_gguf(str(path))
    assert "Parameters only: the 84 tensors of m.gguf" in text
    assert words in flat(text)
    assert "repeat layers as blk" in text
    assert text.count('"""') == 2
    (tmp_path / "m.arch").write_text(text)
    assert archspec("test", tmp_path / "m.arch").exit_code == 0


def test_names_of_files_become_names_of_models(tmp_path: Path) -> None:
    shapes = files.llama(SIZES)
    for title, name in (("8B-Chat", "_8b_chat"), ("gpt2", "gpt2_gguf"), ("...", "checkpoint"), ("ü", "checkpoint")):
        path = tmp_path / f"{title}.gguf"
        files.write(path, "llama", files.llama_keys(SIZES), shapes, files.typed(shapes, 9))
        assert f"\nmodel {name} = Llama(" in from_gguf(str(path))


def test_the_header(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    more = {"general.alignment": 64, "a.list": [1, 2, 3], "tokenizer.ggml.tokens": ["a", "bc"] * 2000, "a.flag": True}
    shapes = {"a.weight": (3, 5), "b.weight": (2, 256)}
    files.write(path, "own", {}, shapes, {"a.weight": "F32", "b.weight": "Q4_K"}, **more, **{"a.text": "x" * 70_000})
    header = read_header(str(path))
    assert (header.version, header.alignment) == (3, 64)
    assert header.keys["a.list"] == [1, 2, 3]
    assert header.keys["a.flag"] is True
    assert not header.keys.keys() & {"tokenizer.ggml.tokens", "a.text"}
    assert [(one.name, one.shape, one.type.name, one.size) for one in header.tensors] == [
        ("a.weight", (3, 5), "F32", 60),
        ("b.weight", (2, 256), "Q4_K", 288),
    ]


def test_no_tensors(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    files.write(path, "llama", {}, {}, {})
    with pytest.raises(CannotImport, match="there are no tensors in it"):
        from_gguf(str(path))
    for name, words in ((tmp_path, "not a file"), (tmp_path / "none", "no such file"), ("/dev/zero", "not a file")):
        with pytest.raises(CannotImport, match=words):
            from_gguf(str(name))


@pytest.mark.parametrize(
    ("architecture", "kind"),
    [
        ("bert", "bert"),
        ("gemma2", "gemma2"),
        ("gpt-oss", "gpt_oss"),
        ("mamba", "mamba"),
        ("t5", "t5"),
        ("qwen3moe", "qwen3_moe"),
    ],
)
def test_other_architectures(architecture: str, kind: str, tmp_path: Path, archspec: Archspec) -> None:
    """The tensors of transformers' models, with the keys that converters write for their configurations."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("tests.zoo.torchvision_operators")  # before whatever imports torchvision
    transformers = pytest.importorskip("transformers")
    known = known_types()[kind]
    model_class = getattr(transformers, known.classes[0])
    config = model_class.config_class(**drawn(kind, random.Random(kind)))
    with torch.device("meta"):
        model = model_class(config)
    state = {name: tuple(one.shape) for name, one in model.named_parameters() if "pooler" not in name}
    shapes = files.converted(architecture, state, config.num_hidden_layers)
    if kind in ("gpt_oss", "qwen3_moe"):
        shapes.setdefault("output.weight", state["lm_head.weight"])
    path = tmp_path / "m.gguf"
    files.write(path, architecture, files.keys_of(architecture, config), shapes, files.plain(shapes, "F32"))
    text = from_gguf(str(path))
    assert f"A variant of {known.model} with the numbers of m.gguf" in flat(text)
    assert ("The file leaves out pooler.*" in flat(text)) == (kind == "bert")
    (tmp_path / "m.arch").write_text(text)
    assert archspec("test", tmp_path / "m.arch").exit_code == 0
    assert f"m.params == {model.num_parameters():_}" in text
