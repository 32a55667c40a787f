"""The bar of `archspec size --bar`: it fits the width, and its parts are in proportion."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from archspec.report.bars import _FILLS, _columns, bar_text

CASES: list[dict[str, Any]] = [
    {"B": 1, "S": 64},
    {"B": 8, "S": 512, "train": "adamw"},
    {"B": 8, "S": 512, "train": "adamw", "device": "H100"},
    {"B": 64, "S": 1024, "train": "adamw", "device": "T4"},
]


@pytest.mark.parametrize("width", [40, 77, 200])
@pytest.mark.parametrize("choices", CASES)
def test_it_fits_and_shows_every_part(choices: dict[str, Any], width: int) -> None:
    report = archspec.load("gpt2").size(**choices)
    lines = bar_text(report, width).splitlines()
    assert all(len(line) <= width for line in lines)
    (bar,) = (line for line in lines if len(line) == width and set(line) <= {*_FILLS.values(), "·"})
    legend = [line.split()[0][0] for line in lines if line[:1] in _FILLS.values() and line != bar]
    assert [sign for sign in dict.fromkeys(bar) if sign != "·"] == legend
    assert ("to spare" in "\n".join(lines), "too much" in "\n".join(lines)) == (
        choices.get("device") == "H100",
        choices.get("device") == "T4",
    )


def test_without_a_device_the_parts_fill_the_width() -> None:
    report = archspec.load("gpt2").size(B=8, S=512, train="adamw")
    assert "·" not in bar_text(report, 80)


def test_colours_are_only_paint() -> None:
    report = archspec.load("gpt2").size(B=8, S=512, train="adamw", device="H100")
    painted = bar_text(report, 80, colour=True)
    assert "\033[" in painted
    import re

    assert re.sub(r"\033\[[0-9;]*m", "", painted) == bar_text(report, 80)


@pytest.mark.parametrize(
    ("amounts", "count", "columns"),
    [([1, 1, 2], 8, [2, 2, 4]), ([1, 1000], 10, [1, 9]), ([1, 1, 1000], 3, [1, 1, 1]), ([10, 10, 10], 10, None)],
)
def test_columns(amounts: list[int], count: int, columns: list[int] | None) -> None:
    found = _columns(amounts, count)
    assert sum(found) == count
    assert min(found) >= 1
    assert columns is None or found == columns
