"""What pictures show adds up to what the quantities say, moment by moment and value by value."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from archspec.choices import split_choices
from archspec.ledger.parts import MOST_TURNS, _some
from archspec.plot.curves import lines, stack
from archspec.plot.moments import step
from archspec.plot.values import Range, make_range, parse_range, shown_values
from archspec.report.parts import Parts

TRAINED: list[tuple[str, dict[str, Any]]] = [
    ("gpt2", {"train": "adamw", "B": 2, "S": 128}),
    ("gpt2", {"train": "sgd", "B": 2, "S": 64, "checkpoint": "Block", "step": "for-loop"}),
    ("gpt2", {"train": "adamw", "B": 2, "S": 64, "accumulate": 4, "teacher": "gpt2_medium"}),
    ("gpt2", {"train": "adamw", "B": 1, "S": 8, "layers": 3}),
    ("gpt2", {"train": "adamw", "B": 2, "S": 64, "lora": "rank = 16 on c_attn", "precision": "mixed-bf16"}),
    ("gpt2", {"train": "adamw", "B": 2, "S": 64, "vocab": 50304, "shard": "data = 7 zero = 3, tensor = 4 sequence"}),
    ("resnet18", {"train": "adamw", "B": 2, "H": 64, "W": 64}),
]


@pytest.mark.parametrize(("name", "choices"), TRAINED)
def test_a_step_shows_its_largest_moment(name: str, choices: dict[str, Any]) -> None:
    model = archspec.load(name)
    policy, given = split_choices(choices, model.base)
    found = step(model, policy, given)
    assert found.largest.total == model.size(**choices)["memory.training"]
    assert all(amount >= 0 for one in found.held for amount in one.parts.values())
    order = [phase for phase, _, _ in found.phases]
    assert order == [*(["teacher"] if policy.teacher else []), "forward", "loss", "backward", "step"]
    assert len(found.edges) == len(found.held) + 1
    assert sorted(set(found.edges)) == found.edges
    report = model.size(**choices)
    weights = {one.parts["weights"] for one in found.held}
    assert weights == {report["memory.weights"]}
    assert {one.parts["optimizer"] for one in found.held} == {report["memory.optimizer"]}
    assert found.held[-1].parts["gradients"] == report["memory.gradients"]


def test_all_that_is_kept_is_there_at_the_loss() -> None:
    model = archspec.load("gpt2")
    choices: dict[str, Any] = {"train": "adamw", "B": 2, "S": 128, "loss": "none"}
    policy, given = split_choices(choices, model.base)
    (loss,) = (one for one in step(model, policy, given).held if one.phase == "loss")
    report = model.size(**choices)
    inputs = 8 * 2 * 128 + 8 * 128  # tokens, and positions, which are kept in the first table of vectors
    assert report["activations.saved"] is not None
    assert 0 <= report["activations.saved"] - loss.parts["kept activations"] <= inputs


def test_a_turn_of_every_loop_is_shown() -> None:
    model = archspec.load("gpt2")
    policy, given = split_choices({"train": "adamw", "B": 1, "S": 8, "layers": 7}, model.base)
    held = step(model, policy, given).held
    for phase, order in (("forward", list(range(7))), ("backward", list(range(6, -1, -1)))):
        turns = [one.turns[0] for one in held if one.phase == phase and one.turns]
        assert list(dict.fromkeys(turns)) == order
        kept = [max(one.parts["kept activations"] for one in held if one.turns == (turn,)) for turn in range(7)]
        assert kept == sorted(set(kept))


def test_of_very_many_turns_some_are_left_out() -> None:
    assert _some(2, 9, 128) == list(range(2, 10))
    assert _some(1, 1000, 4) == [1, 334, 667, 1000]
    assert len(_some(0, 10**6, MOST_TURNS[0])) == MOST_TURNS[0]


@pytest.mark.parametrize(
    ("name", "choices"), [*TRAINED, ("gpt2", {"B": 2, "S": 64}), ("mamba_130m", {"B": 1, "S": 64})]
)
def test_the_parts_add_up(name: str, choices: dict[str, Any]) -> None:
    model = archspec.load(name)
    policy, given = split_choices(choices, model.base)
    parts = Parts(model, policy)
    for _ in range(10):  # the first answers are found in another way than later ones
        assert parts.at(given).total == model.size(**choices)[parts.quantity]


def test_a_stage_of_a_pipeline() -> None:
    model = archspec.load("gpt2")
    choices: dict[str, Any] = {"train": "adamw", "B": 1, "S": 64, "shard": "pipeline = 4"}
    policy, given = split_choices(choices, model.base)
    report = model.size(**choices)
    held = Parts(model, policy).at(given)
    assert held.total == report["memory.training"]
    assert held.parts["kept activations"] == report["activations.saved"]
    assert held.parts["temporaries"] == 0


def test_a_stack_over_the_sequence() -> None:
    model = archspec.load("gpt2")
    policy, given = split_choices({"train": "adamw", "B": 4}, model.base)
    found = stack(model, policy, given, make_range("S", 16, 4000))
    assert found.values[0] == 16
    assert found.values[-1] == 1024  # S <= context
    assert {32, 64, 128, 256, 512} <= set(found.values)
    for value, total in list(zip(found.values, found.totals, strict=True))[::9]:
        assert total == model.size(train="adamw", B=4, S=value)["memory.training"]
    first, last = found.held[0], found.held[-1]
    assert (first.phase, last.phase) == ("step", "backward")
    assert first.parts["gradients"] == model.size(train="adamw", B=4, S=16)["memory.gradients"]


def test_lines() -> None:
    model = archspec.load("gpt2")
    policy, given = split_choices({"B": 1, "S": 64}, model.base)
    found = lines(model, policy, given, make_range("layers", 1, 30), ["params", "flops.forward"])
    assert found.values == list(range(1, 31))
    assert [line.unit for line in found.lines] == ["elements", "FLOPs"]
    assert found.lines[0].numbers[11] == 124_439_808
    assert found.lines[1].numbers[2] == model.size(B=1, S=64, layers=3)["flops.forward"]


@pytest.mark.parametrize(
    ("spec", "choices", "text", "divisor"),
    [
        ("gpt2", {"B": 1, "S": 8}, "d=100..3000", 12),
        ("gpt2", {"B": 1, "S": 8, "shard": "pipeline = 4"}, "layers=1..96", 4),
    ],
)
def test_only_values_that_the_model_can_have(spec: str, choices: dict[str, Any], text: str, divisor: int) -> None:
    model = archspec.load(spec)
    policy, given = split_choices(choices, model.base)
    found = shown_values(model, policy, given, parse_range(text), "memory.weights")
    assert len(found) > 20
    assert all(value % divisor == 0 for value in found)


def test_ranges() -> None:
    assert parse_range("S=512..131_072") == Range("S", 512, 131072)
    assert parse_range(" depths[1] = 1 .. 4 ") == Range("depths[1]", 1, 4)
    for text in ("S", "S=1", "S=0..4", "S=5..4", "S=1..x", "=1..2", "S=1..99999999999999999999"):
        with pytest.raises(archspec.SpecError, match="wrong-range"):
            parse_range(text)
