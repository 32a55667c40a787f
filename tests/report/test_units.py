"""Numbers as people read them."""

from __future__ import annotations

import pytest

from archspec.report.units import share, short, with_unit


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (0, "elements", "0"),
        (9_408, "elements", "9,408"),
        (124_439_808, "elements", "124.4 M"),
        (999_999, "elements", "1.00 M"),
        (405_853_388_800, "elements", "405.9 B"),
        (512, "bytes", "512 B"),
        (1_024, "bytes", "1.00 KiB"),
        (170_827_264, "bytes", "162.9 MiB"),
        (2**30 - 1, "bytes", "1.00 GiB"),
        (1_023 * 1_024, "bytes", "1,023 KiB"),
        (8_178_368_512, "FLOPs", "8.18 G"),
        (10**40, "FLOPs", "10,000,000,000,000,000,000 Z"),
        (-2_000_000, "elements", "-2.00 M"),
    ],
)
def test_short(number: int, unit: str, text: str) -> None:
    """Three digits or so, and the next letter where rounding reaches it."""
    assert short(number, unit) == text


def test_with_unit() -> None:
    """The exact number stands beside the short one."""
    assert with_unit(170_827_264, "bytes") == "162.9 MiB (170,827,264 B)"
    assert with_unit(124_439_808, "elements") == "124,439,808 (124.4 M)"
    assert with_unit(8_178_368_512, "FLOPs") == "8,178,368,512 (8.18 GFLOPs)"
    assert with_unit(12, "bytes") == "12 B"


def test_share() -> None:
    """Per cent with one decimal; what is there is never shown as nothing."""
    assert [share(1, 3), share(1, 10**9), share(5, 5), share(0, 5), share(0, 0)] == [
        "33.3 %",
        "<0.1 %",
        "100.0 %",
        "0.0 %",
        "-",
    ]
