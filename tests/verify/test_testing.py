"""`archspec.testing.assert_matches`, in the tests of somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.testing import assert_matches
from archspec.verify.errors import CannotVerify

torch = pytest.importorskip("torch")
import plain  # noqa: E402  # it needs torch


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "decoder.arch"
    path.write_text(plain.SPEC)
    return path


TOKENS = torch.zeros(2, 5, dtype=torch.int64)


def test_a_model_that_matches(spec: Path) -> None:
    model = plain.Decoder()
    assert_matches(spec, model, TOKENS, B=2, S=5)
    assert_matches(f"{spec}:Decoder", model, (TOKENS,), B=2, S=5, precisions=("fp32", "bf16"))
    assert_matches(archspec.load(str(spec)), model, {"tokens": TOKENS}, B=2, S=5, tensors="fake")
    assert_matches(spec, model, B=2, S=5, quantities=("params",))


def test_the_model_is_left_as_it_was(spec: Path) -> None:
    model = plain.Decoder().eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.random.get_rng_state()
    assert_matches(spec, model, TOKENS, B=2, S=5, precisions=("bf16",))
    assert not model.training
    assert all(parameter.grad is None and parameter.dtype == torch.float32 for parameter in model.parameters())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_changed_layer_is_named(spec: Path) -> None:
    model = plain.Decoder()
    model.blocks[1].up = torch.nn.Linear(24, 40, bias=False)
    with pytest.raises(AssertionError) as failure:
        assert_matches(spec, model, TOKENS, B=2, S=5)
    message = str(failure.value)
    first, second, *_ = message.splitlines()
    assert first == "blocks.up (Linear) is not as in the spec: params"
    assert second.startswith("Decoder against plain.Decoder  vocab = 50, d = 24, ")
    assert "blocks.up (Linear): parameter `bias` [hidden] = [40] is in the spec only" in message


def test_a_tied_head_is_told_from_one_of_its_own(spec: Path) -> None:
    model = plain.Decoder()
    model.head.weight = model.embed.weight
    with pytest.raises(
        AssertionError, match=r"head \(Linear\): parameter `weight` .* the model ties it to `embed.weight`"
    ):
        assert_matches(spec, model, TOKENS, B=2, S=5)
    spec.write_text(plain.SPEC.rstrip().removesuffix("}") + "  tie head.weight = embed.weight\n}\n")
    assert_matches(spec, model, TOKENS, B=2, S=5)


def test_frozen_parameters_differ(spec: Path) -> None:
    model = plain.Decoder()
    model.norm.weight.requires_grad_(False)
    with pytest.raises(
        AssertionError, match=r"norm \(LayerNorm\): `weight` is trained by the spec, frozen in the model"
    ):
        assert_matches(spec, model, TOKENS, B=2, S=5, quantities=("params",))


def test_what_is_no_model(spec: Path) -> None:
    with pytest.raises(CannotVerify, match=r"neither a torch.nn.Module nor a keras.Model"):
        assert_matches(spec, object(), TOKENS, B=2, S=5)
    with pytest.raises(CannotVerify, match="cannot be compared"):
        assert_matches(spec, plain.Decoder(), TOKENS, B=2, S=5, quantities=("memory",))


def test_keras(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    path = tmp_path / "small.arch"
    path.write_text(
        "model Small(d = 7, width = 16) {\n  x[B, d] -> y[B, 3]\n"
        "  y = x -> Linear(width) as first -> ReLU -> Linear(3) as last\n}\n"
    )
    layers = [keras.layers.Dense(16, activation="relu", name="first"), keras.layers.Dense(3, name="last")]
    model = keras.Sequential([keras.Input((7,)), *layers])
    assert_matches(path, model, B=2)
    with pytest.raises(
        AssertionError,
        match=r"first \(Linear\): `weight` is \[width, d\] = \[15, 7\] by the spec, \[16, 7\] in the model",
    ):
        assert_matches(path, model, B=2, width=15)
