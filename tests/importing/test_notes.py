"""What a text says of itself: which numbers are not what they are everywhere, which sizes cannot be chosen."""

from __future__ import annotations

import pytest

from archspec import load_text
from archspec.importing.gate import QUANTITIES
from archspec.importing.model import Imported, Source, _compared, import_model

pytest.importorskip("torch")
DIFFER = "Real numbers are those of the first place, at the base, where they differ; they change no size"


def imported(name: str, *inputs: str) -> Imported:
    said = f"torch:tests.importing.small_models:{name}"
    found = import_model(Source("torch", said, "tests.importing.small_models", name, inputs=inputs))
    assert found.exact, found.text
    return found


@pytest.mark.parametrize(("name", "said"), [("dropping", f"{DIFFER}: Dropout."), ("steady", ""), ("scaled", "factors")])
def test_rates_that_are_not_the_same_everywhere_are_named(name: str, said: str) -> None:
    text = imported(name, "x=float32[B,S,d]").text
    assert (DIFFER in text) == bool(said)
    assert said in text


def test_a_picture_of_one_size_stays_of_that_size() -> None:
    assert "x[B, 3, 224, 224] -> y[B, classes]" in imported("picture", "x=float32[B,3,H,W]").text


def test_a_text_without_a_size_of_symbols_is_not_exact() -> None:
    written = "model M {\n  x[B, 3, H, W] -> y[B, 3, H, H]\n  y = x -> ReLU\n}\n"
    values = {"B": 2, "H": 8, "W": 8}
    measured = {name: load_text(written).size(backend="cpu", **values)[name] for name in QUANTITIES}
    gaps, error = _compared(written, {name: name for name in values}, [(values, measured)], None)
    assert not gaps  # at these values nothing differs
    assert "output-mismatch" in error
