"""Upper bounds: `at_most(n)` stands for a number that is only known to be n or less.

It is n less a symbol of its own, the *slack*, which flows through everything that is computed with it. So a quantity
that hangs on a bound can be told from one that does not, and is given as it is without slack, and called a bound.
"""

from __future__ import annotations

from archspec.algebra import Dim, Facts, compare, free_symbols, substitute, symbol

SLACK = "slack~"
"""By how much less than its bound a number may be. No name that can be written has a `~`."""


def at_most(bound: Dim) -> Dim:
    """A number of which only an upper bound is known."""
    return at_bound(bound) - symbol(SLACK, 0)


def has_slack(dim: Dim) -> bool:
    """Whether an expression hangs on a number of which only a bound is known."""
    return SLACK in free_symbols(dim)


def at_bound(dim: Dim) -> Dim:
    """An expression without slack: what it is when every bound is reached. Conditions see this."""
    return substitute(dim, {SLACK: 0}) if has_slack(dim) else dim


def is_bounded(dim: Dim, facts: Facts) -> bool:
    """Whether an expression is at most what it is without slack. `n - at_most(m)` is at least that, and is not."""
    return not has_slack(dim) or compare(at_bound(dim), ">=", dim, facts) is True


def settled(read: tuple[Dim, bool]) -> tuple[Dim, bool]:
    """A quantity, and whether it is exact, once every bound is taken for the number."""
    dim, exact = read
    return at_bound(dim), exact and not has_slack(dim)
