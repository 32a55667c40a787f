"""docs/formats.md shows the data."""

from __future__ import annotations

from pathlib import Path

from archspec.formats.page import renewed

PAGE = Path(__file__).resolve().parents[2] / "docs" / "formats.md"


def test_the_tables_are_the_data() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("<!-- table of") == 3
    assert renewed(text) == text
    assert renewed(text.replace("| Q4_K | 256 | 144 | 4.5 |\n", "")) == text
