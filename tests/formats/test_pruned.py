"""Pruned weights, against torch's own sparse tensors and pruning."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archspec.algebra import evaluate, symbol
from archspec.formats import find
from archspec.formats.packed import Matrix, nonzeros

torch = pytest.importorskip("torch")
prune = pytest.importorskip("torch.nn.utils.prune")


def matrix(rows: int, columns: int) -> Matrix:
    return Matrix("weight", "F32", rows, columns, (rows, columns), lambda size, divisor: None)


@pytest.mark.parametrize("density", ["0.1", "0.3", "0.5", "1", "0"])
@pytest.mark.parametrize("shape", [(7, 13), (16, 24), (5, 5)])
def test_as_many_are_left_as_torch_leaves(density: str, shape: tuple[int, int]) -> None:
    linear = torch.nn.Linear(shape[1], shape[0], bias=False)
    prune.l1_unstructured(linear, "weight", amount=float(1 - Fraction(density)))
    left = int(linear.weight_mask.sum())
    own = evaluate(nonzeros(matrix(*shape), {"density": Fraction(density)}), {})
    halves = (1 - Fraction(density)) * shape[0] * shape[1] % 1 == Fraction(1, 2)
    assert left - own in ((0, 1) if halves else (0,))


def test_compressed_rows_as_torch_has_them() -> None:
    dense = torch.zeros(12, 20)
    dense.view(-1)[torch.randperm(240)[:60]] = 1
    sparse = dense.to_sparse_csr()
    parts = (sparse.values(), sparse.col_indices(), sparse.crow_indices())
    chosen = find("csr:density=0.25")
    assert chosen.store is not None
    made = chosen.store(matrix(12, 20), chosen.options)
    assert [evaluate(one.bytes, {}) for one in made] == [part.numel() * part.element_size() for part in parts]


def test_a_bit_for_each_place() -> None:
    chosen = find("bitmask:density=0.25")
    assert chosen.store is not None
    values, mask = chosen.store(matrix(12, 20), chosen.options)
    assert (evaluate(values.bytes, {}), evaluate(mask.bytes, {})) == (60 * 4, 12 * 3)


def test_a_formula_in_the_width() -> None:
    d = symbol("d", 1)
    left = nonzeros(Matrix("weight", "F32", d, d, (d, d), lambda size, divisor: None), {"density": Fraction(1, 3)})
    for size in range(1, 40):
        assert evaluate(left, {"d": size}) == size * size - (4 * size * size + 3) // 6
