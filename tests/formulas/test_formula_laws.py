"""However an expression is shown, it means the same."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from functools import reduce
from operator import mul

import numpy
import sympy
from expressions import Expression, Values, expressions, facts, values
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.algebra import (
    Dim,
    divide,
    evaluate,
    floordiv,
    free_symbols,
    maximum,
    minimum,
    power,
    substitute,
    symbol,
    to_python,
)
from archspec.formulas import Formula, abbreviate, tidy, to_callable, to_sympy
from archspec.formulas.tree import (
    Add,
    Ceil,
    Divide,
    Floor,
    Greatest,
    Least,
    Logarithm,
    Multiply,
    Number,
    Raise,
    Series,
    Symbol,
    Tree,
)


def value(tree: Tree, at: Values) -> sympy.Rational:
    """What a display tree is worth: worked out here, with nothing of the algebra."""
    match tree:
        case Number(number):
            return sympy.Integer(number)
        case Symbol(name):
            return sympy.Integer(at[name])
        case Add(terms):
            return sum((value(term, at) for term in terms), sympy.Integer(0))
        case Multiply(factors):
            return reduce(mul, (value(factor, at) for factor in factors))
        case Divide(above, below):
            return value(above, at) / value(below, at)
        case Raise(base, exponent):
            return value(base, at) ** value(exponent, at)
        case Floor(above, below):
            return sympy.floor(value(above, at) / value(below, at))
        case Ceil(above, below):
            return sympy.ceiling(value(above, at) / value(below, at))
        case Least(args):
            return min(value(arg, at) for arg in args)
        case Greatest(args):
            return max(value(arg, at) for arg in args)
        case Logarithm(arg):
            return sympy.log(value(arg, at), 2)
        case Series(index, low, last, end, body):
            assert value(end, at) == value(last, at) + 1
            turns = range(int(value(low, at)), int(value(end, at)))
            return sum((value(body, {**at, index.name: turn}) for turn in turns), sympy.Integer(0))


POLYNOMIALS = st.lists(
    st.tuples(
        st.integers(-50, 50),
        st.dictionaries(st.sampled_from(["a", "b", "d", "H", "k"]), st.integers(1, 3), max_size=3),
    ),
    max_size=9,
)


def polynomial(terms: list[tuple[int, dict[str, int]]]) -> Dim:
    total: Dim = 0
    for coefficient, exponents in terms:
        total = total + reduce(mul, (symbol(name) ** e for name, e in exponents.items()), coefficient)
    return total


@given(expressions(), values(), st.sets(st.sampled_from(["a", "k", "j", "heads"])))
@settings(deadline=None)
def test_tidy_means_the_same(e: Expression, v: Values, counts: set[str]) -> None:
    assert value(tidy(e.build(facts()), sorted(counts)), v) == e.direct(v)


@given(POLYNOMIALS, st.sets(st.sampled_from(["a", "k"])))
@settings(deadline=None)
def test_tidy_polynomials_expand_to_themselves(terms: list[tuple[int, dict[str, int]]], counts: set[str]) -> None:
    dim = polynomial(terms)
    names = {name: sympy.Symbol(name, integer=True, positive=True) for name in free_symbols(dim)}
    plain = sympy.sympify(eval(to_python(dim), {"__builtins__": {}, **names}))
    assert sympy.expand(to_sympy(dim, sorted(counts)) - plain) == 0


@given(expressions(), values())
@settings(deadline=None)
def test_sympy_form_agrees(e: Expression, v: Values) -> None:
    built = e.build(facts())
    expression = to_sympy(built)
    assert to_sympy(built) == expression
    assert expression.subs({s: v[s.name] for s in expression.free_symbols}).doit() == e.direct(v)


@given(expressions(), values())
@settings(deadline=None)
def test_python_form_agrees(e: Expression, v: Values) -> None:
    formula = Formula(e.build(facts()))
    names = {"min": min, "max": max, "sum": sum, "range": range, "__builtins__": {}}
    assert eval(formula.python, {**names, **v}) == e.direct(v)


@given(expressions(), values())
@settings(deadline=None)
def test_every_notation_can_be_written(e: Expression, v: Values) -> None:
    formula = Formula(e.build(facts()), counts=("k",))
    ElementTree.fromstring(formula.mathml)
    assert formula.latex.count("{") == formula.latex.count("}")
    assert formula.latex.count(r"\left") == formula.latex.count(r"\right")
    tree, where = formula.shown
    known = dict(v)
    for name, meaning in where:
        known[name] = int(value(meaning, known))
    assert value(tree, known) == e.direct(v)


@given(st.lists(expressions(), min_size=1, max_size=3), expressions(2), values())
@settings(deadline=None)
def test_abbreviations_expand_to_the_same(several: list[Expression], named: Expression, v: Values) -> None:
    known = facts()
    dims = [e.build(known) for e in several]
    names = {"S": named.build(known)}
    short, where = abbreviate(dims, names, taken={"h4", "t1"})
    assert {name for name, _ in where}.isdisjoint({"h4", "t1", *(s for dim in dims for s in free_symbols(dim))})
    for dim, e in zip(short, several, strict=True):
        for name, meaning in reversed(where):
            dim = substitute(dim, {name: meaning}, known)
        assert evaluate(dim, v) == e.direct(v)


SIDES = st.tuples(st.sampled_from([1, 2, 3, 4]), st.integers(-9, 9), st.integers(-3, 3))


@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["a", "b"]), SIDES, SIDES), min_size=1, max_size=4),
    st.booleans(),
    values(),
)
@settings(deadline=None)
def test_sizes_of_pictures_mean_the_same(
    layers: list[tuple[int, str, tuple[int, int, int], tuple[int, int, int]]], most: bool, v: Values
) -> None:
    known = facts()
    sizes: list[Dim] = []
    direct: list[int] = []
    for number, channels, (n, inside, more), (m, inside_too, more_too) in layers:
        height = floordiv(symbol("H") + inside, n) + more
        width = floordiv(symbol("H") + symbol("d") + inside_too, m) + more_too
        sizes.append(number * symbol(channels) * height * width)
        direct.append(
            number * v[channels] * ((v["H"] + inside) // n + more) * ((v["H"] + v["d"] + inside_too) // m + more_too)
        )
    dim = maximum(sizes) if most else sum(sizes)
    expected = max(direct) if most else sum(direct)
    assert value(tidy(dim), v) == expected
    (short,), where = abbreviate([dim])
    for name, meaning in reversed(where):
        short = substitute(short, {name: meaning}, known)
    assert evaluate(short, v) == expected
    tree, named = Formula(dim).shown
    at = dict(v)
    for name, meaning in named:
        at[name] = int(value(meaning, at))
    assert value(tree, at) == expected


@given(st.lists(st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=4, max_size=9), values())
@settings(deadline=None)
def test_names_of_sums_mean_the_same(numbers: list[list[int]], v: Values) -> None:
    a, b, d, h, heads = map(symbol, ["a", "b", "d", "H", "heads"])
    dims: list[Dim] = []
    for x, y, z, t in numbers:
        first = heads * x + a * h
        second = first + b * h * y
        dims.append(a * first + b * (first + second) * t + d * (second + h * d) * z + second * h**2)
    short, where = abbreviate(dims, counts=("a", "b", "d"))
    for dim, before in zip(short, dims, strict=True):
        for name, meaning in reversed(where):
            dim = substitute(dim, {name: meaning})
        assert evaluate(dim, v) == evaluate(before, v)


@given(expressions(), values(), values())
@settings(deadline=None)
def test_callable_takes_numbers_and_arrays(e: Expression, v: Values, w: Values) -> None:
    function = to_callable(e.build(facts()), sorted(v))
    assert function(**v) == e.direct(v)
    both = {s: numpy.array([v[s], w[s]], dtype=object) for s in v}
    result = function(*(both[s] for s in sorted(v)))
    assert numpy.all(result == numpy.array([e.direct(v), e.direct(w)], dtype=object))


def test_an_extremum_whose_arguments_grow_beyond_what_python_writes() -> None:
    d, heads, k = symbol("d"), symbol("heads"), symbol("k")
    formula = Formula(minimum([0, divide(d, heads) - power(4, 2 * k)]))
    assert eval(formula.python, {"min": min, "d": 6, "heads": 2, "k": 1}) == 3 - 16
