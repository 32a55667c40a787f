"""A difference as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archspec.comparing.difference import SCHEMA
from archspec.report.layers import PER_LAYER

if TYPE_CHECKING:
    from archspec.algebra import Dim
    from archspec.comparing.aligning import Pair, Place
    from archspec.comparing.difference import Change, Diff
    from archspec.report.report import Report


def as_data(diff: Diff) -> dict[str, Any]:
    """The whole difference (`grammar/diff.schema.json`)."""
    alone = diff.alone
    return {
        "schema": SCHEMA,
        "a": _side(diff.left),
        "b": _side(diff.right),
        "settings": {
            "differ": {name: {"a": left, "b": right} for name, (left, right) in diff.differing.items()},
            "only_a": alone[0],
            "only_b": alone[1],
            "same": diff.same,
        },
        "quantities": {name: _change(diff, change) for name, change in diff.changes.items()},
        "layers": [_pair(diff, pair) for pair in diff.pairs],
    }


def _side(report: Report) -> dict[str, Any]:
    return {
        "model": report.model.name,
        "file": report.file,
        "symbols": dict(report.values),
        "policy": report.policy_dict,
        "assumptions": report.assumptions,
    }


def _change(diff: Diff, change: Change) -> dict[str, Any]:
    formula = diff.shown(change.symbolic)
    return {
        "unit": change.unit,
        "a": _amount(diff, change.left),
        "b": _amount(diff, change.right),
        "difference": _amount(diff, change.amount),
        "formula": {
            "text": diff.written(change.symbolic),
            "latex": formula.latex,
            "python": formula.python,
            "value": diff.at_right(change.symbolic),
        },
        "exact": change.exact,
    }


def _amount(diff: Diff, amount: Dim) -> dict[str, Any]:
    """A number, or a formula in the symbols without a value."""
    return {"value": amount} if isinstance(amount, int) else {"value": None, "formula": diff.shown(amount).text}


def _pair(diff: Diff, pair: Pair) -> dict[str, Any]:
    quantities: dict[str, Any] = {}
    for name in PER_LAYER:
        left, right = diff.amounts(pair, name)
        if left != 0 or right != 0:
            quantities[name] = {
                "a": _amount(diff, left),
                "b": _amount(diff, right),
                "difference": _amount(diff, right - left),
            }
    return {
        "a": _place(pair.left),
        "b": _place(pair.right),
        "aligned": pair.by or None,
        "equal": diff.equal(pair),
        "quantities": quantities,
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"path": place.path, "kinds": list(dict.fromkeys(layer.kind for layer in place.layers))}
