"""No text whatever ends in a Python traceback."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.check import check
from tests.fuzz.mutate import TEXTS, mutated

WORDS = st.sampled_from(
    [
        "layer",
        "model",
        "test",
        "use",
        "external",
        "A",
        "x",
        "y",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "=",
        "->",
        ",",
        ":",
        ".",
        "+",
        "-",
        "*",
        "/",
        "//",
        "**",
        "%",
        "==",
        "<",
        "not",
        "and",
        "or",
        "if",
        "else",
        '"t"',
        '"""',
        "1",
        "0.5",
        "80GiB",
        "repeat",
        "each",
        "in",
        "as",
        "at",
        "where",
        "require",
        "param",
        "save",
        "for",
        "when",
        "view",
        "flops",
        "torch",
        "keras",
        "none",
        "cache",
        "tie",
        "true",
        "#",
        "\n",
    ]
)


@settings(max_examples=300, deadline=2000)
@given(st.integers(0, 2**32))
def test_broken_texts(seed: int) -> None:
    check(mutated(random.Random(seed)))


@settings(max_examples=100, deadline=2000)
@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_words_in_any_order(text: str) -> None:
    check(text)


@settings(max_examples=100, deadline=2000)
@given(st.text(max_size=200))
def test_any_characters(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", TEXTS)
def test_good_texts_have_no_errors(text: str) -> None:
    assert check(text) == 0


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_one_missing_token_gives_few_errors(text: str) -> None:
    """An error is said once: leaving out one token seldom leads to more than two messages."""
    choose = random.Random(1)
    pieces = text.split(" ")
    counts: list[int] = []
    for _ in range(60):
        at = choose.randrange(len(pieces))
        counts.append(check(" ".join(pieces[:at] + pieces[at + 1 :])))
    assert sum(count > 2 for count in counts) <= 3, counts
