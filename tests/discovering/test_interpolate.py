"""Exact interpolation of functions that are known."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archspec.discovering.interpolate import Axis, NotPolynomial, evaluate, interpolate


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
    assert found.evaluations == len(set(asked)) == len(asked) < 60
    assert all(one >= 9 for point, _ in found.holdouts for one in point)
    assert found.chance == Fraction(3, 36) ** 4
    assert evaluate(found.terms, (1000, 800, 10, 7)) == function((1000, 800, 10, 7))


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
        assert evaluate(found.terms, (20, 30, 40)) == 17 * 26 * 35 + 20
        assert len(found.terms) == 8


def test_floors_are_noticed_and_a_step_takes_them_away():
    with pytest.raises(NotPolynomial, match="no polynomial of a degree up to 6 in n"):
        interpolate([Axis("n", 1)], lambda point: point[0] // 3)
    assert interpolate([Axis("n", 3, 3)], lambda point: point[0] // 3).terms == {(1,): Fraction(1, 3)}


def test_what_changes_far_away_is_noticed():
    with pytest.raises(NotPolynomial, match=r"at n = \d+, m = \d+ it is 7"):
        interpolate([Axis("n", 1), Axis("m", 1)], lambda p: p[0] * p[1] if p[0] < 10 else 7)
