"""How formulas people know come out."""

from __future__ import annotations

import pytest
import sympy

from archspec.algebra import (
    Dim,
    ceildiv,
    divide,
    floordiv,
    log2,
    maximum,
    minimum,
    power,
    sum_over,
    symbol,
)
from archspec.formulas import Formula, abbreviate, latex, mathml, sympy_symbol, tidy, to_callable, to_sympy, to_text

B, S, T, H, W, d, w, heads = map(symbol, ["B", "S", "T", "H", "W", "d", "w", "heads"])
layers, vocab, context, hidden, patch = map(symbol, ["layers", "vocab", "context", "hidden", "patch"])
n, i = symbol("n", 0), symbol("i", 0)
DEPTHS = [symbol(f"depths[{stage}]") for stage in range(4)]

GPT2_PARAMS = layers * (12 * d**2 + 13 * d) + context * d + vocab * d + 2 * d
GPT2_SAVED = 4 * B * S * layers * (3 * S * heads + 10 * d + 5 * hidden + 4) + 4 * S * (3 * B * d + 2 * B + 2)


def resnet50_saved() -> Dim:
    h = {k: ceildiv(H, k) * ceildiv(W, k) for k in (2, 4, 8, 16, 32)}
    counted = [2**stage * DEPTHS[stage] * h[4 * 2**stage] for stage in range(4)]
    once = 2 * h[2] + 11 * h[4] + 12 * h[8] + 24 * h[16] + 16 * h[32]
    norms = sum(2**stage * DEPTHS[stage] for stage in range(4))
    return 48 * B * w * sum(counted) + 4 * B * w * once + 128 * B * w + 48 * w * norms + 488 * w


def test_gpt2_parameters() -> None:
    assert to_text(GPT2_PARAMS, ["layers"], ["vocab"]) == "layers*d*(12*d + 13) + d*(vocab + context + 2)"


def test_gpt2_saved() -> None:
    shown = "4*layers*B*S*(3*S*heads + 10*d + 5*hidden + 4) + 4*S*(3*B*d + 2*B + 2)"
    assert to_text(GPT2_SAVED, ["layers"]) == shown


def test_resnet50_saved() -> None:
    formula = Formula(resnet50_saved(), [f"depths[{stage}]" for stage in range(4)])
    shown, _, where = formula.text.partition(", where ")
    assert shown == (
        "48*depths[0]*w*(B*h4 + 1) + 96*depths[1]*w*(B*h8 + 1) + 192*depths[2]*w*(B*h16 + 1)"
        " + 384*depths[3]*w*(B*h32 + 1) + 4*w*(B*(2*h2 + 11*h4 + 12*h8 + 24*h16 + 16*h32 + 32) + 122)"
    )
    assert where.split(", ") == [f"h{k} = ⌈H/{k}⌉*⌈W/{k}⌉" for k in (2, 4, 8, 16, 32)]


@pytest.mark.parametrize(
    ("dim", "shown"),
    [
        (0, "0"),
        (-7, "-7"),
        (-H, "-H"),
        (1 - H, "1 - H"),
        (H - 1, "H - 1"),
        (12 * d**2, "12*d**2"),
        (divide(d, heads), "d/heads"),
        (B * S * divide(d, heads) + B * d, "B*d*(S/heads + 1)"),
        (divide(d, heads * patch), "d/(heads*patch)"),
        (d * (H + 1) * (W + 1) + 3, "d*(H + 1)*(W + 1) + 3"),
        ((H - 1) * (W - 1), "(H - 1)*(W - 1)"),
        (floordiv(H, 2), "⌊H/2⌋"),
        (ceildiv(H, 32), "⌈H/32⌉"),
        (ceildiv(ceildiv(H, 2), 2), "⌈H/4⌉"),
        (floordiv(H - 1, 2) + 1, "⌈H/2⌉"),
        (3 * ceildiv(H, W) + d - 5, "d + 3*⌈H/W⌉ - 5"),
        (floordiv(H - 1, W), "⌊(H - 1)/W⌋"),
        (floordiv(H + W, 3 * d), "⌊(H + W)/(3*d)⌋"),
        (5 * power(6, 2 * i + 1), "30*36**i"),
        (floordiv(H, power(2, i)), "⌊H/2**i⌋"),
        (sum_over(i, "i", 0, n), "n*(n - 1)/2"),
        (sum_over(i**2 * power(4, i), "i", 0, n), "(4**n*(9*n**2 - 24*n + 20) - 20)/27"),
        (sum_over(d * floordiv(H, power(2, i)), "i", 0, n), "d*Σ(⌊H/2**i⌋, i = 0…n - 1)"),
        (2 * maximum([S, H]) - minimum([d, W]) ** 2, "2*max(H, S) - min(W, d)**2"),
        (d + log2(H), "d + log2(H)"),
        (divide(d, W + 1) + 3, "d/(W + 1) + 3"),
    ],
)
def test_texts(dim: Dim, shown: str) -> None:
    assert to_text(dim) == shown


@pytest.mark.parametrize(
    ("dim", "shown"),
    [
        (
            GPT2_PARAMS,
            r"d \, \left(\mathrm{layers} \, \left(12 \, d + 13\right) + \mathrm{context} + \mathrm{vocab} + 2\right)",
        ),
        (3 * DEPTHS[1], r"3 \, \mathrm{depths}_{1}"),
        (symbol("bytes_act") * B, r"B \, \mathrm{bytes\_act}"),
        (ceildiv(H, 4), r"\left\lceil \frac{H}{4}\right\rceil"),
        (5 * power(6, 2 * i + 1), r"30 \cdot 36^{i}"),
        (1 - H, "1 - H"),
        (
            sum_over(floordiv(H, power(2, i)), "i", 0, n),
            r"\sum_{i=0}^{n - 1} \left\lfloor \frac{H}{2^{i}}\right\rfloor",
        ),
        (maximum([S, H]), r"\max\left(H, S\right)"),
    ],
)
def test_latex(dim: Dim, shown: str) -> None:
    assert latex(tidy(dim)) == shown


def test_mathml_of_a_fraction_and_a_subscript() -> None:
    assert mathml(tidy(divide(symbol("depths[1]"), heads))) == (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mrow><mfrac>'
        "<mrow><msub><mi>depths</mi><mn>1</mn></msub></mrow><mrow><mi>heads</mi></mrow></mfrac></mrow></math>"
    )


def test_names_of_the_spec_are_used_where_they_are_shorter() -> None:
    tokens = divide(H * W, patch**2) + 1
    dim = layers * (3 * B * tokens**2 + 4 * B * d * tokens) + d * tokens + d**2
    formula = Formula(dim, ["layers"], named={"S": tokens, "unused": T * H})
    assert formula.text == "layers*B*S*(3*S + 4*d) + d*(S + d), where S = H*W/patch**2 + 1"


def test_new_names_do_not_clash() -> None:
    h4 = symbol("h4")
    dim = ceildiv(H, 4) * ceildiv(W, 4) * (B + d * h4) + h4
    short, where = abbreviate([dim], taken=["t4"])
    assert [name for name, _ in where] == ["u4"]
    assert to_text(short[0]) == "u4*(d*h4 + B) + h4"


def test_formulas_shown_together_share_names() -> None:
    area = ceildiv(H, 4) * ceildiv(W, 4)
    short, where = abbreviate([B * area, d * area, d])
    assert [to_text(dim) for dim in short] == ["B*h4", "d*h4", "d"]
    assert [(name, to_text(dim)) for name, dim in where] == [("h4", "⌈H/4⌉*⌈W/4⌉")]


def test_json() -> None:
    assert Formula(B * ceildiv(DEPTHS[1], 4)).to_json() == {
        "text": "B*⌈depths[1]/4⌉",
        "latex": r"B \, \left\lceil \frac{\mathrm{depths}_{1}}{4}\right\rceil",
        "python": "B*(-(-depths_1 // 4))",
        "symbols": ["B", "depths[1]"],
        "where": {},
    }


def test_sympy_symbols_are_the_same_at_every_call() -> None:
    assert sympy_symbol("d") == sympy_symbol("d") == to_sympy(d)
    assert sympy_symbol("d").is_positive
    assert sympy_symbol("d").is_integer
    assert sympy_symbol("n", 0).is_nonnegative
    assert not sympy_symbol("n", 0).is_positive
    assert sympy_symbol("z", None).is_positive is None


def test_sympy_form_keeps_the_grouping_and_computes() -> None:
    formula = to_sympy(GPT2_PARAMS, ["layers"])
    assert str(formula) == "d*layers*(12*d + 13) + d*(context + vocab + 2)"
    at = {"d": 768, "layers": 12, "vocab": 50257, "context": 1024}
    assert formula.subs({sympy_symbol(name): number for name, number in at.items()}) == 124_439_808
    names = [sympy_symbol(name) for name in at]
    assert sympy.lambdify(names, formula)(*at.values()) == 124_439_808
    assert sympy.latex(formula).startswith("d ")


def test_callable_is_exact_beyond_64_bits() -> None:
    function = to_callable(GPT2_PARAMS, ["layers", "d", "vocab", "context"])
    assert function(12, 768, 50257, 1024) == 124_439_808
    assert function(10**20, 10**20, 1, 1) > 10**60
    with pytest.raises(TypeError):
        function(1, 2)


def test_names_are_used_inside_a_maximum() -> None:
    area = ceildiv(H, 4) * ceildiv(W, 4)
    formula = Formula(maximum([B * area, d * area + 3]))
    assert formula.text == "max(B*h4, d*h4 + 3), where h4 = ⌈H/4⌉*⌈W/4⌉"


def test_fractions_are_taken_out_only_where_that_is_shorter() -> None:
    cells = B * H * W
    dim = d * (43 * cells + 32) + w * (divide(43 * cells, 4) + 32) + heads * (divide(43 * cells, 64) + 32)
    assert to_text(dim, ["d", "w", "heads"]) == "d*(43*B*H*W + 32) + w*(43*B*H*W/4 + 32) + heads*(43*B*H*W/64 + 32)"


def test_python_text_multiplies_out_fractions_that_are_not_whole() -> None:
    share = divide(d, heads)
    assert Formula(share).python == "d // heads"
    assert Formula(share * (share + d)).python == "(d**2*heads + d**2)//(heads**2)"


def test_floors_less_something_are_floors() -> None:
    h, w = floordiv(H + 1, 4) - 1, floordiv(W + 1, 4) - 1
    formula = Formula(B * (d * h * w + T * (3 * h * w + 36)))
    assert formula.text == "B*(h4*(3*T + d) + 36*T), where h4 = ⌊(H - 3)/4⌋*⌊(W - 3)/4⌋"


@pytest.mark.parametrize(
    ("dim", "shown"),
    [
        (3 * (H - 2) * (W - 2) + 5, "3*(H - 2)*(W - 2) + 5"),
        ((H + 2 * d - 2) ** 2 * B + T * B, "B*((H + 2*d - 2)**2 + T)"),
        (d**2 + 2 * d, "d*(d + 2)"),
        ((d + 1) ** 2, "(d + 1)**2"),
    ],
)
def test_products_of_sums_are_found_beside_other_terms(dim: Dim, shown: str) -> None:
    assert to_text(dim) == shown


@pytest.mark.parametrize(
    ("dim", "shown"),
    [
        (maximum([4 * B * d * H, 8 * B * T, 4 * B * W]), "4*B*max(H*d, W, 2*T)"),
        (maximum([2 * H, H + W, 2 * W]), "2*max(H, W)"),
        (maximum([H, H * W - 2 * W]), "max(H, W*(H - 2))"),
        (minimum([2 * H, H + W, 2 * W]), "2*min(H, W)"),
        (minimum([d, divide(d * H, heads)]), "min(H*d/heads, d)"),
        (maximum([48 * d, 16 * d * (T + 1), 4 * d * (T + 8)]), "16*d*max(T + 1, 3)"),
    ],
)
def test_extrema_are_short(dim: Dim, shown: str) -> None:
    assert to_text(dim) == shown


def test_sums_that_recur_in_long_formulas_get_names() -> None:
    stem, growth, bottleneck, classes = map(symbol, ["stem", "growth", "bottleneck", "classes"])
    total: Dim = 0
    channels: Dim = stem
    for depth in DEPTHS:
        inner = bottleneck * growth
        total = total + sum_over((channels + growth * i) * (inner + 2) + 9 * inner * growth + 2 * inner, "i", 0, depth)
        channels = divide(channels + growth * depth, 2)
        total = total + 4 * channels
    total = total + (channels + 1) * classes
    names = [f"depths[{stage}]" for stage in range(4)]
    short, where = abbreviate([total], counts=names)
    assert ("depths[0]*growth + stem") in [to_text(value, names) for _, value in where]
    assert len(to_text(short[0], names)) < 0.6 * len(to_text(total, names))
