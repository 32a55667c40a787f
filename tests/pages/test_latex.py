"""Fragments of LaTeX: only known commands, everything that opens closes, and no line that is too long."""

import pytest

from archspec.pages import write_site
from tests.pages.reading import latex_faults


@pytest.fixture(scope="module")
def fragments(tmp_path_factory):
    folder = tmp_path_factory.mktemp("latex")
    write_site(["gpt2", "resnet50"], str(folder), "latex")
    return {path.stem: path.read_text(encoding="ascii") for path in folder.rglob("*.tex")}


def test_every_fragment_is_whole(fragments):
    assert {name: latex_faults(text) for name, text in fragments.items() if latex_faults(text)} == {}
    assert len(fragments) > 30


def test_a_formula_is_a_display_with_its_abbreviations(fragments):
    text = fragments["GPT2"]
    assert r"\text{params} ={}& \mathrm{layers} \, d \, \left(12 \, d + 13\right)" in text
    assert r"h_{4} = \left\lceil \frac{H}{4}\right\rceil" in fragments["ResNet"]


def test_long_sums_are_broken_between_terms(fragments):
    start = fragments["ResNet"].index(r"\text{activations.saved}")
    display = fragments["ResNet"][start:].partition(r"\end{align*}")[0]
    lines = display.split(r"\\")
    assert len(lines) > 2
    assert all(line.strip().startswith("&{}") for line in lines[1:])


def test_a_heading_without_anything_below_it_is_left_out(fragments):
    assert r"\subsection{Parameters by part}" not in fragments["GPT2"]
    assert r"\subsection{Layers}" in fragments["GPT2"]


@pytest.mark.parametrize(
    "wrong",
    [
        r"\input{x}", "{", "}", "a_b", "50%", r"\begin{center}", r"\end{center}", r"\begin{verbatim}\end{verbatim}",
        "a $x", r"\left( x", "é", "a & b",
    ],
)  # fmt: skip
def test_the_check_sees_what_is_wrong(wrong):
    assert latex_faults(wrong)
