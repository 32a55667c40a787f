"""Random expressions in two readings: built by the algebra, and worked out on plain integers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from archspec import algebra
from archspec.algebra import Dim, Facts, symbol

Values = dict[str, int]


@dataclass(frozen=True)
class Expression:
    """`build` makes the algebra's expression under facts; `direct` is what it must be worth."""

    text: str
    build: Callable[[Facts], Dim]
    direct: Callable[[Values], int]

    def __repr__(self) -> str:
        return self.text


SYMBOLS: dict[str, int | None] = {"a": 1, "b": 1, "d": 1, "heads": 1, "H": 1, "k": 0, "j": 0, "z": None}


def facts() -> Facts:
    """What `values` respects."""
    known = Facts()
    known.assume_divisible(symbol("d"), symbol("heads"))
    known.assume_divisible(symbol("H"), 8)
    known.assume_nonneg(symbol("b") - symbol("a"))
    return known


@st.composite
def values(draw: st.DrawFn) -> Values:
    """Numbers for the symbols, true to `facts`."""
    small = st.integers(1, 7)
    a, heads = draw(small), draw(small)
    return {
        "a": a,
        "b": a + draw(st.integers(0, 6)),
        "heads": heads,
        "d": heads * draw(small),
        "H": 8 * draw(small),
        "k": draw(st.integers(0, 4)),
        "j": draw(st.integers(0, 4)),
        "z": draw(st.integers(-9, 9)),
    }


def number(n: int) -> Expression:
    return Expression(str(n), lambda _: n, lambda _: n)


def name(s: str) -> Expression:
    return Expression(s, lambda _: symbol(s, SYMBOLS[s]), lambda v: v[s])


LEAVES = st.one_of(st.integers(-6, 9).map(number), st.sampled_from(sorted(SYMBOLS)).map(name))
POSITIVE = st.one_of(
    st.integers(1, 9).map(number),
    st.sampled_from(["a", "b", "heads", "H"]).map(name),
    st.builds(lambda s: _plus(name(s), number(1)), st.sampled_from(["a", "k", "d"])),
    st.builds(lambda s: _two_to(name(s)), st.sampled_from(["k", "j"])),
    st.builds(lambda s, n: _times(name(s), number(n)), st.sampled_from(["a", "heads"]), st.integers(1, 6)),
)
EXPONENTS = st.one_of(
    st.sampled_from(["k", "j"]).map(name),
    st.builds(lambda s, n: _plus(name(s), number(n)), st.sampled_from(["k", "j"]), st.integers(0, 2)),
    st.builds(lambda s, n: _times(name(s), number(n)), st.sampled_from(["k", "j"]), st.integers(0, 2)),
)


def _plus(x: Expression, y: Expression) -> Expression:
    return Expression(f"({x} + {y})", lambda f: x.build(f) + y.build(f), lambda v: x.direct(v) + y.direct(v))


def _minus(x: Expression, y: Expression) -> Expression:
    return Expression(f"({x} - {y})", lambda f: x.build(f) - y.build(f), lambda v: x.direct(v) - y.direct(v))


def _times(x: Expression, y: Expression) -> Expression:
    return Expression(f"({x} * {y})", lambda f: x.build(f) * y.build(f), lambda v: x.direct(v) * y.direct(v))


def _two_to(x: Expression) -> Expression:
    return _power(number(2), x)


def _power(x: Expression, y: Expression) -> Expression:
    return Expression(
        f"{x}**{y}", lambda f: algebra.power(x.build(f), y.build(f), f), lambda v: x.direct(v) ** y.direct(v)
    )


def _binary(word: str, rule: Callable[[Dim, Dim, Facts], Dim], direct: Callable[[int, int], int]):
    def make(x: Expression, y: Expression) -> Expression:
        return Expression(
            f"{word}({x}, {y})",
            lambda f: rule(x.build(f), y.build(f), f),
            lambda v: direct(x.direct(v), y.direct(v)),
        )

    return make


_floordiv = _binary("floordiv", algebra.floordiv, lambda x, y: x // y)
_ceildiv = _binary("ceildiv", algebra.ceildiv, lambda x, y: -(-x // y))
_mod = _binary("mod", algebra.mod, lambda x, y: x % y)
_roundup = _binary("roundup", algebra.roundup, lambda x, y: -(-x // y) * y)
_minimum = _binary("min", lambda x, y, f: algebra.minimum([x, y], f), min)
_maximum = _binary("max", lambda x, y, f: algebra.maximum([x, y], f), max)
_exact = _binary("divide", lambda x, y, f: algebra.divide(x * y, y, f), lambda x, _: x)
_head = Expression(
    "d/heads",
    lambda f: algebra.divide(symbol("d"), symbol("heads"), f),
    lambda v: v["d"] // v["heads"],
)


def _extend(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.builds(_plus, inner, inner),
        st.builds(_minus, inner, inner),
        st.builds(_times, inner, inner),
        st.builds(_floordiv, inner, POSITIVE),
        st.builds(_ceildiv, inner, POSITIVE),
        st.builds(_mod, inner, POSITIVE),
        st.builds(_roundup, inner, POSITIVE),
        st.builds(_exact, inner, POSITIVE),
        st.builds(_minimum, inner, inner),
        st.builds(_maximum, inner, inner),
    )


def expressions(leaves: int = 6) -> st.SearchStrategy[Expression]:
    """Expressions of a few operations."""
    simple = st.one_of(LEAVES, st.just(_head), st.builds(_power, st.integers(1, 6).map(number), EXPONENTS))
    return st.recursive(simple, _extend, max_leaves=leaves)
