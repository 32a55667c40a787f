"""Specs of the zoo against the models of torchvision, transformers and Keras that they are written after."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from archspec.policy import Policy
from archspec.report.style import Style
from archspec.verify.against import against
from archspec.verify.show import text
from archspec.verify.targets import parse_target

torch = pytest.importorskip("torch")

SMALL = {"layers": 2, "d": 32, "heads": 4, "vocab": 100, "context": 64}
LLAMA = {"layers": 2, "d": 32, "hidden": 48, "heads": 4, "kv_heads": 2, "vocab": 100}
MIXTURE = {**LLAMA, "head_dim": 10, "experts": 5, "active": 2}
BOTH = {"layers": 2, "d": 30, "heads": 4, "head_dim": 6, "hidden": 50, "vocab": 60}
TOKENS = {"B": 2, "S": 16}
PICTURE = {"B": 2, "H": 64, "W": 70}

VISION: list[tuple[str, str, dict[str, Any], dict[str, Any], dict[str, int]]] = [
    ("alexnet", "alexnet", {}, {}, {"B": 2, "H": 100, "W": 130}),
    ("vgg16_bn", "vgg", {"width": 8, "hidden": 40}, {"norm": True}, PICTURE),
    ("resnet50", "resnet", {"classes": 30}, {}, PICTURE),
    ("resnext50_32x4d", "resnet", {"classes": 30}, {"groups": 32, "group_width": 4}, PICTURE),
    ("densenet121", "densenet", {"classes": 30}, {}, PICTURE),
    ("mobilenet_v2", "mobilenet", {"classes": 30}, {}, PICTURE),
    ("vit_b_16", "vit", {"layers": 2, "image": 64}, {}, {"B": 2}),
]
TEXT: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("gpt2", "gpt2", {**SMALL, "tied": False}, {}),
    ("gpt2", "gpt2", {**SMALL, "dropout": 0.0}, {}),
    ("llama3_8b", "llama", LLAMA, {}),
    ("mistral_7b", "llama", LLAMA, {}),
    ("qwen2_5_7b", "llama", LLAMA, {"qkv_bias": True}),
    ("mixtral_8x7b", "mixtral", MIXTURE, {}),
    ("qwen3_30b_a3b", "mixtral", MIXTURE, {"qk_norm": True}),
    ("roberta_base", "bert", {**SMALL, "types": 1}, {"counted_positions": True}),
]


def compared(spec: str, factory: str, given: dict[str, Any], keywords: dict[str, Any], **policy: Any) -> Any:
    inputs = policy.pop("inputs", ())
    chosen = Policy(backend="cpu").with_(**policy)
    return against(
        archspec.load(spec), parse_target(f"torch:factories:{factory}"), chosen, given, keywords=keywords, inputs=inputs
    )


def agree(comparison: Any) -> None:
    """Delta 0 everywhere, and in everything that can be compared."""
    assert comparison.passed, text(comparison, 120, Style(False))
    assert len(comparison.rows) == 8


@pytest.mark.parametrize(("spec", "factory", "settings", "other", "axes"), VISION, ids=[case[0] for case in VISION])
def test_torchvision(
    spec: str, factory: str, settings: dict[str, Any], other: dict[str, Any], axes: dict[str, int]
) -> None:
    pytest.importorskip("torchvision_operators")
    pytest.importorskip("torchvision")
    agree(compared(spec, factory, {**settings, **axes}, {**settings, **other}))


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize(("spec", "factory", "settings", "other"), TEXT, ids=[one[0] for one in TEXT])
def test_transformers(spec: str, factory: str, settings: dict[str, Any], other: dict[str, Any], attention: str) -> None:
    pytest.importorskip("transformers")
    keywords = {**settings, **other, "attention": attention}
    agree(compared(spec, factory, {**settings, **TOKENS}, keywords, attention=attention))


def test_bert() -> None:
    pytest.importorskip("transformers")
    comparison = compared("bert_base", "bert", {**SMALL, **TOKENS}, SMALL)
    assert [one.layer for one in comparison.differences] in ([], ["embeddings.token_type_embeddings"])
    assert not any(row.delta for row in comparison.rows if row.quantity != "layer outputs")


def test_bert_makes_type_vectors_for_each_text() -> None:
    pytest.importorskip("transformers")
    agree(compared("bert_base", "bert", {**SMALL, **TOKENS}, SMALL))


def test_t5_with_two_inputs() -> None:
    pytest.importorskip("transformers")
    inputs = ["input_ids=int64[B, T] decoder_input_ids=int64[B, S]"]
    agree(compared("t5_small", "t5", {**BOTH, **TOKENS, "T": 9}, BOTH, inputs=inputs))


@pytest.mark.parametrize(("spec", "name"), [("densenet121", "DenseNet121"), ("mobilenet_v2", "MobileNetV2")])
def test_keras(spec: str, name: str) -> None:
    keras = pytest.importorskip("keras")
    target = parse_target(f"keras:keras.applications:{name}")
    assert hasattr(keras.applications, name)
    policy = Policy(backend="cpu")
    given = {"B": 2, "H": 224, "W": 224, "classes": 20}
    comparison = against(archspec.load(spec), target, policy, given, keywords={"weights": None, "classes": 20})
    assert comparison.passed, text(comparison, 120, Style(False))
    assert [row.quantity for row in comparison.rows] == ["params", "buffers", "outputs", "layer outputs"]
