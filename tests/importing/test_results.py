"""What the page on imports says of whole families is what the sweeps have recorded, and enough."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.importing.results import PAGE, RESULTS, counts, families, written


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def test_the_page_has_the_recorded_table(results: dict[str, Any]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page, results) == page


def test_most_models_are_exact_and_brief(results: dict[str, Any]) -> None:
    found = families(results)
    exact, whole, lines = counts(found["torchvision, classification"])
    assert (whole, lines <= 60) == (80, True)
    assert exact >= 76
    assert counts(results["vision-all"])[0] >= 100
    assert counts(results["timm"])[0] >= 36
    assert counts(results["text"])[0] >= 16


def test_what_is_not_exact_says_why(results: dict[str, Any]) -> None:
    for outcomes in results.values():
        for name, one in outcomes.items():
            assert one["exact"] or len(one["said"]) > 20, name
            assert "FAULT" not in one["said"], name
