"""Formulas of the zoo that were found by hand or by measurement: equal as polynomials, not at a few sizes."""

from __future__ import annotations

from typing import Any

import pytest
import sympy

import archspec

POLYNOMIALS: list[tuple[str, str, dict[str, Any], str]] = [
    ("gpt2", "params", {}, "layers*(12*d**2 + 13*d) + context*d + vocab*d + 2*d"),
    (
        "gpt2",
        "activations.saved",
        {"attention": "eager", "backend": "cpu", "layers": 2, "d": 32, "heads": 4, "vocab": 100, "context": 64},
        "8104*B*S + 96*B*S**2 + 8*S",
    ),
    (
        "llama2_7b",
        "activations.saved",
        {
            "attention": "eager",
            "backend": "cpu",
            "layers": 2,
            "d": 32,
            "hidden": 48,
            "heads": 4,
            "kv_heads": 2,
            "vocab": 100,
        },
        "4500*B*S + 32*B*S**2 + 64*S",
    ),
    (
        "llama2_7b",
        "activations.saved",
        {
            "attention": "sdpa",
            "backend": "cpu",
            "layers": 2,
            "d": 32,
            "hidden": 48,
            "heads": 4,
            "kv_heads": 2,
            "vocab": 100,
        },
        "4276*B*S + 64*S",
    ),
    (
        "mixtral_8x7b",
        "params",
        {},
        "layers*(3*experts*d*hidden + 2*d*head_dim*(heads + kv_heads) + d*experts + 2*d) + 2*d*vocab + d",
    ),
    (
        "mixtral_8x7b",
        "params.active",
        {},
        "layers*(3*active*d*hidden + 2*d*head_dim*(heads + kv_heads) + d*experts + 2*d) + 2*d*vocab + d",
    ),
    (
        "bert_base",
        "params",
        {},
        "layers*(12*d**2 + 13*d) + d*(vocab + context + types + 2) + d**2 + d",
    ),
    ("vit_b_16", "params", {}, "layers*(12*d**2 + 13*d) + d*((image/patch)**2 + 3*patch**2 + 5) + classes*(d + 1)"),
]


@pytest.mark.parametrize(("model", "quantity", "choices", "expected"), POLYNOMIALS)
def test_formula(model: str, quantity: str, choices: dict[str, Any], expected: str) -> None:
    """The derived formula minus the expected one is zero."""
    derived = archspec.load(model).formula(quantity, **choices)
    symbols = {symbol.name: symbol for symbol in derived.free_symbols}
    difference = sympy.expand(derived - sympy.sympify(expected, locals=symbols))
    assert difference == 0


@pytest.mark.parametrize("quantity", ["params", "activations.saved"])
def test_densenet_is_closed(quantity: str) -> None:
    """Growth and depths stay symbols, and no sum or floor over them is left."""
    formula = archspec.load("densenet121").formula(quantity, backend="cpu")
    names = {symbol.name for symbol in formula.free_symbols}
    assert {"growth", "depths[0]", "depths[1]", "depths[2]", "depths[3]"} <= names
    channels = [symbol for symbol in formula.free_symbols if symbol.name not in ("B", "H", "W")]
    assert formula.xreplace(_feature_maps(formula)).is_polynomial(*channels)


def _feature_maps(formula: sympy.Expr) -> dict[sympy.Expr, sympy.Expr]:
    """A number for each function in a formula, which may only be a floor or ceiling of image sizes."""
    applied = [part for part in formula.atoms(sympy.Function) if {s.name for s in part.free_symbols} <= {"H", "W"}]
    return {part: sympy.Integer(7) for part in applied}
