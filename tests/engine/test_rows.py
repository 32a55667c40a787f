"""Axes of size 1: where a strided view is kept as it is, and what is assumed of sizes that are symbols.

Bytes are those of PyTorch 2.13 on CPU, which `tests/zoo/cases_rows.py` measures on whole models: `F.linear` and
`matmul` keep `x.transpose(0, 1)` itself at [1, n, d], and a copy of it at [2, n, d].
"""

from __future__ import annotations

from typing import Any

import pytest

from archspec.loading import load_text
from archspec.report.report import Report

TURNED = """
model M(d = 8) {
  x[B, S, d] -> y[S, B, d]
  y = x -> Exp -> Permute([1, 0, 2]) -> Linear(d, bias = false) as last
}
"""

SPLIT = """
layer Scores(heads) {
  x[B, S, d] -> y[B, heads, S, S]
  require d % heads == 0, "heads must divide"
  q, k, v = x -> Linear(3*d, bias = false) as qkv -> Split(3) -> Heads(heads)
  y = (q, k -> RepeatHeads(1) -> Transpose) -> MatMul
}

model M(d = 8, heads = 4, layers = 2) {
  x[B, S, d] -> y[B, heads, S, S]
  repeat layers as h { z = x -> Scores(heads) }
  y = x -> Scores(heads)
}
"""

GROUPS = """
model M(d = 8, heads = 4, groups = 2) {
  x[B, S, d] -> y[B, heads, S, S]
  require heads % groups == 0, "groups must divide"
  require d % heads == 0, "heads must divide"
  q = x -> Linear(d, bias = false) as q -> Heads(heads)
  k = x -> Linear(d / heads * groups, bias = false) as k -> Heads(groups)
  y = (q, k -> RepeatHeads(heads / groups) -> Transpose) -> MatMul
}
"""


def _size(text: str, **choices: Any) -> Report:
    return load_text(text).size(backend="cpu", inputs_grad=True, **choices)


@pytest.mark.parametrize(("rows", "length", "copies"), [(2, 3, 1), (1, 3, 0), (2, 1, 0), (1, 1, 0)])
def test_a_copy_takes_two_axes_to_merge(rows: int, length: int, copies: int) -> None:
    """The result of the exponential is kept, and a copy of it where both leading axes are larger than 1."""
    report = _size(TURNED, B=rows, S=length)
    assert report["activations.saved"] == (1 + copies) * 4 * 8 * rows * length


def test_the_assumption_is_shown_and_is_fixed_where_it_does_not_hold() -> None:
    assert _size(TURNED).assumptions == ["S >= 2", "B >= 2"]
    one = _size(TURNED, B=1)
    assert one.assumptions == []
    assert [(fixed.symbol, fixed.value) for fixed in one.derivation.program.fixed] == [("B", 1)]


def test_an_axis_of_size_1_in_the_spec_needs_no_assumption() -> None:
    model = TURNED.replace("x[B, S, d] -> y[S, B, d]", "x[1, S, d] -> y[S, 1, d]")
    report = _size(model, S=5)
    assert report["activations.saved"] == 4 * 8 * 5
    assert report.assumptions == []


def test_one_leading_axis_is_never_copied() -> None:
    """A matrix may come transposed: products take it as it is."""
    text = TURNED.replace("x[B, S, d] -> y[S, B, d]", "x[d, S] -> y[S, d]").replace("[1, 0, 2]", "[1, 0]")
    report = _size(text, S=5)
    assert report["activations.saved"] == 4 * 8 * 5
    assert report.assumptions == []


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize(
    ("choices", "kept"),
    [({"B": 2}, 2), ({"B": 1}, 3), ({"B": 2, "heads": 1}, 3), ({"B": 1, "heads": 1}, 3)],
)
def test_a_view_pins_what_it_is_cut_from(choices: dict[str, int], kept: int, layers: int) -> None:
    """Copies of queries and keys, or the one tensor that both and the values are views of; in each turn."""
    report = _size(SPLIT, S=5, layers=layers, **choices)
    assert report["activations.saved"] == (layers + 1) * kept * 4 * 8 * choices["B"] * 5


@pytest.mark.parametrize(
    ("rows", "groups", "keys"),
    [(2, 4, 4), (2, 2, 4), (2, 1, 4), (1, 4, 4), (1, 2, 4), (1, 1, 1)],
)
def test_one_group_of_keys_is_seen_by_all_heads_of_one_row(rows: int, groups: int, keys: int) -> None:
    """Repeated keys are a copy for each head, but where one group of one row is seen as often as there are heads."""
    report = _size(GROUPS, S=5, B=rows, groups=groups)
    assert report["activations.saved"] == 4 * rows * 5 * 2 * (4 + keys)


def test_conditions_of_views_leave_symbols_open() -> None:
    assert _size(GROUPS, B=2, S=5).assumptions == ["heads % groups == 0", "d % heads == 0", "B >= 2", "heads >= 2"]
    one = _size(GROUPS, B=1, S=5)
    assert [fixed.symbol for fixed in one.derivation.program.fixed] == ["B"]
    assert {"groups >= 2", "heads/groups >= 2"} <= set(one.assumptions)
