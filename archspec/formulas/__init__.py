"""Formulas to look at: short forms of the algebra's expressions, as text, LaTeX, MathML, Python and sympy."""

from archspec.formulas.abbreviate import abbreviate
from archspec.formulas.formula import Formula
from archspec.formulas.markup import latex, mathml
from archspec.formulas.numeric import to_callable
from archspec.formulas.sympy_form import sympy_symbol, to_sympy, tree_to_sympy
from archspec.formulas.text import python, text
from archspec.formulas.tidy import tidy, to_text

__all__ = [
    "Formula",
    "abbreviate",
    "latex",
    "mathml",
    "python",
    "sympy_symbol",
    "text",
    "tidy",
    "to_callable",
    "to_sympy",
    "to_text",
    "tree_to_sympy",
]
