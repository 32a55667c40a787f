"""Functions of torch as layers of the library, by topic; importing this fills the table."""

from __future__ import annotations

from archspec.importing.lift.rules import (
    arithmetic,
    arranging,
    convolutions,
    einsum,
    norms,
    pictures,
    products,
    selecting,
    writing,
)
from archspec.importing.lift.rules.registry import RULES, Refused, outputs_of

__all__ = [
    "RULES",
    "Refused",
    "arithmetic",
    "arranging",
    "convolutions",
    "einsum",
    "norms",
    "outputs_of",
    "pictures",
    "products",
    "selecting",
    "writing",
]
