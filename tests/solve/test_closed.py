"""Closed forms against plain trying."""

from __future__ import annotations

import random

import pytest

from archspec.algebra import ceildiv, evaluate, floordiv, maximum, symbol
from archspec.algebra.division import quotient
from archspec.solving.closed import Quadratic, arguments, coefficients, quadratics

X, N = symbol("x"), symbol("n")


@pytest.mark.parametrize("seed", range(60))
def test_the_largest_x(seed):
    chance = random.Random(seed)
    one = Quadratic(chance.choice((0, 1, 3)), chance.randint(1, 9), chance.randint(-20, 20), chance.choice((1, 2, 5)))
    for budget in range(1, 120, 7):
        fitting = [x for x in range(700) if one.value(x) <= one.times * budget]
        found = one.largest(budget)
        if fitting:
            assert found == max(fitting)
        else:
            assert found is not None
            assert found < 0


def test_no_end():
    assert Quadratic(0, 0, 5, 1).largest(4) is None


@pytest.mark.parametrize("seed", range(40))
def test_maxima_are_opened(seed):
    chance = random.Random(seed)

    def some():
        return chance.randint(0, 3) * X**2 + chance.randint(1, 9) * X + chance.randint(-30, 30)

    size = chance.randint(1, 3) * maximum([some(), some(), 2 * maximum([some(), some()])]) + some()
    found = quadratics(size, "x", 1)
    assert found is not None
    for x in range(1, 60):
        assert max(one.value(x) for one in found) == evaluate(size, {"x": x})


def test_what_is_never_the_largest_goes():
    found = quadratics(maximum([3 * X + 5, 2 * X + 4, X**2]), "x", 1)
    assert found is not None
    assert {(one.a, one.b, one.c) for one in found} == {(0, 3, 5), (1, 0, 0)}


@pytest.mark.parametrize("size", [ceildiv(7 * X + 3, 4) + 5 * X, floordiv(9 * X, 5) - 2, 3 * X - floordiv(-8 * X, 3)])
def test_rounding_that_stands_alone_is_no_obstacle(size):
    found = quadratics(size, "x", 1)
    assert found is not None
    for budget in range(8, 150):
        fitting = [x for x in range(1, 200) if evaluate(size, {"x": x}) <= budget]
        assert found[0].largest(budget) == max(fitting, default=0)


def test_what_has_no_closed_form():
    assert quadratics(X**3, "x", 1) is None
    assert quadratics(2 * ceildiv(X, 32) + X, "x", 1) is None
    assert quadratics(floordiv(X, 2) + floordiv(X, 3), "x", 1) is None
    assert quadratics(100 - X, "x", 1) is None
    assert coefficients(quotient(N, X), "x") is None
    assert coefficients(quotient(N, X), "n") == {1: quotient(1, X)}
    assert arguments(X, "x") == [X]
