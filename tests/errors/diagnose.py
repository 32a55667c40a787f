"""What is wrong with a text: the one function that the Markdown suites call."""

from __future__ import annotations

from archspec.errors.diagnostic import Diagnostic, Diagnostics
from archspec.scope import load_text


def diagnose(text: str) -> list[Diagnostic]:
    """All errors and warnings of a text, in the order they are found."""
    diagnostics = Diagnostics()
    load_text(text, diagnostics, name="spec.arch")
    return list(diagnostics)
