"""docs/conformance.md and its data are in step with the library. They are written by `tests.frameworks.conformance`."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("keras")

import layer_bindings as bindings
from conformance import DATA, PAGE, spelled, static
from conformance_page import page
from layer_digests import digests, exceptions, plain

from archspec.errors.diagnostic import Diagnostics
from archspec.syntax.parser import parse
from archspec.syntax.source import Source
from tests.printing.scatter import scattered

FOUND: dict[str, dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))
AGAIN = "run `python -m tests.frameworks.conformance`"


def test_every_layer_with_a_spelling_is_listed() -> None:
    assert set(FOUND) == set(spelled()), AGAIN


def test_no_block_changed_since() -> None:
    changed = [name for name, one in FOUND.items() if name in digests() and one["digest"] != digests()[name]]
    assert not changed, f"{AGAIN}, for {', '.join(changed)}"


def test_digests_are_of_what_a_block_says() -> None:
    """Other white space, comments and line breaks ask for no new measurement."""
    layers = list(bindings.library().values())
    for layer in random.Random(0).sample(layers, 40):
        text = bindings.source_of(layer.name)[layer.start : layer.end]
        (again,) = parse(Source("<text>", scattered(text, random.Random(layer.name))), Diagnostics()).items
        assert plain(again) == plain(layer), layer.name


def test_nothing_differs_and_everything_was_compared() -> None:
    for name, one in FOUND.items():
        assert not one["torch"]["failures"], name
        assert not one["keras"]["failures"], name
        if one["spelling"]:
            assert one["torch"]["constructions"] > 0, f"{name}: add a case to layer_cases.py, then {AGAIN}"
            assert set(one["torch"]["quantities"]) >= {"params", "buffers", "outputs", "flops.forward"}, name


def test_what_was_left_out_was_declared() -> None:
    for name, one in FOUND.items():
        declared = {exception["quantity"].removesuffix(".opaque") for exception in one["exceptions"]}
        inside = {
            exception["quantity"].removesuffix(".opaque")
            for part in bindings.library().values()
            for exception in exceptions(part)
        }
        left_out = {quantity.partition("[")[0] for quantity in one["torch"]["left_out"]}
        assert left_out <= (declared or inside), name


def test_the_page_is_that_of_the_data() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(FOUND), AGAIN


def test_the_data_says_what_the_library_says() -> None:
    for name in sorted(FOUND)[::10]:
        assert {key: FOUND[name][key] for key in static(name)} == static(name), AGAIN
