"""Exact interpolation of functions that are known."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archspec.discovering.axis import Axis, parse_axes
from archspec.discovering.classes import by_class
from archspec.discovering.interpolate import Reach, Sampler, evaluate
from archspec.discovering.interpolate import interpolate as _interpolate
from archspec.discovering.line import NotPolynomial, Periodic, Refused
from archspec.discovering.linear import Equations


def interpolate(axes, function, seed=0, reach=None):
    return _interpolate(axes, Sampler(function), seed, reach)


def test_a_sparse_polynomial_of_four_variables():
    axes = [Axis("vocab", 5), Axis("d", 8, 8), Axis("layers", 1), Axis("context", 3)]
    asked = []

    def function(point):
        asked.append(point)
        vocab, d, layers, context = point
        return layers * d * (12 * d + 13) + d * (vocab + context + 2) + d // 8 * layers

    found = interpolate(axes, function)
    assert found.terms == {
        (0, 1, 0, 0): 2,
        (0, 1, 0, 1): 1,
        (1, 1, 0, 0): 1,
        (0, 1, 1, 0): Fraction(105, 8),
        (0, 2, 1, 0): 12,
    }
    assert (found.degrees, found.degree) == ((1, 2, 1, 1), 3)
    assert len(set(asked)) == len(asked) < 60
    assert all(one >= 8 for point, _ in found.holdouts for one in point)
    once = 1 - Fraction(35, 36) ** 3 * Fraction(34, 36)
    assert found.chance == once ** len(found.holdouts) < Fraction(1, 1000)
    assert evaluate(found.axes, found.terms, (1000, 800, 10, 7)) == function((1000, 800, 10, 7))


@pytest.mark.parametrize(
    ("function", "terms"),
    [
        (lambda n: 7, {(0,): 7}),
        (lambda n: 0, {}),
        (lambda n: n * (n - 1) // 2, {(1,): Fraction(-1, 2), (2,): Fraction(1, 2)}),
        (lambda n: (n - 3) ** 5, {(k,): c for k, c in enumerate((-243, 405, -270, 90, -15, 1))}),
    ],
)
def test_one_variable(function, terms):
    assert interpolate([Axis("n", 1)], lambda point: function(*point)).terms == terms


def test_coefficients_that_vanish_at_a_value():
    """Where one factor is 0 at a point of the grid, terms are missing there; other points bring them back."""
    axes = [Axis("a", 1), Axis("b", 1), Axis("c", 1)]
    for seed in range(10):
        found = interpolate(axes, lambda p: (p[0] - 3) * (p[1] - 4) * (p[2] - 5) + p[0], seed)
        assert evaluate(found.axes, found.terms, (20, 30, 40)) == 17 * 26 * 35 + 20
        assert len(found.terms) == 8


def test_floors_are_noticed_and_a_step_takes_them_away():
    found = interpolate([Axis("n", 1)], lambda point: point[0] // 3)
    assert (found.axes[0].floors, found.terms) == (((3, 0),), {(2,): 1})
    assert interpolate([Axis("n", 3, 3)], lambda point: point[0] // 3).terms == {(1,): Fraction(1, 3)}


@pytest.mark.parametrize(("start", "step"), [(1, 1), (5, 1), (4, 4), (3, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_floors_of_any_kind(start, step, seed):
    def function(point):
        n, m, b = point
        return b * (5 * -(-n // 2) * -(-m // 2) + 7 * ((n + 3) // 32) * m + 11 * n) + (m // 6) * 2 - n

    found = interpolate([Axis("n", start, step), Axis("m", start, step), Axis("b", 1)], function, seed)
    for n, m, b in ((1003, 515, 7), (888, 1001, 20)):
        point = (start + step * n, start + step * m, b)
        assert evaluate(found.axes, found.terms, point) == function(point)
    assert found.axes[0].floors
    assert 0 < found.chance < 1


def test_nested_floors_are_told_from_others():
    for function, nested in (
        (lambda n: -(-n // 2) + -(-n // 4) + -(-n // 32), True),
        (lambda n: -(-n // 2) + (n + 3) // 8 + (n + 3) // 16, True),
        (lambda n: n // 2 + (n + 1) // 4 + n // 4, False),
        (lambda n: n // 2 + n // 3, False),
    ):
        found = interpolate([Axis("n", 1)], lambda point, function=function: function(*point))
        assert found.axes[0].nested == nested


def test_remainders():
    def function(point):
        n, m = point
        return n * (n // 4) + m

    with pytest.raises(Periodic):
        interpolate([Axis("n", 1), Axis("m", 1)], function)
    pieces = by_class([Axis("n", 1), Axis("m", 1)], Sampler(function))
    assert (pieces.periods, pieces.missing) == ({"n": 4}, 0)
    for found in pieces.found:
        n = found.axes[0].at(1000)
        assert evaluate(found.axes, found.terms, (n, 30)) == function((n, 30))
    assert pieces.found[0].terms == {(0, 1): 1, (2, 0): Fraction(1, 4)}


def test_many_remainders_are_left_out_and_so_are_those_that_take_long():
    pieces = by_class([Axis("n", 1)], Sampler(lambda point: point[0] * (point[0] // 64)))
    assert (len(pieces.found), pieces.missing, pieces.periods) == (1, 63, {"n": 64})
    pieces = by_class([Axis("n", 1)], Sampler(lambda point: point[0] * (point[0] // 4)), left=lambda: 0.0)
    assert (len(pieces.found), pieces.missing, pieces.why) == (1, 3, "they would take too long")


def test_a_function_that_ends_is_not_asked_for_more():
    def function(point):
        if point[0] > 30:
            raise Refused("too far")
        return point[0] ** 2 * point[1]

    found = interpolate([Axis("n", 1), Axis("m", 1)], function)
    assert found.terms == {(2, 1): 1}
    assert max(point[0] for point, _ in found.holdouts) <= 30

    def short(point):
        if point[0] > 40:
            raise Refused("too far")
        return point[0] // 4

    assert interpolate([Axis("n", 1)], short).axes[0].floors == ((4, 0),)


def test_values_that_would_be_too_large_are_not_asked_for():
    asked = []

    def function(point):
        asked.append(point[0] * point[1] ** 2)
        return asked[-1]

    interpolate([Axis("n", 1), Axis("m", 1)], function, reach=Reach(5, 24, 4000))
    assert max(asked) <= 4000


def test_equations_in_large_fractions():
    unknowns = [Fraction(7, 3), Fraction(-(10**30), 7**20), Fraction(0)]
    equations = Equations(3)
    rows = [(1, 2, 3), (10**40, 5, 6), (0, 1, 0)]
    assert all(equations.add(row) for row in rows)
    assert not equations.add((1, 1, 1))
    right = [sum(one * unknown for one, unknown in zip(row, unknowns, strict=True)) for row in rows]
    assert equations.solve(right) == unknowns


def test_axes():
    axes = parse_axes("d:8, layers,n:2:7,depths[0], stages[1][0]:4")
    assert [(axis.name, axis.start, axis.step) for axis in axes] == [
        ("d", 8, 8), ("layers", 1, 1), ("n", 7, 2), ("depths[0]", 1, 1), ("stages[1][0]", 4, 4),
    ]  # fmt: skip
    assert [axis.start for axis in parse_axes("B,d:8,S:1:1", least=2)] == [2, 8, 1]


def test_what_changes_far_away_is_noticed():
    with pytest.raises(NotPolynomial, match=r"in n, nor .*, … and, \d+ later, 7, not \d+"):
        interpolate([Axis("n", 1), Axis("m", 1)], lambda p: p[0] * p[1] if p[0] < 10 else 7)
    with pytest.raises(NotPolynomial, match=r"at n = \d+, m = \d+ it is 7"):
        interpolate([Axis("n", 1), Axis("m", 1)], lambda p: p[0] * p[1] if min(p) < 10 else 7)
