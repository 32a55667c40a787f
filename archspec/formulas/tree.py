"""A formula as it is shown: what stands in parentheses, what is taken out as a factor, what is a fraction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """An integer."""

    value: int


@dataclass(frozen=True)
class Symbol:
    """A symbol and what it is known not to be below (None: nothing)."""

    name: str
    lower: int | None = 1


@dataclass(frozen=True)
class Add:
    """A sum. A term that is taken away is a `Multiply` with a negative number in front, or a negative number."""

    terms: tuple[Tree, ...]


@dataclass(frozen=True)
class Multiply:
    """A product; a number stands first."""

    factors: tuple[Tree, ...]


@dataclass(frozen=True)
class Divide:
    """An exact fraction."""

    above: Tree
    below: Tree


@dataclass(frozen=True)
class Raise:
    """A power."""

    base: Tree
    exponent: Tree


@dataclass(frozen=True)
class Floor:
    """A quotient rounded down."""

    above: Tree
    below: Tree


@dataclass(frozen=True)
class Ceil:
    """A quotient rounded up."""

    above: Tree
    below: Tree


@dataclass(frozen=True)
class Least:
    """A minimum."""

    args: tuple[Tree, ...]


@dataclass(frozen=True)
class Greatest:
    """A maximum."""

    args: tuple[Tree, ...]


@dataclass(frozen=True)
class Logarithm:
    """A logarithm to the base 2."""

    arg: Tree


@dataclass(frozen=True)
class Series:
    """The sum of `body` for `index` from `low` to `last`, which is one less than `end`."""

    index: Symbol
    low: Tree
    last: Tree
    end: Tree
    body: Tree


Tree = Number | Symbol | Add | Multiply | Divide | Raise | Floor | Ceil | Least | Greatest | Logarithm | Series


def sign_and_size(tree: Tree) -> tuple[bool, Tree]:
    """Whether a term is taken away, and the term without its sign."""
    match tree:
        case Number(value) if value < 0:
            return True, Number(-value)
        case Multiply((Number(value), *rest)) if value < 0:
            factors = tuple(rest) if value == -1 else (Number(-value), *rest)
            return True, factors[0] if len(factors) == 1 else Multiply(factors)
        case Divide(above, below):
            negative, size = sign_and_size(above)
            return negative, Divide(size, below) if negative else tree
    return False, tree
