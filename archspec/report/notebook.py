"""A model for a notebook: what it is called, what can be set, and how many parameters it has."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from archspec.formulas import Formula

if TYPE_CHECKING:
    from archspec.model import Model


def model_latex(model: Model) -> str:
    """The number of parameters, for MathJax."""
    return rf"$\displaystyle \text{{params}} = {_parameters(model).latex}$"


def model_html(model: Model) -> str:
    """Its name, text and symbols, and the formula of its parameters as MathML."""
    doc = f"<p>{escape(model.doc)}</p>" if model.doc else ""
    symbols = ", ".join(name if value is None else f"{name} = {value}" for name, value in model.symbols.items())
    formula = _parameters(model).mathml
    return f"<div><p><strong>{escape(model.name)}</strong>: <code>{escape(symbols)}</code></p>{doc}{formula}</div>"


def _parameters(model: Model) -> Formula:
    program = model.derive().program
    return Formula(model.dim("params")[0], (), program.symbols, program.named)
