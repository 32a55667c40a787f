"""What must hold for every text whatever, good or broken."""

from __future__ import annotations

import json

from archspec.errors.diagnostic import Diagnostics
from archspec.errors.render import render_json, render_text
from archspec.syntax import limits
from archspec.syntax.parser import parse
from archspec.syntax.source import Source
from archspec.syntax.tree import File


def check(text: str) -> int:
    """Parse a text and render its errors; returns how many there are."""
    source = Source("fuzz.arch", text)
    diagnostics = Diagnostics()
    file = parse(source, diagnostics)
    assert isinstance(file, File)
    assert file.source is source
    found = list(diagnostics)
    assert len(found) <= 2 * limits.ERRORS
    starts = [d.place.start for d in found if d.place is not None]
    assert len(starts) == len(found), "a syntax error has a place"
    assert starts == sorted(starts)
    for diagnostic in found:
        place = diagnostic.place
        assert place is not None
        assert 0 <= place.start <= place.end <= len(text)
        assert "__ANON" not in diagnostic.message
        assert render_text(diagnostic).count("\n") >= 4
        assert max(len(line) for line in render_text(diagnostic).split("\n")) < 400
        json.dumps(render_json(diagnostic))
    for item in file.items:
        assert 0 <= item.start < item.end <= len(text)
    return len(found)
