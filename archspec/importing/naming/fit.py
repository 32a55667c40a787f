"""A number over its samples as an expression in others: the simplest that is right at every sample, or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations, permutations

from archspec.importing.naming.samples import Vector

_FACTORS = (2, 3, 4, 5, 6, 8, 12, 16)
_LARGEST = 64
"""The largest whole number that stands before a name in a sum."""
_WIDEST = 4096
"""The largest that stands before a name alone: a width for each group, a size for each head."""


def constant(vector: Vector) -> bool:
    """Whether a number is the same at every sample."""
    return all(one == vector[0] for one in vector)


def fit(vector: Vector, basis: Mapping[str, Vector]) -> str | None:
    """An expression of the notation, in the names of the basis. A number that never changes is itself."""
    if constant(vector):
        return str(vector[0])
    names = {name: one for name, one in basis.items() if not constant(one)}
    for candidate, value in _candidates(names):
        if value == vector:
            return candidate
    return _affine(vector, names) or _product(vector, names) or _two(vector, names)


def plain(vector: Vector, basis: Mapping[str, Vector]) -> str | None:
    """As `fit`, but only a number, a name, a multiple or a part of one: what is seldom so by chance."""
    if constant(vector):
        return str(vector[0])
    names = {name: one for name, one in basis.items() if not constant(one)}
    return next((text for text, value in _candidates(names) if value == vector), None)


def single(vector: Vector, basis: Mapping[str, Vector]) -> str | None:
    """As `fit`, but in one name alone, and none if several names would do."""
    found = [text for name in basis if (text := fit(vector, {name: basis[name]})) is not None]
    return found[0] if len(found) == 1 else None


def simple(vector: Vector, basis: Mapping[str, Vector]) -> str | None:
    """A name of the basis, or a small multiple of one."""
    for name, one in basis.items():
        if one == vector:
            return name
    for factor in _FACTORS:
        for name, one in basis.items():
            if not constant(one) and tuple(factor * value for value in one) == vector:
                return f"{factor}*{name}"
    return None


def _candidates(names: Mapping[str, Vector]) -> Iterator[tuple[str, Vector]]:
    yield from names.items()
    yield from _multiples(names)


def _multiples(names: Mapping[str, Vector]) -> Iterator[tuple[str, Vector]]:
    for factor in _FACTORS:
        for name, vector in names.items():
            yield f"{factor}*{name}", tuple(factor * one for one in vector)
            if all(one % factor == 0 for one in vector):
                yield f"{name} // {factor}", tuple(one // factor for one in vector)


def _affine(vector: Vector, names: Mapping[str, Vector]) -> str | None:
    """`a*n + b`, or `a*n // k + b`."""
    for name, one in names.items():
        places = [place for place in range(len(one)) if one[place] != one[0]]
        slope = Fraction(vector[places[0]] - vector[0], one[places[0]] - one[0])
        rest = vector[0] - slope * one[0]
        if slope <= 0 or slope.numerator > (_LARGEST if rest else _WIDEST) or slope.denominator > _LARGEST:
            continue
        if rest.denominator != 1 or any(slope * left + rest != right for left, right in zip(one, vector, strict=True)):
            continue
        if slope.denominator == 1:
            return _sum(_times(slope.numerator, name), int(rest))
        return _sum(f"{_times(slope.numerator, name)} // {slope.denominator}", int(rest))
    return None


def _product(vector: Vector, names: Mapping[str, Vector]) -> str | None:
    """`k*a*b`, `a // b`, `k*(a // b)`, `(a // b)**2 + c`."""
    pairs = list(combinations(names.items(), 2))
    for (left, one), (right, other) in pairs:
        found = _scaled(vector, tuple(a * b for a, b in zip(one, other, strict=True)), f"{left}*{right}")
        if found is not None:
            return found
    for (left, one), (right, other) in [*pairs, *((two, first) for first, two in pairs)]:
        if all(b and a >= b for a, b in zip(one, other, strict=True)):
            found = _quotient(vector, tuple(a // b for a, b in zip(one, other, strict=True)), f"{left} // {right}")
            if found is not None:
                return found
    for name, one in names.items():
        rest = vector[0] - one[0] ** 2
        if all(a * a + rest == v for a, v in zip(one, vector, strict=True)):
            return _sum(f"{name}**2", rest)
        for factor in _FACTORS:
            if all(a % factor == 0 for a in one):
                part = tuple(a // factor for a in one)
                rest = vector[0] - part[0] ** 2
                if all(a * a + rest == v for a, v in zip(part, vector, strict=True)):
                    return _sum(f"({name} // {factor})**2", rest)
            if all(-(-a // factor) == v for a, v in zip(one, vector, strict=True)):
                return f"ceil_div({name}, {factor})"
            if all(a // factor == v for a, v in zip(one, vector, strict=True)):
                return f"{name} // {factor}"
    for (left, one), (right, other), (third, last) in combinations(names.items(), 3):
        whole = tuple(a * b * c for a, b, c in zip(one, other, last, strict=True))
        found = _scaled(vector, whole, f"{left}*{right}*{third}")
        if found is not None:
            return found
    return None


def _quotient(vector: Vector, ratio: Vector, text: str) -> str | None:
    """A quotient, a multiple or a part of it, its square and a rest, an even number near a part."""
    if constant(ratio):
        return None
    found = _scaled(vector, ratio, text, group=True)
    if found is not None:
        return found
    rest = vector[0] - ratio[0] ** 2
    if all(r * r + rest == v for r, v in zip(ratio, vector, strict=True)):
        return _sum(f"({text})**2", rest)
    for factor in _FACTORS:
        part = tuple(one // factor for one in ratio)
        if constant(part):
            break
        if part == vector:
            return f"{text} // {factor}"
        if tuple(one - less for one, less in zip(ratio, part, strict=True)) == vector:
            return f"{text} - {text} // {factor}"
        if tuple(-(-one // 2) for one in part) == vector:
            return f"ceil_div({text} // {factor}, 2)"
        if tuple(2 * -(-one // 2) for one in part) == vector:
            return f"round_up({text} // {factor}, 2)"
    return None


def _scaled(vector: Vector, whole: Vector, text: str, *, group: bool = False) -> str | None:
    if constant(whole) or whole[0] == 0:
        return None
    factor = Fraction(vector[0], whole[0])
    if any(factor * left != right for left, right in zip(whole, vector, strict=True)):
        return None
    if factor == 1:
        return text
    if factor.denominator == 1 and factor.numerator <= _WIDEST:
        return f"{factor.numerator}*({text})" if group else f"{factor.numerator}*{text}"
    if factor.numerator == 1 and factor.denominator <= _LARGEST and not group:
        return f"{text} // {factor.denominator}"
    return None


def _two(vector: Vector, names: Mapping[str, Vector]) -> str | None:
    """`a*m + b*n`, `m*n + k*m*l`, `m // n - l`, with small whole numbers."""
    terms = dict(names)
    for (left, one), (right, other) in combinations(names.items(), 2):
        terms[f"{left}*{right}"] = tuple(a * b for a, b in zip(one, other, strict=True))
    for (left, one), (right, other) in permutations(names.items(), 2):
        if all(b and a > b for a, b in zip(one, other, strict=True)):
            terms[f"{left} // {right}"] = tuple(a // b for a, b in zip(one, other, strict=True))
    for (left, one), (right, other) in permutations(terms.items(), 2):
        if not all(other):
            continue
        for first in (1, 2, 3, 4):
            ratio, rest = divmod(vector[0] - first * one[0], other[0])
            if rest or not (0 < ratio <= _LARGEST or ratio == -1):
                continue
            if all(v == first * a + ratio * b for v, a, b in zip(vector, one, other, strict=True)):
                more = f"+ {_times(ratio, right)}" if ratio > 0 else f"- {right}"
                return f"{_times(first, left)} {more}"
    return None


def _times(factor: int, name: str) -> str:
    if "//" in name and factor != 1:
        return f"{factor}*({name})"
    return name if factor == 1 else f"{factor}*{name}"


def _sum(text: str, rest: int) -> str:
    if rest == 0:
        return text
    return f"{text} + {rest}" if rest > 0 else f"{text} - {-rest}"
