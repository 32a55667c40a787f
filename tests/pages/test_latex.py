"""Fragments of LaTeX: only known commands, everything that opens closes, and no line that is too long."""

import re
import shutil
import subprocess

import pytest

from archspec.formulas.markup import latex
from archspec.formulas.tree import Add, Greatest, Multiply, Number, Symbol
from archspec.pages import write_site
from archspec.pages.latex_lines import lines
from archspec.pages.latex_tables import Cell, tables
from tests.pages.reading import latex_faults

PDFLATEX = shutil.which("pdflatex")
TOO_WIDE = 5.0
"""Points that nobody sees."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("latex")
    write_site(["gpt2", "resnet50"], str(made), "latex")
    return made


@pytest.fixture(scope="module")
def fragments(folder):
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
    shown = display.split(r"\\")
    assert len(shown) > 2
    assert all(re.match(r"&(\\quad )*\{\}[+-] ", line.strip()) for line in shown[2:])


def test_a_sum_that_fits_on_no_line_is_opened():
    a, b, c = (Symbol(letter * 14) for letter in "abc")
    inner = Add((Multiply((Number(2), a)), Multiply((Number(-3), b)), c))
    shown, fits = lines(Add((Multiply((Number(4), a, inner)), Number(5))), 220)
    assert fits
    assert shown == [
        rf"4 \, {latex(a)} \, \bigl(2 \, {latex(a)}",
        rf"\quad {{}}- 3 \, {latex(b)} + {latex(c)}\bigr)",
        "{}+ 5",
    ]


def test_arguments_of_a_maximum_stand_below_each_other():
    a, b = Symbol("a" * 30), Symbol("b" * 30)
    assert lines(Greatest((a, b)), 200)[0] == [rf"\max\bigl({latex(a)},", rf"\quad {{}}{latex(b)}\bigr)"]


def test_columns_that_find_no_place_go_to_a_second_table():
    head = [Cell(letter, 30) for letter in "abc"]
    first, second = tables(head, [head], frozenset({2}))
    assert r"\begin{tabular}{ll}" in first
    assert r"\begin{tabular}{lr}" in second
    assert "a & c" in second


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


@pytest.mark.skipif(PDFLATEX is None, reason="no pdflatex here: the fragments are read, not compiled")
def test_an_article_of_all_fragments_compiles_and_nothing_sticks_out(folder):
    """As docs/generate.md says: `\\input` in an article that loads amsmath, and nothing else."""
    names = sorted(str(path.relative_to(folder).as_posix()) for path in folder.rglob("*.tex"))
    inputs = "\n".join(rf"\input{{{name}}}" for name in names)
    article = f"\\documentclass{{article}}\n\\usepackage{{amsmath}}\n\\begin{{document}}\n{inputs}\n\\end{{document}}\n"
    (folder / "article.txt").write_text(article, encoding="ascii")
    command = [
        PDFLATEX,
        "-interaction=nonstopmode",
        "-halt-on-error",
        "-no-shell-escape",
        "-jobname=article",
        "article.txt",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=300, check=False)
    log = (folder / "article.log").read_text(encoding="latin-1")
    assert done.returncode == 0, log[-3000:]
    assert (folder / "article.pdf").stat().st_size > 10_000
    wide = [line for line in re.findall(r"Overfull \\[hv]box \((.*?)pt too .*", log) if float(line) > TOO_WIDE]
    assert wide == []
