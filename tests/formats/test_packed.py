"""Packed formats: the layouts that the libraries have, and the published bits a weight."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archspec.algebra import evaluate
from archspec.errors.diagnostic import SpecError
from archspec.formats import Format, find, weights
from archspec.formats.packed import Matrix
from archspec.policy import Policy
from tests.formats.models import BF16, data, program

Layout = dict[str, tuple[str, tuple[object, ...]]]


def stored(text: str, rows: int, columns: int, place: str = "in_file") -> Layout:
    """Name, dtype and shape of what a format stores for one matrix in bfloat16."""
    chosen = find(text)
    assert chosen.store is not None
    matrix = Matrix("weight", "BF16", rows, columns, (rows, columns), lambda size, divisor: None)
    return {one.name: (one.dtype, one.shape) for one in chosen.store(matrix, chosen.options) if getattr(one, place)}


def bits(text: str, rows: int = 4096, columns: int = 4096) -> Fraction:
    """Bits a weight, in memory."""
    chosen = find(text)
    assert chosen.store is not None
    matrix = Matrix("weight", "BF16", rows, columns, (rows, columns), lambda size, divisor: None)
    held = sum(one.bytes for one in chosen.store(matrix, chosen.options) if one.in_memory)
    return Fraction(8 * evaluate(held, {}), rows * columns)


def test_nf4_as_bitsandbytes_writes_it() -> None:
    """The state of `Linear4bit(96, 130)`, as bitsandbytes 0.50.2 gave it (tests/formats/README.md)."""
    assert stored("nf4", 130, 96) == {
        "weight": ("U8", (6240, 1)),
        "weight.absmax": ("F32", (195,)),
        "weight.quant_map": ("F32", (16,)),
        "weight.quant_state.bitsandbytes__nf4": ("U8", (79,)),
    }
    doubled = stored("nf4-double", 130, 96)
    state = doubled.pop("weight.quant_state.bitsandbytes__nf4")
    assert doubled == {
        "weight": ("U8", (6240, 1)),
        "weight.absmax": ("U8", (195,)),
        "weight.quant_map": ("F32", (16,)),
        "weight.nested_absmax": ("F32", (1,)),
        "weight.nested_quant_map": ("F32", (256,)),
    }
    assert abs(state[1][0] - 168) <= 3  # type: ignore[operator]  # one of its numbers is a mean of weights


def test_gptq_as_autogptq_registers_it() -> None:
    """The buffers of `QuantLinear(4, 128, 4096, 11008)` and of 3 bits, by the expressions of qlinear_cuda.py."""
    assert stored("gptq", 11008, 4096) == {
        "qweight": ("I32", (4096 // 32 * 4, 11008)),
        "qzeros": ("I32", (32, 11008 // 32 * 4)),
        "scales": ("F16", (32, 11008)),
        "g_idx": ("I32", (4096,)),
    }
    assert stored("gptq:bits=3,group=0", 64, 96)["qweight"] == ("I32", (96 // 32 * 3, 64))
    assert stored("gptq:bits=3,group=0", 64, 96)["scales"] == ("F16", (1, 64))


def test_awq_as_autoawq_registers_it() -> None:
    assert stored("awq", 11008, 4096) == {
        "qweight": ("I32", (4096, 11008 // 8)),
        "qzeros": ("I32", (4096 // 128, 11008 // 8)),
        "scales": ("F16", (4096 // 128, 11008)),
    }


def test_published_bits_a_weight() -> None:
    assert bits("awq") == 4 + Fraction(4 + 16, 128)  # 4.15625
    assert round(float(bits("nf4-double", 1 << 16, 1 << 16)), 3) == 4.127
    assert bits("nf4", 1 << 16, 1 << 16) - Fraction(1, 1 << 16) < Fraction(9, 2)  # 4.5 and one table of 16
    assert bits("mxfp4") == Fraction(17, 4)
    assert bits("nvfp4") == Fraction(9, 2) + Fraction(32, 4096 * 4096)
    assert bits("2:4") == 16 * Fraction(9, 16)
    assert bits("fp8-block") == 8 + Fraction(32, 128 * 128)
    assert bits("int8") == 8 + Fraction(16, 4096)
    assert bits("int4") == 4 + Fraction(16 + 4, 128)


def test_gpt_oss_as_published() -> None:
    """`total_size` in model.safetensors.index.json of openai/gpt-oss-20b."""
    assert data("gpt_oss_20b", "mxfp4-experts") == 13_761_264_768


def test_what_stays_as_it_is() -> None:
    elaborated, values = program("mixtral_8x7b", BF16)
    types = {one.path: one.type for one in weights(elaborated, BF16, find("nf4"), values).parts}
    assert types["layers.self_attn.q_proj.weight"] == types["layers.mlp.experts.down_proj.weight"] == "nf4"
    assert types["layers.mlp.gate.weight"] == types["lm_head.weight"] == types["embed_tokens.weight"] == "BF16"
    only = weights(elaborated, BF16, find("nf4", only=("layers.self_attn.*",), keep=("*.o_proj",)), values)
    assert {one.owner.rpartition(".")[2] for one in only.parts if one.type == "nf4"} == {"q_proj", "k_proj", "v_proj"}


def test_what_does_not_fit_is_said() -> None:
    elaborated, values = program("llama2_7b", BF16, d=96, heads=4, hidden=130)
    with pytest.raises(SpecError, match=r"`awq` cannot hold `layers.self_attn.q_proj.weight`: 96 is not a multiple"):
        weights(elaborated, BF16, find("awq:group=64"), values)
    kept = find("awq:group=64", keep=("layers.*",))
    assert {one.type for one in weights(elaborated, BF16, kept, values).parts if one.role == "param"} == {"BF16"}


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_without_a_format_it_is_the_policy(precision: str) -> None:
    policy = Policy(precision=precision)
    for name in ("gpt2", "llama3_8b", "resnet18"):
        elaborated, values = program(name, policy)
        import archspec

        expected, _ = archspec.load(name).dim("memory.weights", policy)
        assert evaluate(weights(elaborated, policy).total(), values) == evaluate(expected, values)


def test_a_format_is_a_value() -> None:
    chosen = find("gptq:bits=8")
    assert isinstance(chosen, Format)
    assert chosen.text == "gptq:bits=8"
    assert find("gptq:bits=4").text == "gptq"
