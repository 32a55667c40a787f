"""One small model for each way of writing something: exact, and as a person would write it."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from archspec.importing.model import Imported, Source, import_model


def imported(name: str, *inputs: str) -> Imported:
    """What comes of a function of `ruled_models`."""
    said = f"torch:tests.importing.ruled_models:{name}"
    return import_model(Source("torch", said, "tests.importing.ruled_models", name, inputs=inputs))


WRITTEN = {
    "one_head": ("x=float32[B,S,d]", ["each heads in [1, 2]", "-> Heads(heads)", "-> MergeHeads"]),
    "biased": ("scores=float32[B,heads,n,n]", ["-> Lookup", "buffer distance[n, n]: int64"]),
    "overwritten": ("x=float32[B,S,d]", ["-> SliceScatter(0, dim = 0)", "-> SliceScatter(1, dim = 1)"]),
    "functional": (
        "x=float32[B,c,H,W]",
        [
            "-> Conv2d(c, 3, groups = c, bias = false) as deep",
            "-> Conv2d(2*c, [3, 1], dilation = 2, same = true) as wide",
            "-> ConvTranspose2d(c, 2, stride = 2, groups = 2) as larger",
            "-> Conv2d(3, 2) as last",
        ],
    ),
    "cropped": ("x=float32[B,3,H,W]", ["Slice(1, W - 1)", "ZeroPad2d([0, 1, 0, 0])"]),
    "meeting": (
        "x=float32[B,3,H,W]",
        ["x[B, 3, 224, 224]", "`H` is 224: sizes follow from it that have no expression here"],
    ),
}
"""What each model is called with, and what its text says."""


@pytest.mark.parametrize("name", WRITTEN)
def test_it_is_exact_and_says(name: str) -> None:
    inputs, written = WRITTEN[name]
    found = imported(name, inputs)
    assert found.exact
    for one in written:
        assert one in found.text
