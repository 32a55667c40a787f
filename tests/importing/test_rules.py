"""One small model for each way of writing something: exact, and as a person would write it."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from archspec.importing.model import Imported, Source, import_model


def imported(name: str, *inputs: str) -> Imported:
    """What comes of a function of `ruled_models`."""
    said = f"torch:tests.importing.ruled_models:{name}"
    return import_model(Source("torch", said, "tests.importing.ruled_models", name, inputs=inputs))


def test_one_head_alone_is_written_as_several_are() -> None:
    found = imported("one_head", "x=float32[B,S,d]")
    assert found.exact
    assert found.text.count("-> Heads(heads)") == 1
    assert found.text.count("-> MergeHeads") == 1
    assert "[1, 2]" in found.text or "Attention(1)" in found.text


def test_places_of_any_axis_may_be_named_by_a_tensor() -> None:
    found = imported("biased", "scores=float32[B,heads,n,n]")
    assert found.exact
    assert "Lookup" in found.text
    assert "buffer distance[n, n]: int64" in found.text


def test_a_whole_that_is_written_over_is_what_is_written() -> None:
    found = imported("overwritten", "x=float32[B,S,d]")
    assert found.exact
    assert found.text.count("SliceScatter") == 2


def test_convolutions_called_as_functions_are_those_of_their_modules() -> None:
    found = imported("functional", "x=float32[B,c,H,W]")
    assert found.exact
    assert "-> Conv2d(c, 3, groups = c, bias = false) as deep" in found.text
    assert "-> Conv2d(2*c, [3, 1], dilation = 2, same = true) as wide" in found.text
    assert "-> ConvTranspose2d(c, 2, stride = 2, groups = 2) as larger" in found.text


def test_less_than_no_padding_cuts_off() -> None:
    found = imported("cropped", "x=float32[B,3,H,W]")
    assert found.exact
    assert "Slice(1, W - 1)" in found.text
    assert "ZeroPad2d([0, 1, 0, 0])" in found.text


def test_sizes_without_a_closed_form_stay_as_they_are() -> None:
    found = imported("meeting", "x=float32[B,3,H,W]")
    assert found.exact
    assert "x[B, 3, 224, 224]" in found.text
    assert "`H` is 224: sizes follow from it that have no expression here" in found.text
