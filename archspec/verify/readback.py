"""An expression of torch's, which is one of sympy's, read into the algebra of archspec."""

from __future__ import annotations

from typing import Any

from archspec.algebra import Dim, Facts, floordiv, maximum, minimum, mod, symbol


class Unreadable(Exception):
    """An expression that the algebra has no equal of; the message says which function it is."""


def to_dim(value: Any, facts: Facts, conditions: list[str]) -> Dim:
    """An expression of torch's in the algebra. Raises `Unreadable` for a function that has no equal there.

    conditions: what is taken for granted is noted there.
    """
    if isinstance(value, int):
        return value
    if value.is_Integer:
        return int(value)
    if value.is_Symbol:
        return symbol(str(value), 1)
    kind = type(value).__name__
    parts = [to_dim(one, facts, conditions) for one in value.args]
    if not parts:
        raise Unreadable(f"torch's formula has the number `{value}`, which is no integer")
    if kind == "Add":
        return sum(parts[1:], parts[0])
    if kind == "Mul":
        product: Dim = 1
        for part in parts:
            product = product * part
        return product
    if kind == "Pow" and isinstance(parts[1], int) and parts[1] >= 0:
        power: Dim = 1
        for _ in range(parts[1]):
            power = power * parts[0]
        return power
    if kind in ("FloorDiv", "CleanDiv"):
        return floordiv(parts[0], parts[1], facts)
    if kind in ("Mod", "PythonMod"):
        return mod(parts[0], parts[1], facts)
    if kind == "Max" and len(parts) == 2 and 1 in parts:
        # A stride is taken over max(size, 1) elements, and a tensor of which something is kept has elements.
        size = parts[parts[0] == 1]
        condition = f"{size} >= 1"
        conditions.extend([condition] if condition not in conditions else [])
        return size
    if kind in ("Max", "Min"):
        return maximum(parts, facts) if kind == "Max" else minimum(parts, facts)
    raise Unreadable(f"torch's formula has the function `{kind}`, which formulas of archspec do not have")
