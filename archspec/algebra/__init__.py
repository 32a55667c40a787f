"""Exact integer expressions: polynomials over symbols, floors, powers and extrema, in normal form.

A `Dim` is an `int` or a `Poly`. The operators `+ - * **` and the functions here keep expressions in normal form, so
that equal ones are, with few exceptions, equal objects; `compare` proves what the form does not show.
"""

from archspec.algebra.atoms import FloorDiv, Inverse, Log2, Max, Min, Power, Sum, Sym, symbol
from archspec.algebra.compare import compare, compare_at_small
from archspec.algebra.errors import AlgebraError
from archspec.algebra.evaluate import evaluate
from archspec.algebra.extrema import maximum, minimum
from archspec.algebra.facts import NO_FACTS, Facts
from archspec.algebra.floors import ceildiv, divide, divisible, floordiv, mod, roundup
from archspec.algebra.integrality import is_integer
from archspec.algebra.poly import Atom, Dim, Monomial, Poly, free_symbols, terms
from archspec.algebra.powers import log2, power
from archspec.algebra.python_text import identifiers, to_python
from archspec.algebra.substitute import substitute
from archspec.algebra.sums import sum_over

__all__ = [
    "NO_FACTS",
    "AlgebraError",
    "Atom",
    "Dim",
    "Facts",
    "FloorDiv",
    "Inverse",
    "Log2",
    "Max",
    "Min",
    "Monomial",
    "Poly",
    "Power",
    "Sum",
    "Sym",
    "ceildiv",
    "compare",
    "compare_at_small",
    "divide",
    "divisible",
    "evaluate",
    "floordiv",
    "free_symbols",
    "identifiers",
    "is_integer",
    "log2",
    "maximum",
    "minimum",
    "mod",
    "power",
    "roundup",
    "substitute",
    "sum_over",
    "symbol",
    "terms",
    "to_python",
]
