"""The rules for optimizers hold to the byte, for lists of parameters of different shapes and orders."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from tests.training.optimizers import FOREACH, LOOP, MAKE, STATE, measured

SHAPES = {
    "convolution and norm": [(16, 3, 3, 3), (16,), (16,), (16,), (11, 1024), (11,), (300, 11), (300,)],
    "small after large": [(50, 50), (7,), (50, 50), (50, 50), (3, 50)],
}


@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("foreach", [False, True], ids=["loop", "foreach"])
@pytest.mark.parametrize("name", MAKE)
def test_states_and_temporaries(name: str, foreach: bool, shapes: list[tuple[int, ...]]) -> None:
    """States, and the temporaries of a step."""
    states, temporaries = measured(MAKE[name], shapes, foreach)
    rules = FOREACH if foreach and name in FOREACH else LOOP
    assert states == [STATE[name](shape) for shape in shapes]
    assert temporaries == rules[name](shapes)
