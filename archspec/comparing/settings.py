"""What a model is set to, as texts that can be compared."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archspec.report.report import Report


def settings_of(report: Report) -> dict[str, str]:
    """By name: symbols, flags and texts; a default that is an expression as it is written."""
    from archspec.report.terminal import settings

    found = dict(text.split("=", 1) for text in settings(report))
    model = report.model
    for formal in model.definition.layer.formals:
        if formal.name in found:
            continue
        if formal.name in model.defaults:
            found[formal.name] = _literal(model.defaults[formal.name])
        elif formal.default is not None:
            found[formal.name] = _plain(model.source.text[formal.default.start : formal.default.end])
    return found


def _plain(text: str) -> str:
    """A number in one way of writing it, so that `10_000.0` and `10000` are the same; other texts as they are."""
    try:
        return f"{float(text.replace('_', '')):.15g}"
    except ValueError:
        return text


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_literal, value))}]"
    return f"{float(value):.15g}" if isinstance(value, Fraction) else str(value)
