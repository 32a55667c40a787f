"""Laws that hold for every expression: whatever is done symbolically agrees with doing it on integers."""

from __future__ import annotations

import pickle

import pytest
from expressions import SYMBOLS, Expression, Values, expressions, facts, name, values
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archspec.algebra import (
    AlgebraError,
    compare,
    compare_at_small,
    divide,
    divisible,
    evaluate,
    free_symbols,
    is_integer,
    substitute,
    sum_over,
    symbol,
    to_python,
)

OPS = {
    "==": int.__eq__,
    "!=": int.__ne__,
    "<": int.__lt__,
    "<=": int.__le__,
    ">": int.__gt__,
    ">=": int.__ge__,
}


def _run(text: str, v: Values) -> object:
    return eval(text, {"min": min, "max": max, "sum": sum, "range": range, "__builtins__": {}, **v})


@given(expressions(), values())
@settings(deadline=None)
def test_building_agrees_with_integers(e: Expression, v: Values) -> None:
    assert evaluate(e.build(facts()), v) == e.direct(v)


@given(expressions(4), expressions(4), st.sampled_from(sorted(OPS)), values())
@settings(deadline=None)
def test_compare_is_never_wrong(x: Expression, y: Expression, op: str, v: Values) -> None:
    outcome = compare(x.build(facts()), op, y.build(facts()), facts())
    assert outcome is None or outcome == OPS[op](x.direct(v), y.direct(v))


@given(expressions(4), expressions(4), st.sampled_from(sorted(OPS)), values())
@settings(deadline=None)
def test_compare_at_small_is_never_wrong(x: Expression, y: Expression, op: str, v: Values) -> None:
    outcome, assumed = compare_at_small(x.build(facts()), op, y.build(facts()), facts())
    assume(all(v[symbol_name] >= least for symbol_name, least in assumed))
    assert outcome is None or outcome == OPS[op](x.direct(v), y.direct(v))


@given(expressions(4), expressions(2), values())
@settings(deadline=None)
def test_divisible_is_never_wrong(x: Expression, y: Expression, v: Values) -> None:
    below = y.direct(v)
    assume(below != 0)
    try:
        outcome = divisible(x.build(facts()), y.build(facts()), facts())
    except AlgebraError:
        return
    assert outcome is None or outcome == (x.direct(v) % below == 0)


@given(expressions(), st.dictionaries(st.sampled_from(["k", "a", "z", "b"]), expressions(2), max_size=2), values())
@settings(deadline=None)
def test_substitution_commutes_with_evaluation(e: Expression, new: dict[str, Expression], v: Values) -> None:
    inner = {s: x.direct(v) for s, x in new.items()}
    assume(all(inner[s] >= SYMBOLS[s] for s in inner if SYMBOLS[s] is not None))
    after = {**v, **inner}
    assume(after["b"] >= after["a"])
    known = facts()
    try:
        replaced = substitute(e.build(known), {s: x.build(known) for s, x in new.items()}, known)
    except AlgebraError:
        return
    assert evaluate(replaced, v) == e.direct(after)


@given(expressions(), values())
@settings(deadline=None)
def test_substituting_numbers_gives_the_number(e: Expression, v: Values) -> None:
    assert substitute(e.build(facts()), dict(v), facts()) == e.direct(v)


@given(expressions(), values())
@settings(deadline=None)
def test_python_text_has_the_same_value(e: Expression, v: Values) -> None:
    assert _run(to_python(e.build(facts())), v) == e.direct(v)


@given(expressions(), values(), st.sampled_from(["k", "j"]), st.integers(0, 2), st.integers(0, 6))
@settings(deadline=None)
def test_sums_agree_with_adding_up(e: Expression, v: Values, index: str, low: int, turns: int) -> None:
    known = facts()
    n = symbol("n", 0)
    total = sum_over(e.build(known), index, low, low + n, known)
    expected = sum(e.direct({**v, index: turn}) for turn in range(low, low + turns))
    assert index not in free_symbols(total)
    assert evaluate(total, {**v, "n": turns}) == expected
    assert evaluate(substitute(total, {"n": turns}, known), v) == expected
    assert _run(to_python(total), {**v, "n": turns}) == expected


@given(expressions(3), expressions(3), st.integers(2, 6), values())
@settings(deadline=None)
def test_what_is_called_an_integer_is_one(x: Expression, y: Expression, n: int, v: Values) -> None:
    product = x.build(facts()) * y.build(facts())
    if not isinstance(product, int) and is_integer(divide(product, n), facts()):
        assert x.direct(v) * y.direct(v) % n == 0


@given(expressions())
@settings(deadline=None)
def test_pickling_keeps_meaning(e: Expression) -> None:
    built = e.build(facts())
    assert pickle.loads(pickle.dumps(built)) == built
    assert repr(pickle.loads(pickle.dumps(built))) == repr(built)


@pytest.mark.parametrize("s", sorted(SYMBOLS))
def test_a_missing_value_is_an_error(s: str) -> None:
    with pytest.raises(AlgebraError, match="has no value"):
        evaluate(name(s).build(facts()), {})
