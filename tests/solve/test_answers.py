"""Answers are right: what the report says at the answer fits, at the next value that the model can have it does not."""

from __future__ import annotations

from math import isqrt

import pytest

import archspec
from archspec.solving.answer import Solution
from tests.solve.questions import COUNT, Drawn, drawn, loaded

NEAR = 40


@pytest.mark.parametrize("seed", range(COUNT))
def test_the_answer_fits_and_the_next_does_not(seed):
    question = drawn(seed)
    model = loaded(question.model)
    try:
        solution = archspec.solve(model, question.unknown, budget=question.budget, **question.choices)
    except archspec.SpecError as error:
        if "any-fits" not in [one.id for one in error.diagnostics]:
            raise
        assert question.needs(question.fitting) == question.needs(3 * question.fitting)
        return
    assert solution.value >= question.fitting
    assert question.needs(solution.value) == solution.needs <= question.budget
    assert solution.headroom == question.budget - solution.needs
    check_next(question, solution)
    check_formula(question, solution)


def check_next(question: Drawn, solution: Solution) -> None:
    """Nothing that the model can be lies between the answer and the next value, which does not fit."""
    beyond = solution.beyond
    last = solution.value + NEAR if beyond is None else min(beyond[0] - 1, solution.value + NEAR)
    for value in range(solution.value + 1, last + 1):
        with pytest.raises(archspec.SpecError):
            question.needs(value)
        assert solution.restricted or value > solution.value + 1
    if beyond is not None:
        assert question.needs(beyond[0]) == beyond[1] > question.budget


def check_formula(question: Drawn, solution: Solution) -> None:
    """The closed form gives the answer, up to what requirements rule out."""
    if solution.closed is None:
        assert solution.formula.startswith(f"the largest {question.unknown} with ")
        return
    given = eval(solution.closed.python, {"budget": question.budget, "isqrt": isqrt, "min": min})
    assert given >= solution.value
    if solution.beyond is not None:
        assert given < solution.beyond[0]


def test_both_ways_of_answering_are_met():
    linear = archspec.solve(loaded("gpt2"), "B", budget="2GiB", S=64)
    assert (linear.method, linear.closed is None) == ("closed", False)
    rounded = archspec.solve(loaded("gpt2"), "S", budget="2GiB", B=2, train="sgd")
    assert (rounded.method, rounded.closed) == ("search", None)


def test_small_values_that_make_another_structure():
    # Below three layers the first and last ones are wired apart: the closed form in `layers` does not hold there.
    model = loaded("gpt2")
    for layers in (1, 2, 3, 4):
        needs = model.size(B=2, S=32, layers=layers, train="adamw")["memory.training"]
        assert archspec.solve(model, "layers", budget=needs, B=2, S=32, train="adamw").value == layers
        if layers > 1:
            assert archspec.solve(model, "layers", budget=needs - 1, B=2, S=32, train="adamw").value == layers - 1


def test_requirements_restrict():
    model = archspec.load("gpt2")
    solution = archspec.solve(model, "S", budget="80GiB", B=1)
    assert (solution.value, solution.beyond, solution.restricted) == (1024, None, ["S <= context"])
    solution = archspec.solve(model, "heads", budget="8GiB", B=1, S=1024, attention="eager")
    assert 768 % solution.value == 0
    assert solution.beyond is None or 768 % solution.beyond[0] == 0
    model = archspec.load("qwen2_5_0_5b")
    solution = archspec.solve(model, "layers", device="H100", B=1, S=128, shard="pipeline = 4", train="adamw")
    assert solution.value % 4 == 0
    assert solution.beyond is not None
    assert solution.beyond[0] == solution.value + 4
    assert "layers % pp == 0" in solution.restricted


def test_a_quantity_that_falls():
    model = loaded("qwen2_5_0_5b")
    choices = {"S": 128, "B": 1, "train": "adamw", "shard": "data = 8 zero = 3"}
    solution = archspec.solve(model, "dp", budget="2GiB", **choices)
    assert solution.falling
    fewer = solution.beyond
    assert fewer is not None
    assert (fewer[0], solution.value) == (solution.value - 1, int(solution))
    for dp, fits in ((solution.value, True), (fewer[0], False)):
        needs = model.size(**{**choices, "shard": f"data = {dp} zero = 3"})["memory.training"]
        assert (needs <= solution.question.budget.bytes) is fits


def test_the_fewest_devices():
    choices = {"S": 128, "B": 1, "shard": "tensor = 2"}
    solution = archspec.solve(loaded("qwen2_5_0_5b"), "tp", budget="80GiB", **choices)
    assert (solution.value, solution.falling, solution.beyond, solution.restricted) == (1, True, None, [])


def test_an_entry_of_a_list_that_is_given():
    model = loaded("resnet18")
    choices = {"B": 2, "H": 64, "W": 64, "depths": [2, 3, 2, 2]}
    solution = archspec.solve(model, "depths[2]", budget="1GiB", **choices)
    for depth, fits in ((solution.value, True), (solution.value + 1, False)):
        size = model.size(**{**choices, "depths": [2, 3, depth, 2]})["memory.inference"]
        assert (size <= 2**30) is fits


def test_other_quantities():
    solution = archspec.solve("gpt2", "layers", budget=1_000_000_000, quantity="params")
    model = loaded("gpt2")
    assert model.size(layers=solution.value)["params"] <= 10**9 < model.size(layers=solution.value + 1)["params"]
    assert "elements" in str(solution.to_dict()["unit"])


def test_wiring_that_hangs_on_the_unknown():
    text = """
    model Net(n = 3, d = 8) {
      x[B, d] -> y[B, d]
      h = x
      if n > 4 { h = h -> Linear(8*d) -> Linear(d) }
      y = h -> Linear(n) -> Linear(d)
    }
    """
    model = archspec.load_text(text)
    for n in (3, 4, 5, 6, 90):
        needs = model.size(B=4, n=n)["memory.inference"]
        assert archspec.solve(model, "n", budget=needs, B=4).value == n
