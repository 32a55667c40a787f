"""The forms in which expressions are kept, and what can be proved about them."""

from __future__ import annotations

import pytest
import sympy

from archspec.algebra import (
    AlgebraError,
    Dim,
    Facts,
    Poly,
    ceildiv,
    compare,
    compare_at_small,
    divide,
    divisible,
    evaluate,
    floordiv,
    free_symbols,
    identifiers,
    log2,
    maximum,
    minimum,
    mod,
    power,
    roundup,
    substitute,
    sum_over,
    symbol,
    terms,
    to_python,
)

B, S, T, H, W, d = map(symbol, "BSTHWd")
heads, layers, context, patch = map(symbol, ["heads", "layers", "context", "patch"])
i, j, n = symbol("i", 0), symbol("j", 0), symbol("n", 0)
z = symbol("z", None)


def knowing(*divisible_by: tuple[Dim, Dim], nonneg: tuple[Dim, ...] = ()) -> Facts:
    facts = Facts()
    for a, b in divisible_by:
        facts.assume_divisible(a, b)
    for p in nonneg:
        facts.assume_nonneg(p)
    return facts


HEADS = knowing((d, heads))


def test_results_collapse_to_integers() -> None:
    assert d - d == 0
    assert (d + 3) - d == 3
    assert type(divide(6 * d, d)) is int
    assert d * 0 == 0
    assert bool(d)


def test_equality_and_hash_are_structural() -> None:
    assert (d + heads) * 2 == 2 * heads + 2 * d
    assert len({d + 1, 1 + d, symbol("d") + 1}) == 1
    assert d != symbol("d", 0)
    assert d != "d"


@pytest.mark.parametrize(
    ("dim", "shown"),
    [
        (4 * d**2 + 2 * d - 1, "4*d**2 + 2*d - 1"),
        (divide(d, heads), "d/heads"),
        (divide(3 * d, 2 * heads), "3*d/(2*heads)"),
        (-d, "-d"),
        (floordiv(H + 1, 2), "((H + 1)//2)"),
    ],
)
def test_repr(dim: Dim, shown: str) -> None:
    assert repr(dim) == shown


def test_terms_come_in_a_fixed_order() -> None:
    listed = [(c, [(repr(a), e) for a, e in m]) for c, m in terms(3 + 2 * heads + d * d)]
    assert listed == [(1, [("d", 2)]), (2, [("heads", 1)]), (3, [])]
    assert list(terms(0)) == []
    assert list(terms(5)) == [(5, ())]


@pytest.mark.parametrize(
    ("floor", "same"),
    [
        (floordiv(floordiv(H, 2), 2), floordiv(H, 4)),
        (ceildiv(ceildiv(ceildiv(H, 2), 2), 2), ceildiv(H, 8)),
        (floordiv(H + 5, 2), floordiv(H + 1, 2) + 2),
        (floordiv(3 * H, 2), H + floordiv(H, 2)),
        (floordiv(2 * H + 5, 4), floordiv(H, 2) + 1),
        (floordiv(2 * H + 3, 4), floordiv(H + 1, 2)),
        (floordiv(H - 1, 2) + 1, ceildiv(H, 2)),
        (floordiv(-H, 3), -ceildiv(H, 3)),
        (floordiv(H + 2 * patch, patch), floordiv(H, patch) + 2),
        (ceildiv(H, patch), floordiv(H - 1, patch) + 1),
        (floordiv(floordiv(H, power(2, i)), 2), substitute(floordiv(H, power(2, i)), {"i": i + 1})),
        (floordiv(d * H, d * 4), floordiv(H, 4)),
        (floordiv(2 * W + 5, W + 1), floordiv(3, W + 1) + 2),
        (floordiv((W + 1) * H, W + 1), H),
        (floordiv(mod(H, W), W), 0),
        (floordiv(n * n - n, 2), divide(n * n - n, 2)),
        (mod(2 * H + 1, 2), 1),
        (mod(H, 1), 0),
        (roundup(64 * H, 64), 64 * H),
        (floordiv(-1, n + 1), -1),
    ],
)
def test_floors_have_one_form(floor: Dim, same: Dim) -> None:
    assert floor == same


def test_floors_use_what_is_known() -> None:
    facts = knowing((H, 32))
    x: Dim = H
    for _ in range(5):
        x = floordiv(x + 1, 2, facts)
    assert x == divide(H, 32)
    assert floordiv(H + 33, 64, facts) == floordiv(H + 32, 64)
    assert floordiv(d, heads) != floordiv(d, heads, HEADS) == divide(d, heads)
    assert roundup(d, heads, HEADS) == d


def test_divisibility() -> None:
    assert divisible(6 * d, 3) is True
    assert divisible(2 * d + 1, 2) is False
    assert divisible(d, heads) is None
    assert divisible(d * S, heads, HEADS) is True
    assert divisible(3 * d, heads, knowing((d, heads), (heads, patch))) is True
    assert divisible(d, patch, knowing((d, heads), (heads, patch))) is True
    assert divisible(H * W, patch**2, knowing((H, patch), (W, patch))) is True
    assert divisible(n * (n + 1), 2) is True
    assert divisible(n * (n + 1) * (n + 2), 6) is True
    assert divisible(n * (n + 1), 3) is None
    assert divisible(H, H + 1) is False
    assert divisible(H + 2 * patch, S, knowing((H + 2 * patch, S))) is True
    assert divisible(12, 5) is False


def test_powers() -> None:
    assert power(4, i) == power(2, i) ** 2
    assert power(6, 2 * i + 1) == 6 * power(2, i) ** 2 * power(3, i) ** 2
    assert 2 * power(2, i - 1) == power(2, i)
    assert power(power(2, i), j) == power(2, i * j)
    assert power(d, i + 2) == d**2 * power(d, i)
    assert power(2 * d, i) == power(2, i) * power(d, i)
    assert power(2, log2(H)) == H
    assert log2(8 * power(2, i)) == i + 3
    assert substitute(power(3, n), {"n": 4}) == 81
    assert power(1, i) == 1
    assert evaluate(power(2, divide(n * n - n, 2)), {"n": 5}) == 1024


def test_minimum_and_maximum() -> None:
    facts = knowing(nonneg=(context - S,))
    assert minimum([S, context], facts) == S
    assert maximum([S, context], facts) == context
    assert maximum([S, S + 1, 1]) == S + 1
    assert maximum([maximum([S, H]), W]) == maximum([W, H, S, S])
    assert substitute(maximum([S, H]), {"S": H + 3}) == H + 3


def test_division_by_a_sum() -> None:
    assert divide(H * H - 1, H + 1) == H - 1
    quotient = divide(H, W + 1)
    assert substitute(quotient, {"H": 3 * W + 3}) == 3
    assert compare(quotient * (W + 1), "==", H) is True
    assert substitute(divide(H, d) + divide(W, d), {"d": B + S, "H": B, "W": S}) == 1


@pytest.mark.parametrize(
    ("a", "op", "b", "outcome"),
    [
        (d, ">=", 1, True),
        (d, ">", 1, None),
        (d, "<", 1, False),
        (d, "==", d, True),
        (d, "==", d + 1, False),
        (d, "==", heads, None),
        (2 * d, "!=", 2 * heads + 1, True),
        (2 * d, "==", 2 * n + 1, False),
        (d * heads, ">=", d, True),
        (ceildiv(H, 32), ">=", 1, True),
        (floordiv(H, 2), "<=", H, True),
        (floordiv(H, power(2, i)), "<=", H, True),
        (2 * floordiv(H, 2) + 1, ">=", H, True),
        (power(2, n), ">", n, True),
        (maximum([S, H]), ">=", S, True),
        (minimum([S, H]), "<=", S, True),
        (maximum([S, H]), "<=", S + H, True),
        (z * z, ">=", 0, True),
        (z, ">=", 0, None),
        ((B - 1) * (S - 1), ">=", 0, True),
        (d, ">=", heads, None),
        (sum_over(floordiv(H, power(2, i)), "i", 0, n), ">=", 0, True),
    ],
)
def test_compare(a: Dim, op: str, b: Dim, outcome: bool | None) -> None:
    assert compare(a, op, b) is outcome


def test_compare_uses_what_is_known() -> None:
    facts = knowing((d, heads), nonneg=(context - S, 5 - T))
    assert compare(d, ">=", heads, facts) is True
    assert compare(divide(d, heads), ">=", 1, facts) is True
    assert compare(S, "<=", context, facts) is True
    assert compare(S, ">", context, facts) is False
    assert compare(B * S, "<=", B * context + 1, facts) is True
    assert compare(T, "<", 6, facts) is True
    assert compare(H, ">=", 32, knowing((H, 32))) is True
    assert compare(S, "==", context, knowing(nonneg=(context - S, S - context))) is True


def test_facts_are_copied() -> None:
    facts = Facts()
    more = facts.copy()
    more.assume_at_least("B", 2)
    assert compare(B, ">", 1, facts) is None
    assert compare(B, ">", 1, more) is True


@pytest.mark.parametrize(
    ("a", "op", "b", "outcome", "assumed"),
    [
        (B, "==", 1, False, (("B", 2),)),
        (B * S, ">", 1, True, (("B", 2),)),
        (B * S, ">", 4, None, ()),
        (n, ">", 0, True, (("n", 1),)),
        (B + S, ">", 3, True, (("B", 2), ("S", 2))),
        (d, "==", heads, None, ()),
        (d, "==", d, True, ()),
    ],
)
def test_compare_at_small(a: Dim, op: str, b: Dim, outcome: bool | None, assumed: tuple[tuple[str, int], ...]) -> None:
    assert compare_at_small(a, op, b) == (outcome, assumed)


@pytest.mark.parametrize(
    "body", [n * 0 + 7, i, i**2, i**7 + 3 * i, power(2, i), i**3 * power(6, i), (H + i) ** 2, power(2, n - i) * 5]
)
def test_sums_with_closed_form_agree_with_sympy(body: Dim) -> None:
    total = sum_over(body, "i", 0, n)
    assert "sum" not in repr(total)
    index, end, height = (sympy.Symbol(name, integer=True, positive=True) for name in "inH")
    terms_of_sum = sympy.sympify(to_python(body * 1), {"i": index, "n": end, "H": height}) if body != 7 else 7
    for turns in range(5):
        expected = sum(sympy.sympify(terms_of_sum).subs({index: turn, end: turns, height: 9}) for turn in range(turns))
        assert evaluate(total, {"n": turns, "H": 9}) == expected


def test_sums_without_closed_form() -> None:
    body = d * floordiv(H, power(2, i))
    total = sum_over(body, "i", 0, n)
    assert free_symbols(total) == {"d", "H", "n"}
    assert evaluate(total, {"d": 3, "H": 100, "n": 4}) == 3 * (100 + 50 + 25 + 12)
    assert substitute(total, {"n": 2}) == d * H + d * floordiv(H, 2)
    assert substitute(total, {"H": i}) != substitute(total, {"H": 5})
    assert free_symbols(substitute(total, {"H": i})) == {"d", "i", "n"}
    with pytest.raises(AlgebraError, match="more than 1000000 terms"):
        evaluate(total, {"d": 3, "H": 100, "n": 10**6 + 1})


def test_substitution_is_simultaneous() -> None:
    assert substitute(d - heads, {"d": heads, "heads": d}) == heads - d
    assert substitute(floordiv(H, patch), {"H": 32, "patch": 16}) == 2


def test_python_identifiers() -> None:
    names = identifiers(["depths[1]", "depths_1", "lambda", "B", "max", "x.y", "2d"])
    assert names["B"] == "B"
    assert names["depths_1"] == "depths_1"
    assert len(set(names.values())) == len(names)
    assert all(name.isidentifier() for name in names.values())
    assert to_python(symbol("depths[1]") + divide(n * n - n, 2)) == "(n**2 + 2*depths_1 - n)//2"
    assert to_python(floordiv(H + 1, 2) * power(2, i + 1)) == "2*((H + 1)//2)*(2**i)"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: divide(7, 2),
        lambda: divide(d, 0),
        lambda: floordiv(d, 0),
        lambda: floordiv(7, -2),
        lambda: divisible(4, 0),
        lambda: log2(6),
        lambda: log2(0),
        lambda: power(0, i),
        lambda: power(-2, i),
        lambda: power(-d, i),
        lambda: minimum([]),
        lambda: evaluate(divide(d, heads), {"d": 7, "heads": 2}),
        lambda: evaluate(divide(d, heads), {"d": 7, "heads": 0}),
        lambda: evaluate(floordiv(d, heads), {"d": 7, "heads": 0}),
        lambda: substitute(divide(d, heads), {"heads": 0}),
    ],
)
def test_what_has_no_value_is_an_error(wrong: object) -> None:
    with pytest.raises(AlgebraError):
        wrong()  # type: ignore[operator]


def test_big_numbers_stay_exact() -> None:
    assert evaluate(d**40 + 1, {"d": 10**9}) == 10**360 + 1
    assert isinstance(d**40, Poly)


@pytest.mark.parametrize(
    ("larger", "smaller"),
    [
        (ceildiv(H, 4), ceildiv(H, 8)),
        (2 * ceildiv(H, 8), ceildiv(H, 4)),
        (ceildiv(H, 4) + 1, 2 * ceildiv(H, 8)),
        (ceildiv(H, 4) * ceildiv(W, 4), ceildiv(H, 8) * ceildiv(W, 8)),
        (4 * ceildiv(H, 8) * ceildiv(W, 8), ceildiv(H, 4) * ceildiv(W, 4)),
        (B * d * ceildiv(H, 4) * ceildiv(W, 4), d * ceildiv(H, 16) * ceildiv(W, 16)),
        (n * H * floordiv(W, 2), n * H * floordiv(W, 3)),
    ],
)
def test_floors_are_compared(larger: Dim, smaller: Dim) -> None:
    assert compare(larger, ">=", smaller) is True
    assert maximum([smaller, larger]) == larger


def test_powers_with_a_ratio_as_exponent_are_compared() -> None:
    assert compare(power(2, divide(d, heads)), ">", divide(d, heads), HEADS) is True
    assert compare(power(2, divide(d, heads)), ">", divide(2 * d, heads), HEADS) is None
    assert compare(power(2, divide(d, heads)), "<", d, HEADS) is None


def test_what_is_longer_than_python_writes_is_an_error_too() -> None:
    quotient = divide(d, heads) - 3 * power(5, i)
    with pytest.raises(AlgebraError, match="not an integer here but a number of more than 12000 bits"):
        evaluate(quotient * power(3, 2 * i), {"d": 7, "heads": 2, "i": 3_500})
    with pytest.raises(AlgebraError, match="a division by a number of more than"):
        evaluate(floordiv(d, heads - power(5, i) * power(3, 2 * i)), {"d": 7, "heads": 2, "i": 3_500})
