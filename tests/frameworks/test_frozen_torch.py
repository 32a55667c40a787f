"""Frozen weights: a convolution keeps its input all the same, a linear layer does not (torch 2.13, real CPU)."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from measure import measure  # noqa: E402  # it imports torch

import archspec  # noqa: E402

PICTURE = (2, 4, 8, 8)
CASES = {
    "Conv2d(5, 3)": lambda: torch.nn.Conv2d(4, 5, 3),
    "ConvTranspose2d(5, 3)": lambda: torch.nn.ConvTranspose2d(4, 5, 3),
    "Linear(5)": lambda: torch.nn.Linear(8, 5),
}


@pytest.mark.parametrize("layer", CASES)
def test_kept_bytes_of_a_frozen_layer(layer: str) -> None:
    module: Any = CASES[layer]().requires_grad_(False)
    measured = measure(lambda x: module(x * 2.0), [torch.rand(PICTURE)], module=module, inputs_grad=True)
    model = archspec.load_text(f"model M {{ x[2, 4, 8, 8] -> y[a, b, c, d]  h = x * 2.0  y = h -> {layer} as layer }}")
    found = model.expression("activations.saved", backend="cpu", inputs_grad=True, frozen=["layer.*"])
    assert found == measured.saved
