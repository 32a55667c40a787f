"""Mistakes in a person's own spec: the message names the layer, the operation and the term that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archspec.errors.diagnostic import SpecError
from archspec.testing import assert_matches

torch = pytest.importorskip("torch")
import plain  # noqa: E402  # it needs torch

Failure = Callable[[str, str], list[str]]
KEYS = "(d // heads * kv_heads) as k_proj -> Heads(kv_heads)"
VALUES = KEYS.replace("k_proj", "v_proj")


@pytest.fixture
def failure(tmp_path: Path) -> Failure:
    """What a failing assertion says of the decoder with a mistake in its spec: the lines of the differences."""

    def found(right: str, wrong: str) -> list[str]:
        assert right in plain.SPEC
        path = tmp_path / "decoder.arch"
        path.write_text(plain.SPEC.replace(right, wrong))
        with pytest.raises(AssertionError) as error:
            assert_matches(path, plain.Decoder(), torch.zeros(2, 5, dtype=torch.int64), B=2, S=5)
        return [line.removeprefix("differs ") for line in str(error.value).splitlines() if line.startswith("differs")]

    return found


def layers(lines: list[str]) -> set[str]:
    """The layers that lines name, with their operations."""
    return {line.split(": ")[1] for line in lines}


def test_heads_in_the_place_of_key_heads(tmp_path: Path) -> None:
    text = plain.SPEC.replace(KEYS, KEYS.replace("kv_heads", "heads")).replace(
        VALUES, VALUES.replace("kv_heads", "heads")
    )
    path = tmp_path / "decoder.arch"
    path.write_text(text)
    with pytest.raises(AssertionError) as error:
        assert_matches(path, plain.Decoder(), torch.zeros(2, 5, dtype=torch.int64), B=2, S=5)
    lines = [line.removeprefix("differs ") for line in str(error.value).splitlines() if line.startswith("differs")]
    places = [one for one in ("k_proj", "v_proj") for _ in ("weight", "bias")]
    assert [line.split(": ")[1] for line in lines[:4]] == [f"blocks.attn.{place} (Linear)" for place in places]
    assert "`weight` is [d, d] = [24, 24] by the spec, [8, 24] in the model (blocks.0.attn.k_proj.weight)" in lines[0]
    assert "flops.forward: blocks.attn.k_proj (Linear): 23_040 by the spec, 7_680 traced (addmm)" in lines
    attention = "blocks.attn.attention.flashattention (FlashAttention)"
    names = {"blocks.attn.k_proj (Linear)", "blocks.attn.v_proj (Linear)", attention}
    assert layers(lines) <= {*names, "blocks.attn (scaled_dot_product_attention)"}


def test_heads_swapped_with_key_heads(tmp_path: Path) -> None:
    """No model has these shapes: the spec itself is wrong at these numbers."""
    path = tmp_path / "decoder.arch"
    path.write_text(plain.SPEC.replace("Attn(heads, kv_heads) as attn", "Attn(kv_heads, heads) as attn"))
    with pytest.raises(SpecError, match=r"`kv_heads % heads == 0` with heads = 6, kv_heads = 2 does not hold"):
        assert_matches(path, plain.Decoder(), torch.zeros(2, 5, dtype=torch.int64), B=2, S=5)


def test_a_missing_bias(failure: Failure) -> None:
    (line,) = failure("Linear(hidden) as up", "Linear(hidden, bias = false) as up")
    assert line == (
        "params: blocks.up (Linear): parameter `bias` [40] is in the model only (blocks.0.up.bias) "
        "(and 1 more of this layer)"
    )


def test_a_bias_too_many(failure: Failure) -> None:
    (line,) = failure("Linear(vocab, bias = false) as head", "Linear(vocab) as head")
    assert line == "params: head (Linear): parameter `bias` [vocab] = [50] is in the spec only"


def test_another_width(failure: Failure) -> None:
    lines = failure("Linear(hidden) as up", "Linear(2*hidden) as up")
    assert lines[0].startswith(
        "params: blocks.up (Linear): `weight` is [2*hidden, d] = [80, 24] by the spec, [40, 24] in"
    )
    assert any("layer outputs: blocks.up (Linear): its output is [2, 5, 80] by the spec" in line for line in lines)


def test_another_activation(failure: Failure) -> None:
    lines = failure("GELU", "ReLU")
    assert "activations.saved[fp32]: blocks.relu (ReLU): 2 × [2, 5, 40] is kept for `gelu` in the model" in lines
    assert not any("attn" in line for line in lines)


def test_a_missing_norm(failure: Failure) -> None:
    lines = failure("h -> LayerNorm as norm2 -> Linear", "h -> Linear")
    assert "parameter `weight` [24] is in the model only (blocks.0.norm2.weight)" in lines[0]
    assert any(
        "blocks (layer_norm): 2 × float32 [2, 5, 24], 960 B each, kept by the model only" in one for one in lines
    )


LLAMA = Path(__file__).resolve().parents[2] / "specs" / "models" / "llama.arch"


def test_keys_with_as_many_heads_as_queries_in_llama(tmp_path: Path) -> None:
    """The zoo's Llama as a person might have miswritten it, against that of transformers."""
    pytest.importorskip("transformers")
    import factories

    text = LLAMA.read_text(encoding="utf-8")
    right = "k = x -> Linear(kv_heads*head_dim, bias = qkv_bias) as k_proj -> Heads(kv_heads)"
    assert right in text
    text = text.replace(right, right.replace("kv_heads", "heads"))
    right = right.replace("k = x", "v = x").replace("k_proj", "v_proj")
    assert right in text
    path = tmp_path / "llama.arch"
    path.write_text(text.replace(right, right.replace("kv_heads", "heads")), encoding="utf-8")
    sizes = {"layers": 2, "d": 32, "hidden": 48, "heads": 4, "kv_heads": 2, "vocab": 100}
    with pytest.raises(AssertionError) as error:
        assert_matches(f"{path}:Llama", factories.llama(**sizes), B=2, S=16, quantities=("params",), **sizes)
    lines = [line for line in str(error.value).splitlines() if line.startswith("differs")]
    assert len(lines) == 2
    for line, place in zip(lines, ("k_proj", "v_proj"), strict=True):
        assert f"layers.self_attn.{place} (Linear): `weight` is " in line
        assert "= [32, 32] by the spec, [16, 32] in the model" in line
