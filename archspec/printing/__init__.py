"""The canonical form of a spec, as `archspec fmt` writes it: see `format_text`."""

from __future__ import annotations

from archspec.printing.formatting import format_text

__all__ = ["format_text"]
