"""GGUF: published sizes of files, llama.cpp's own block sizes and names, and its rules applied tensor by tensor."""

from __future__ import annotations

import re
from functools import cache

import pytest

from archspec.algebra import evaluate
from archspec.formats import find, weights
from archspec.formats.blocks import BLOCKS
from archspec.formats.files.contents import Names, entries
from archspec.formats.recipes import RECIPES
from archspec.formulas import to_text
from tests.formats.models import BF16, data, program

gguf = pytest.importorskip("gguf")


@pytest.mark.parametrize("block", BLOCKS.values(), ids=lambda block: block.name)
def test_blocks_are_those_of_the_gguf_package(block) -> None:  # type: ignore[no-untyped-def]
    assert gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[block.name]] == (block.weights, block.size)


def test_llama_as_published() -> None:
    assert data("llama2_7b", "q4_k_m") == 4_080_263_168
    assert data("llama3_8b", "q4_k_m") == 4_912_898_048


def test_the_published_files_have_the_same_metadata() -> None:
    """The files of Llama 2 7B that are shared as GGUF, less their tensors: the metadata, within 128 bytes."""
    files = {
        "q3_k_m": 3_298_004_544,
        "q4_0": 3_825_806_912,
        "q4_k_s": 3_856_739_904,
        "q4_k_m": 4_081_004_224,
        "q5_k_m": 4_783_156_800,
        "q6_k": 5_529_194_048,
        "q8_0": 7_161_089_728,
    }
    rest = {name: size - data("llama2_7b", name) for name, size in files.items()}
    assert set(rest.values()) <= set(range(740_928, 741_057))


def test_a_formula_without_numbers() -> None:
    elaborated, _ = program("llama2_7b", BF16)
    found = weights(elaborated, BF16, find("q4_k_m"))
    assert {one.text for one in found.assumptions} == {"d % 256 == 0", "hidden % 256 == 0"}
    assert "⌊(7*layers + 16*⌊layers/8⌋)/24⌋" in to_text(found.data())
    assert evaluate(found.data(), {"d": 4096, "hidden": 11008, "layers": 32, "heads": 32, "vocab": 32000}) == 4080263168


def test_rows_that_do_not_divide_fall_back() -> None:
    elaborated, values = program("llama2_7b", BF16, d=96, heads=4, hidden=130, vocab=50)
    found = weights(elaborated, BF16, find("q4_k_m"), values)
    types = {part.path.removeprefix("layers."): part.type for part in found.parts}
    # 96 is three blocks of 32, and 130 not even that; the output would be Q6_K, but 256 does not divide its rows.
    assert types["self_attn.q_proj.weight"] == "Q5_0"
    assert types["self_attn.v_proj.weight"] in ("Q5_0", "Q8_0")
    assert types["mlp.down_proj.weight"] == "F16"
    assert types["lm_head.weight"] == "Q8_0"
    assert types["norm.weight"] == "F32"
    assert "hidden % 256 != 0" in {one.text for one in found.assumptions}


def test_pure_and_kept() -> None:
    elaborated, values = program("llama2_7b", BF16)
    pure = weights(elaborated, BF16, find("q4_k_m:pure=1"), values)
    assert {part.type for part in pure.parts if part.role == "param"} == {"Q4_K", "F32"}
    kept = weights(elaborated, BF16, find("q4_k_m", keep=("lm_head",)), values)
    assert [part.type for part in kept.parts if part.owner == "lm_head"] == ["F16"]


# --- the rules, as a loop over tensors ----------------------------------------------------------------------------

ARCHITECTURES = {
    "llama2_7b": ("LLAMA", (("lm_head.*", ""), ("*", "model."))),
    "llama3_8b": ("LLAMA", (("lm_head.*", ""), ("*", "model."))),
    "llama3_70b": ("LLAMA", (("lm_head.*", ""), ("*", "model."))),
    "gpt2": ("GPT2", (("lm_head.*", ""), ("*", "transformer."))),
    "bert_base": ("BERT", ()),
}


def more_bits(layer: int, layers: int) -> bool:
    return layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2


@cache
def shapes_of(model: str) -> tuple[dict[str, tuple[int, ...]], int]:
    """The shapes of a GGUF file by the names that the gguf package gives, and the number of layers."""
    architecture, prefixes = ARCHITECTURES[model]
    elaborated, values = program(model, BF16)
    layers = values["layers"]
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH[architecture], layers)
    shapes = {}
    for one in entries(elaborated, BF16, values, None, Names(prefixes)):
        if one.tied is not None:
            continue
        shape = one.shape
        if re.search(r"(c_attn|c_proj|c_fc)\.weight$", one.name):
            shape = shape[::-1]
        # The pooler of BERT, which converters leave out, is a matrix like others here.
        new = names.get_name(one.name, try_suffixes=(".weight", ".bias"))
        if "pooler" in one.name:
            new = one.name
        assert new is not None, one.name
        shapes[new] = shape
    return shapes, layers


def by_hand(model: str, recipe: str) -> int:
    """Bytes of tensor data: llama-quant.cpp, in the order in which it goes."""
    shapes, layers = shapes_of(model)
    order = sorted(shapes, key=lambda name: (int(name.split(".")[1]) if name.startswith("blk.") else -1, name))
    tied = "output.weight" not in shapes
    # Llama 3's 32 query heads share 8 key heads, which only the shapes of q and v say.
    ratio = 1
    if "blk.0.attn_q.weight" in shapes:
        ratio = shapes["blk.0.attn_q.weight"][0] // shapes["blk.0.attn_v.weight"][0]
    recipe = "Q8_0" if recipe == "MXFP4_MOE" else recipe  # no experts here
    default = {"Q4_K": "Q4_K", "Q5_K": "Q5_K", "Q3_K": "Q3_K"}.get(recipe[:4], recipe)
    values_seen = down_seen = total = 0
    for name in order:
        shape = shapes[name]
        kind = name.split(".")[-2]
        if len(shape) < 2 or kind.endswith("_norm") or kind in ("position_embd", "token_types"):
            type_ = "F32"
        elif recipe in ("F32", "F16", "BF16"):
            type_ = recipe
        else:
            type_ = default
            if kind == "output" or (kind == "token_embd" and tied):
                type_ = "Q8_0" if recipe == "Q8_0" or shape[-1] % BLOCKS[default].weights else "Q6_K"
            elif kind in ("attn_v", "attn_qkv"):
                if recipe in ("Q4_K_M", "Q5_K_M") and more_bits(values_seen, layers):
                    type_ = "Q6_K"
                if recipe == "Q4_K_S" and values_seen < 4:
                    type_ = "Q5_K"
                if recipe == "Q3_K_M":
                    type_ = "Q5_K" if values_seen < 2 else "Q4_K"
                if recipe == "Q3_K_L" or (recipe in ("IQ4_NL", "IQ4_XS") and ratio >= 4):
                    type_ = "Q5_K"
                if recipe == "Q2_K":
                    type_ = "Q4_K" if ratio >= 4 else "Q3_K"
                if layers == 80 and ratio > 1 and type_ in ("Q3_K", "Q4_K"):
                    type_ = "Q5_K"
                values_seen += 1
            elif kind == "ffn_down":
                if recipe in ("Q4_K_M", "Q5_K_M") and more_bits(down_seen, layers):
                    type_ = "Q6_K"
                if recipe in ("Q4_K_S", "IQ4_NL", "IQ4_XS") and down_seen < layers // 8:
                    type_ = "Q5_K"
                if recipe == "Q3_K_M":
                    type_ = "Q5_K" if down_seen < layers // 16 else "Q4_K"
                type_ = {"Q2_K": "Q3_K", "Q3_K_L": "Q5_K"}.get(recipe, type_)
                down_seen += 1
            elif kind == "attn_output":
                type_ = {"Q2_K": "Q3_K", "Q3_K_M": "Q4_K", "Q3_K_L": "Q5_K"}.get(recipe, type_)
        *_, row = gguf.quants.quant_shape_to_byte_shape(shape, gguf.GGMLQuantizationType[type_])
        size = row
        for axis in shape[:-1]:
            size *= axis
        total += -(-size // 32) * 32
    return total


@pytest.mark.parametrize("model", ARCHITECTURES)
def test_every_recipe_tensor_by_tensor(model: str) -> None:
    assert {name: data(model, name.lower()) for name in RECIPES} == {name: by_hand(model, name) for name in RECIPES}
