"""What archspec must get right to the last element and byte: published counts, and measured bytes and FLOPs.

The measured ones come from torchvision 0.28 and transformers 5.23 on torch 2.13 (saved-tensor hooks on the CPU,
FlopCounterMode on meta); tests/zoo measures them again at many other sizes.
"""

from __future__ import annotations

import json

import pytest
import sympy
from click.testing import CliRunner

import archspec
from archspec.cli.main import cli

PARAMS = {
    "gpt2": 124439808, "gpt2_medium": 354823168, "gpt2_large": 774030080, "gpt2_xl": 1557611200,
    "llama2_7b": 6738415616, "llama2_70b": 68976648192, "llama3_8b": 8030261248, "llama3_70b": 70553706496,
    "llama3_405b": 405853388800, "mistral_7b": 7241732096, "mixtral_8x7b": 46702792704, "qwen2_5_7b": 7615616512,
    "qwen3_30b_a3b": 30532122624, "bert_base": 109482240, "bert_large": 335141888, "roberta_base": 124645632,
    "t5_small": 60506624, "t5_base": 222903552, "vit_b_16": 86567656, "alexnet": 61100840, "vgg16": 138357544,
    "vgg16_bn": 138365992, "resnet18": 11689512, "resnet50": 25557032, "resnet152": 60192808,
    "resnext50_32x4d": 25028904, "wide_resnet50_2": 68883240, "densenet121": 7978856, "mobilenet_v2": 3504872,
}  # fmt: skip
BUFFERS = {"resnet50": 53173, "densenet121": 83769}
SAVED_224 = {
    "alexnet": 6278144, "vgg16": 145506304, "vgg16_bn": 253920256, "resnet18": 43193856, "resnet50": 170827264,
    "resnet152": 354262528, "densenet121": 259853056, "mobilenet_v2": 155351296, "vit_b_16": 235117136,
}  # fmt: skip


def size(*arguments: str) -> dict[str, dict[str, object]]:
    """The quantities of `archspec size … --format json`."""
    result = CliRunner().invoke(cli, ["size", *arguments, "--format", "json"])
    assert result.exit_code == 0, result.output
    quantities: dict[str, dict[str, object]] = json.loads(result.stdout)["quantities"]
    return quantities


@pytest.mark.parametrize("name", PARAMS)
def test_parameters(name: str) -> None:
    quantities = size(name)
    assert quantities["params"]["value"] == PARAMS[name]
    if name in BUFFERS:
        assert quantities["buffers"]["value"] == BUFFERS[name]


@pytest.mark.parametrize("name", SAVED_224)
def test_saved_at_224(name: str) -> None:
    axes = ("--set", "B=2") if name == "vit_b_16" else ("--set", "B=2", "--set", "H=224", "--set", "W=224")
    quantities = size(name, "--backend", "cpu", "--precision", "fp32", *axes)
    assert quantities["activations.saved"]["value"] == SAVED_224[name]
    assert quantities["activations.saved"]["exact"] is True


def test_flops() -> None:
    square = ("--set", "H=224", "--set", "W=224", "--set", "B=1")
    assert size("resnet50", *square)["flops.forward"]["value"] == 8178368512
    assert size("vit_b_16", "--set", "B=1")["flops.forward"]["value"] == 35127656448
    lstm = archspec.load_text("model M { x[B, S, 300] -> y[B, S, 512]  y = x -> LSTM(512, num_layers = 2) }")
    assert lstm.expression("flops.forward", B=1, S=100) == 752025600


def test_kv_cache() -> None:
    def cache(name: str, length: int) -> object:
        return size(name, "--precision", "bf16", "--set", "B=1", "--set", f"S={length}")["kv_cache"]["value"]

    assert cache("llama3_8b", 8192) == 2**30
    assert cache("llama3_70b", 8192) == 5 * 2**29
    assert cache("llama2_7b", 4096) == 2 * 2**30


def same(formula: sympy.Expr, text: str) -> bool:
    """Whether a formula equals one written by hand; symbols are matched by name."""
    symbols = {symbol.name: symbol for symbol in formula.free_symbols}
    return sympy.expand(formula - sympy.sympify(text, locals=symbols)) == 0


def test_gpt2_parameters_as_a_formula() -> None:
    formula = archspec.load("gpt2").formula("params")
    assert same(formula, "layers*(12*d**2 + 13*d) + context*d + vocab*d + 2*d")
    assert {symbol.name for symbol in formula.free_symbols} == {"layers", "d", "context", "vocab"}
    shown = CliRunner().invoke(cli, ["formula", "gpt2", "params"]).stdout.strip()
    assert len(shown) <= len("layers*(12*d**2 + 13*d) + context*d + vocab*d + 2*d")


def test_saved_of_small_transformers_as_formulas() -> None:
    gpt2 = archspec.load("gpt2").formula(
        "activations.saved", layers=2, d=32, heads=4, vocab=100, context=64, attention="eager", backend="cpu"
    )
    assert same(gpt2, "8104*B*S + 96*B*S**2 + 8*S")
    llama = archspec.load("llama2_7b")
    small = {"layers": 2, "d": 32, "hidden": 48, "heads": 4, "kv_heads": 2, "vocab": 100, "backend": "cpu"}
    eager = llama.formula("activations.saved", attention="eager", **small)
    assert same(eager, "4500*B*S + 32*B*S**2 + 64*S")
    assert same(llama.formula("activations.saved", attention="sdpa", **small), "4276*B*S + 64*S")


def test_resnet_has_a_term_for_each_feature_map() -> None:
    command = ["formula", "resnet50", "activations.saved", "--set", "groups=1", "--backend", "cpu"]
    shown = CliRunner().invoke(cli, command).stdout
    assert shown.count("⌈H/") == 5, "H/2, H/4, H/8, H/16, H/32, each named once"
    assert len(shown.split(", where")[0]) < 200
