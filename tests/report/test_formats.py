"""Reports as Markdown and CSV."""

from __future__ import annotations

import csv
from io import StringIO

import archspec
from archspec.model import Model
from archspec.report.comma import comma
from archspec.report.layers import PER_LAYER
from archspec.report.markdown import markdown


def test_csv_reads_back(tiny: Model) -> None:
    """A row for each layer, whose numbers add up."""
    report = tiny.size(B=2)
    rows = list(csv.DictReader(StringIO(comma(report))))
    assert [row["path"] for row in rows][:2] == ["h.block.up", "h.block.relu"]
    assert rows[0]["output"] == "[B, 4*d]"
    for name in PER_LAYER:
        assert sum(int(row[name]) for row in rows) == report[name]


def test_csv_with_free_axes(tiny: Model) -> None:
    """Formulas stand where there is no number."""
    rows = list(csv.DictReader(StringIO(comma(tiny.size()))))
    assert rows[0]["activations.saved"] == "32*B"


def test_markdown(tiny: Model) -> None:
    """Tables that a renderer accepts: as many cells in each row as titles."""
    text = markdown(tiny.size(B=2))
    assert "| params | 494 | 494 | elements |" in text
    assert "| `h.block.up` | Linear | `layers` | `[B, 4*d]` | 240 |" in text
    for block in text.split("\n\n"):
        if block.startswith("| "):
            assert len({line.count("|") for line in block.split("\n")}) == 1


def test_markdown_formulas(tiny: Model) -> None:
    """Formulas where a symbol is free, and everywhere on request."""
    assert "`480*B`" in markdown(tiny.size())
    assert "`layers*d*(8*d + 5) + classes*(d + 1)`" in markdown(tiny.size(B=1), formulas=True)


def test_primitive_alone() -> None:
    """A layer sized by itself is named after itself."""
    assert comma(archspec.load("Linear").size(out=3, N=2, **{"in": 4})).splitlines()[1].startswith("Linear,Linear,1,")
