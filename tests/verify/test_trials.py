"""Specs against their own exports at random numbers: what is drawn, what is proved, and that mistakes are found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import archspec
from archspec.algebra import NO_FACTS, divide, floordiv, symbol
from archspec.policy import Policy
from archspec.verify.chance import chance
from archspec.verify.derived import unrolled
from archspec.verify.draw import KINDS, draw, flat
from archspec.verify.errors import CannotVerify
from archspec.verify.readback import Unreadable, to_dim
from archspec.verify.show import shown
from archspec.verify.trials import verify

CPU = Policy(backend="cpu")


def anything(_: dict[str, Any]) -> None:
    """Every choice works."""


@pytest.mark.parametrize("name", ["GPT2", "Llama", "ResNet", "MobileNetV2", "Mixtral", "ViT", "DenseNet", "UNet"])
def test_draws_keep_the_requirements(name: str) -> None:
    model = archspec.load(name)
    seen: dict[str, set[int]] = {}

    def works(given: dict[str, Any]) -> None:
        model.check_requirements(model.derive(CPU, given), given)

    for trial in range(6):
        drawn = draw(model, CPU, 5, trial, {}, works)
        works(drawn.given)
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
    drawn = draw(archspec.load("ResNet"), CPU, 0, tuple(KINDS).index("one turn"), {}, anything)
    assert set(drawn.given["depths"]) == {1}  # type: ignore[arg-type]  # a list


CHOOSING = """
model A(d = 4, widths: list = [8, 8], rate = 0.0, drop = 0.5, slope = 1e-5, tall = false, bias: flag) {
  x[B, d] -> y[B, _]
  require widths[0] % 2 == 0
  h = x -> Dropout(rate) -> Dropout(drop)
  each i in range(len(widths)) { h = h -> Linear(widths[i], bias = bias) }
  if tall { h = h -> Linear(d) }
  y = h
}
"""


def test_flags_rates_and_lengths_of_lists_are_drawn_too() -> None:
    model = archspec.load_text(CHOOSING)
    first, second = (draw(model, CPU, 0, trial, {}, anything) for trial in (0, 1))
    assert first.choices.keys() == {"bias"}  # it has no default; all others have theirs
    assert second.choices == {**second.choices, "rate": 0.1, "drop": 0.0, "tall": True}
    assert "slope" not in second.choices
    assert len(second.given["widths"]) in (1, 3)  # type: ignore[arg-type]  # a list
    assert "drop = 0" in second.text
    assert "tall = true" in second.text
    seen = [draw(model, CPU, 0, trial, {}, anything).choices for trial in range(9)]
    assert {one.get("tall") for one in seen} == {None, True}
    assert {one["bias"] for one in seen} == {False, True}
    given = draw(model, CPU, 0, 1, {"tall": False, "widths": [6, 2]}, anything).given
    assert (given["tall"], given["widths"]) == (False, [6, 2])


def test_an_equation_is_solved_and_not_waited_for() -> None:
    model = archspec.load_text(
        "model A(a = 20, b = 30, c = 50) {\n  x[B, a] -> y[B, c]\n  require a + b == c\n  y = x -> Linear(c)\n}\n"
    )
    for trial in range(6):
        given = draw(model, CPU, 0, trial, {}, anything).given
        assert given["a"] + given["b"] == given["c"]  # type: ignore[operator]  # integers


def test_loops_that_cannot_run_once_run_more_often() -> None:
    model = archspec.load_text(
        "model A(d = 4, first = 20, layers = 30) {\n  x[B, d] -> y[B, d]\n  require first < layers\n  y = x\n"
        "  repeat first as g { y = y -> Linear(d) }\n  repeat layers as h { y = y -> Linear(d) }\n}\n"
    )
    drawn = draw(model, CPU, 0, 1, {}, anything)
    assert drawn.kind == "moderate"
    assert drawn.given["layers"] < 6  # type: ignore[operator]  # and not at its default


def test_a_choice_that_makes_no_model_stays_at_its_default() -> None:
    model = archspec.load_text("""
model A(sizes: list = [2, 3], tall = false) {
  x[B, sizes[0]] -> y[B, sizes[1]]
  y = x -> Linear(sizes[1])
  if tall { y = y -> Linear(sizes[0]) }
}
""")
    for trial in range(9):
        drawn = draw(model, CPU, 0, trial, {}, anything)
        assert "tall" not in drawn.choices
        assert len(drawn.given.get("sizes", (0, 0))) >= 2  # type: ignore[arg-type]  # a list


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
    assert chance(layers * d**2 + d, [({"d": 100, "layers": 4}, ())] * 2) == pytest.approx((2 / 100 + 1 / 4) ** 2)
    assert chance(layers * d, [({"d": 100}, ())]) == 1.0
    assert chance(floordiv(d, 2), [({"d": 100}, ())]) is None
    assert chance(7, [({}, ())]) == 0.0
    proved = [({"d": 50, "S": 10}, ["S"])]
    assert chance(d * floordiv(symbol("S", 1), 2) + symbol("S", 1) ** 3, proved) == pytest.approx(1 / 50)
    assert chance(floordiv(d, 2), proved) is None
    assert chance(divide(d**2, layers, NO_FACTS) + d, [({"d": 100, "layers": 4}, ())]) == pytest.approx(2 / 100 + 1 / 4)


def test_numbers_of_an_unrolled_program() -> None:
    program = unrolled(archspec.load("gpt2"), CPU, {"layers": 3, "B": 2, "S": 4})
    assert sum(1 for one in program.parameters if one.path == "h.mlp.c_fc.weight") == 3
    assert all(
        isinstance(size, int) for one in program.parameters for size in one.tensor.shape if one.path == "wte.weight"
    )


EVERY_AXIS = {"GPT2": "B S", "Llama": "B S", "ViT": "B", "AlexNet": "B H W", "MLP": "B", "ConvFeatures": "B"}
"""The whole zoo, in three trials: `python -m tests.verify.every_model`."""


@pytest.mark.parametrize("name", EVERY_AXIS)
def test_the_zoo_agrees_with_its_export(name: str) -> None:
    pytest.importorskip("torch")
    outcome = verify(archspec.load(name), Policy(), {}, trials=2, seed=11)
    assert outcome.passed, shown(outcome)
    assert {"activations.saved[fp32]", "flops.forward", "flops.backward"} <= set(outcome.proved), outcome.unproved
    assert outcome.proofs[0].symbols == EVERY_AXIS[name].split()
    assert not {"B", "H", "W"} & set(outcome.sampled)


def test_multiples_are_proved_where_only_they_are_allowed() -> None:
    pytest.importorskip("torch")
    text = shown(verify(archspec.load("UNet"), Policy(), {"widths": [2, 3, 4]}, trials=1))
    assert "proved for every B, H = 4*n, W = 4*n (of at least 2" in text
    assert "only drawn: channels, classes\n" in text
    assert "params 0.33" in text  # of degree 1 in each: drawn from 1 to 6


def test_the_steps_of_a_recurrent_layer_are_drawn_and_the_batch_is_proved() -> None:
    pytest.importorskip("torch")
    outcome = verify(archspec.load("lstm_lm"), Policy(), {"layers": 1}, trials=1, quantities=("flops.forward",))
    assert outcome.proved == ["flops.forward"]
    assert outcome.proofs[0].axes == ["B"]
    assert "S" in outcome.sampled


def test_what_torch_cannot_follow_is_said_in_words() -> None:
    sympy = pytest.importorskip("sympy")
    b = sympy.Symbol("B", integer=True, positive=True)
    for strange in (sympy.sin(b), b / 2, sympy.Piecewise((b, b > 3), (1, True))):
        with pytest.raises(Unreadable, match="torch's formula has the"):
            to_dim(strange, NO_FACTS, [])
    assert to_dim(3 * b**2 + 1, NO_FACTS, []) == 3 * symbol("B", 1) ** 2 + 1


def test_eager_attention() -> None:
    pytest.importorskip("torch")
    outcome = verify(archspec.load("gpt2"), Policy(attention="eager"), {}, trials=1, seed=2)
    assert outcome.passed, shown(outcome)


def test_a_recurrent_layer_says_what_is_not_compared() -> None:
    pytest.importorskip("torch")
    outcome = verify(archspec.load("lstm_lm"), Policy(), {"layers": 2, "d": 8, "vocab": 9}, trials=1)
    assert outcome.passed, shown(outcome)
    assert "oneDNN keeps a workspace" in shown(outcome)
    assert {"activations.saved[fp32]", "activations.saved[bf16]"} <= {
        row.quantity for row in outcome.comparisons[0].rows
    }


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
