"""The canonical form: it says the same, it stays as it is, and it is what specs look like already."""

from __future__ import annotations

import contextlib
import random
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.printing import format_text
from archspec.syntax.parser import parse
from archspec.syntax.source import Source
from archspec.syntax.tree import File
from tests.docs.snippets import PAGES, blocks
from tests.engine.random_programs import programs
from tests.fuzz.mutate import mutated
from tests.printing.scatter import scattered
from tests.syntax.dump import dump

ROOT = Path(__file__).parent.parent.parent
DATA = Path(__file__).parent / "data"
SPECS = sorted((ROOT / "specs").rglob("*.arch"))
FILES = [*SPECS, *sorted((ROOT / "tests" / "syntax" / "data").glob("*.arch"))]


def tree(text: str) -> str:
    """The tree of a text without places, with its comments: written down by what the parser's tests use."""
    diagnostics = Diagnostics()
    file = parse(Source("<text>", text), diagnostics)
    assert not diagnostics.found
    comments = [comment.text.rstrip() for comment in file.comments]
    whole = dump(File(0, 0, file.source, file.doc, file.items, ()))
    return re.sub(r"start=\d+, end=\d+", "", whole) + "\n".join(comments)


def formatted(text: str) -> str:
    """The canonical form, which must say the same, have the same form itself, and have no blank ends of lines."""
    printed = format_text(text)
    assert tree(printed) == tree(text)
    assert format_text(printed) == printed
    assert not [line for line in printed.replace("\r\n", "\n").split("\n") if line != line.rstrip()]
    return printed


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_files(path: Path) -> None:
    """Every spec, and every text of the parser's tests: the same tree and comments; no code beyond 120 columns."""
    lines = formatted(text_of(path)).split("\n")
    wide = [line for line in lines if len(line) > 120 and '"""' not in line and "#" not in line]
    assert not [line for line in wide if not line.startswith("test ")], path


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_specs_are_as_printed(path: Path) -> None:
    """The library and the zoo are in their canonical form."""
    assert format_text(text_of(path)) == text_of(path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_documentation_is_as_printed(page: Path) -> None:
    """So is every spec in the documentation that has a form, but for the one that shows what formatting does."""
    for block in blocks(page):
        if block.language == "arch" and not block.text.startswith("# untidy.arch"):
            with contextlib.suppress(SpecError):
                assert format_text(block.text) == block.text


def test_golden() -> None:
    """Every construct of the grammar, written badly and well."""
    assert formatted(text_of(DATA / "untidy.arch")) == text_of(DATA / "tidy.arch")


@given(st.integers(0, 10**9), st.sampled_from((0, 0.02, 0.2, 1.0)), st.sampled_from((0, 0.02, 0.1, 0.5)))
@settings(max_examples=25, deadline=None)
def test_any_white_space_and_comments(seed: int, comments: float, breaks: float) -> None:
    """Blanks, line breaks and comments between any two tokens: the comments come out in the same order."""
    choose = random.Random(seed)
    path = choose.choice([path for path in FILES if len(text_of(path)) < 6000])
    formatted(scattered(text_of(path), choose, comments, breaks))


@given(programs(), st.integers(0, 10**9))
@settings(max_examples=15, deadline=None)
def test_programs(text: str, seed: int) -> None:
    """Random programs; and on one line, where blanks are does not matter to the form, but for those around products."""
    once = formatted(text)
    blanks = formatted(scattered(once, random.Random(seed), comments=0, breaks=0))
    assert blanks.replace(" ", "") == formatted(" ".join(once.split())).replace(" ", "")


@given(st.integers(0, 10**9))
@settings(max_examples=100, deadline=None)
def test_broken_texts(seed: int) -> None:
    """A text with mistakes has errors, or a form."""
    text = mutated(random.Random(seed))
    try:
        format_text(text)
    except SpecError:
        return
    formatted(text)


EXPRESSIONS = st.recursive(
    st.sampled_from(("a", "b", "when", "0.5", "12_000", "4GiB", '"t\\"x"', "true", "[1, 2]", "policy.mode", "f()")),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(("+", "-", "*", "/", "//", "%", "**", "and", "or", "==", "<"))).flatmap(
            lambda left: inner.map(lambda right: f"({left[0]}) {left[1]} ({right})")
        ),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"-({one})"),
        inner.map(lambda one: f"not ({one})"),
        inner.map(lambda one: f"({one})[0]"),
        inner.map(lambda one: f"({one})[({one}):]"),
        inner.map(lambda one: f"f(({one}), k = ({one}))"),
        st.tuples(inner, inner).map(lambda two: f"(({two[0]}), ({two[1]}))"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} -> L({two[1]}) as k -> M)"),
        st.tuples(inner, inner).map(lambda two: f"(({two[0]}) if ({two[1]}) else ({two[0]}))"),
    ),
    max_leaves=8,
)


@given(EXPRESSIONS)
@settings(max_examples=150, deadline=None)
def test_parentheses(expression: str) -> None:
    """Expressions in many parentheses: some go, none that carry meaning."""
    text = f"layer A {{ y = ({expression})  where n = (({expression}))  flops ({expression}) when ({expression}) }}"
    printed = formatted(text)
    assert printed.count("(") < text.count("(")


def test_parentheses_that_go() -> None:
    """Those around a whole, an atom or what binds tighter than its place asks for; not those that tell operands."""
    said = {
        "(a)": "a",
        "((a + b))": "a + b",
        "(a) * (b)": "a * b",
        "(a + b) * c": "(a + b) * c",
        "a + (b * c)": "a + (b * c)",
        "-(a)": "-a",
        "not (a == b)": "not (a == b)",
        "(a -> L)": "a -> L",
        "f((a), k = (b + c))": "f(a, k = b + c)",
        "((a), (b))": "(a, b)",
        "(a,b,)": "(a, b)",
        "a + (b -> L)": "a + (b -> L)",
    }
    for written, printed in said.items():
        assert formatted(f"layer A {{\n  y = {written}\n}}") == f"layer A {{\n  y = {printed}\n}}\n"


def test_spaces_of_products() -> None:
    """Spaces around products stay, on both sides or none, for they group; those around sums are decided."""
    assert formatted("layer A{y=2 *B*S+n//2}") == "layer A { y = 2 * B*S + n//2 }\n"


def test_line_ends() -> None:
    """Those of the first line come out; a byte-order mark does not."""
    text = '\ufeff"""One\r\ntwo."""\r\nuse  "a.arch" # b\r\n'
    assert format_text(text) == '"""One\r\ntwo."""\r\n\r\nuse "a.arch"    # b\r\n'
    assert format_text('use "a.arch"\nuse "b.arch"\r\n') == 'use "a.arch"\nuse "b.arch"\n'
    assert format_text("") == ""
    assert format_text("# only a comment") == "# only a comment\n"


def test_long_and_deep() -> None:
    """What is at the limits of the language takes a moment, not minutes."""
    numbers = ",".join(map(str, range(10_000)))
    lines = formatted(f"layer A(l = [{numbers}]) {{ y = f([{numbers}]) }}").split("\n")
    assert max(map(len, lines)) <= 120
    deep = "if a { " * 90 + "y = x" + " }" * 90
    assert formatted(f"layer A {{ {deep} }}").count("\n") > 90


def test_syntax_errors() -> None:
    """All of them come out, and no form."""
    with pytest.raises(SpecError) as caught:
        format_text("layer A { y = }\nlayer B { z = }\n", "wrong.arch")
    assert len(caught.value.diagnostics) == 2
