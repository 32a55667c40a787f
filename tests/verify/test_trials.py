"""Specs against their own exports at random numbers: what is drawn, what is proved, and that mistakes are found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import archspec
from archspec.algebra import floordiv, symbol
from archspec.policy import Policy
from archspec.verify.chance import chance
from archspec.verify.derived import unrolled
from archspec.verify.draw import KINDS, draw, flat
from archspec.verify.errors import CannotVerify
from archspec.verify.show import shown
from archspec.verify.trials import verify

CPU = Policy(backend="cpu")


def anything(_: dict[str, Any]) -> None:
    """Every choice works."""


@pytest.mark.parametrize("name", ["GPT2", "Llama", "ResNet", "MobileNetV2", "Mixtral", "ViT", "DenseNet", "UNet"])
def test_draws_keep_the_requirements(name: str) -> None:
    model = archspec.load(name)
    seen: dict[str, set[int]] = {}
    for trial in range(6):
        drawn = draw(model, CPU, 5, trial, {}, anything)
        model.check_requirements(model.derive(CPU, drawn.given), drawn.given)
        numbers = dict(flat(drawn.given))
        assert numbers["B"] >= 2
        for symbol_name, number in numbers.items():
            seen.setdefault(symbol_name, set()).add(number)
    assert sum(1 for numbers in seen.values() if len(numbers) > 1) >= len(seen) * 3 // 4


def test_draws_are_the_same_for_the_same_seed() -> None:
    model = archspec.load("gpt2")
    first, again, other = (draw(model, CPU, seed, 1, {}, anything).given for seed in (1, 1, 2))
    assert first == again != other


def test_every_second_kind_has_loops_of_one_turn() -> None:
    drawn = draw(archspec.load("ResNet"), CPU, 0, KINDS.index("those of one turn"), {}, anything)
    assert drawn.given["depths"] == (1, 1, 1, 1)


def test_what_is_given_is_not_drawn() -> None:
    drawn = draw(archspec.load("gpt2"), CPU, 0, 0, {"layers": 7, "d": 12}, anything)
    assert (drawn.given["layers"], drawn.given["d"]) == (7, 12)
    assert 12 % drawn.given["heads"] == 0  # type: ignore[operator]  # an integer


def test_requirements_that_nothing_meets() -> None:
    text = "model A(d = 4) {\n  x[B, d] -> y[B, d]\n  require d > 5000000 and B == 1\n  y = x -> ReLU\n}\n"
    with pytest.raises(CannotVerify, match="no numbers for A"):
        draw(archspec.load_text(text), CPU, 0, 0, {}, anything)


def test_the_bound_of_chance() -> None:
    d, layers = symbol("d", 1), symbol("layers", 1)
    assert chance(layers * d**2 + d, [{"d": 100, "layers": 4}] * 2) == pytest.approx((2 / 100 + 1 / 4) ** 2)
    assert chance(layers * d, [{"d": 100}]) == 1.0
    assert chance(floordiv(d, 2), [{"d": 100}]) is None
    assert chance(7, [{}]) == 0.0


def test_numbers_of_an_unrolled_program() -> None:
    program = unrolled(archspec.load("gpt2"), CPU, {"layers": 3, "B": 2, "S": 4})
    assert sum(1 for one in program.parameters if one.path == "h.mlp.c_fc.weight") == 3
    assert all(
        isinstance(size, int) for one in program.parameters for size in one.tensor.shape if one.path == "wte.weight"
    )


TORCH = ["GPT2", "Llama", "Bert", "T5", "ViT", "ResNet", "DenseNet", "VGG", "AlexNet", "UNet", "MLP", "ConvNet"]


@pytest.mark.parametrize("name", TORCH)
def test_the_zoo_agrees_with_its_export(name: str) -> None:
    pytest.importorskip("torch")
    outcome = verify(archspec.load(name), Policy(), {}, trials=2, seed=11)
    assert outcome.passed, shown(outcome)
    assert {"activations.saved[fp32]", "flops.forward", "flops.backward"} <= set(outcome.proved), outcome.unproved


def test_eager_attention() -> None:
    pytest.importorskip("torch")
    outcome = verify(archspec.load("gpt2"), Policy(attention="eager"), {}, trials=1, seed=2)
    assert outcome.passed, shown(outcome)


def test_a_recurrent_layer_says_what_is_not_compared() -> None:
    pytest.importorskip("torch")
    outcome = verify(archspec.load("lstm_lm"), Policy(), {"layers": 2, "d": 8, "vocab": 9}, trials=1)
    assert outcome.passed, shown(outcome)
    assert "opaque workspace" in shown(outcome)
    assert not any("saved" in row.quantity for row in outcome.comparisons[0].rows)


def test_a_wrong_layer_is_found_by_its_own_export() -> None:
    pytest.importorskip("torch")
    text = (
        "layer Odd(out) {\n  x[B, in] -> y[B, out]\n  param weight[out, in]\n  save weight for x\n"
        "  flops 2 * in * size(y)\n  torch F.linear(x, weight)\n}\n"
        "model A(d = 6) {\n  x[B, d] -> y[B, d]\n  y = x -> Linear(d) as one -> Odd(d) as two\n}\n"
    )
    outcome = verify(archspec.load_text(text), Policy(), {}, trials=1, quantities=("params", "activations.saved"))
    (found, *_) = outcome.comparisons[0].differences
    assert (found.layer, found.quantity) == ("two", "activations.saved[fp32]"), shown(outcome)
    assert "linear" in str(found)
    assert "kept by the model only" in found.message


def test_keras() -> None:
    pytest.importorskip("torch")
    pytest.importorskip("keras")
    outcome = verify(archspec.load("MLP"), Policy(), {}, frameworks=("torch", "keras"), trials=1)
    assert outcome.passed, shown(outcome)
    assert [one.against for one in outcome.comparisons] == ["its export to torch", "its export to keras"]
    alone = replace(outcome, comparisons=[replace(outcome.comparisons[0], rows=[])])
    assert not alone.passed
    assert "nothing could be compared" in shown(alone)
