"""How likely it is that a wrong formula passes the trials.

Schwartz and Zippel: a polynomial other than zero, of degree dᵢ in its i-th symbol, is zero at a point drawn evenly from
sets of sᵢ numbers with a probability of at most Σ dᵢ / sᵢ. The difference of the derived formula and the true one is
such a polynomial, if the true one has no higher degrees. Requirements couple the draws of some symbols; the bound is
that of free draws.

Where a trial is proved for every size of some axes, the difference is zero as a function of these: so is each of its
coefficients, which are polynomials in the other symbols alone. Only those count then, and the axes may stand in floors.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from archspec.algebra import Dim, Poly, Sym


def chance(dim: Dim, trials: Sequence[tuple[Mapping[str, int], Collection[str]]]) -> float | None:
    """The bound for all trials together. None for a formula that is no polynomial, such as one with floors.

    trials: for each one, from how many numbers each symbol was drawn, and for which axes it is proved.
    """
    together = 1.0
    for counts, proved in trials:
        degrees = _degrees(dim, proved)
        if degrees is None:
            return None
        bound = sum(degree / counts[name] if counts.get(name) else 1.0 for name, degree in degrees.items())
        together *= min(1.0, bound)
    return together


def _degrees(dim: Dim, proved: Collection[str]) -> dict[str, int] | None:
    """The degree in each symbol that is not proved.

    Symbols are positive, so that a formula with quotients is zero where it is zero times their denominators.
    """
    if not isinstance(dim, Poly):
        return {}
    most: dict[str, int] = {}
    least: dict[str, int] = {}
    for monomial in dim.by_monomial:
        for atom, exponent in monomial:
            if atom.symbols <= set(proved):
                continue
            if not isinstance(atom, Sym):
                return None
            most[atom.name] = max(most.get(atom.name, 0), exponent)
            least[atom.name] = min(least.get(atom.name, 0), exponent)
    return {name: exponent - least[name] for name, exponent in most.items()}
