"""How likely it is that a wrong formula passes the trials.

Schwartz and Zippel: a polynomial other than zero, of degree dᵢ in its i-th symbol, is zero at a point drawn evenly from
sets of sᵢ numbers with a probability of at most Σ dᵢ / sᵢ. The difference of the derived formula and the true one is
such a polynomial, if the true one has no higher degrees. Requirements couple the draws of some symbols; the bound is
that of free draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archspec.algebra import Dim, Poly, Sym


def chance(dim: Dim, draws: Sequence[Mapping[str, int]]) -> float | None:
    """The bound for all trials together. None for a formula that is no polynomial, such as one with floors.

    draws: for each trial, from how many numbers each symbol was drawn.
    """
    degrees = _degrees(dim)
    if degrees is None:
        return None
    together = 1.0
    for counts in draws:
        bound = sum(degree / counts[name] if counts.get(name) else 1.0 for name, degree in degrees.items())
        together *= min(1.0, bound)
    return together


def _degrees(dim: Dim) -> dict[str, int] | None:
    """The degree in each symbol."""
    found: dict[str, int] = {}
    if not isinstance(dim, Poly):
        return found
    for monomial in dim.by_monomial:
        for atom, exponent in monomial:
            if not isinstance(atom, Sym) or exponent < 0:
                return None
            found[atom.name] = max(found.get(atom.name, 0), exponent)
    return found
