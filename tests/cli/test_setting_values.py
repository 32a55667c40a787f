"""What `--set` takes, and how it says what it does not take."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.cli.values import BadValue, Setting, parse_setting, parse_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("B=8", 8),
        ("S=8_192", 8192),
        ("x=-1", -1),
        ("p=0.1", Fraction(1, 10)),
        ("p=1e-5", Fraction(1, 100_000)),
        ("depths=[3,4,6,3]", (3, 4, 6, 3)),
        ("stages=[[1, 10], [2, 21]]", ((1, 10), (2, 21))),
        ("bias=false", False),
        ("act=tanh", "tanh"),
        ('act="a, b] \\" c"', 'a, b] " c'),
        ("act=[relu, none]", ("relu", "none")),
        ("d = 16", 16),
        ("e=[]", ()),
        ("e=[1,]", (1,)),
        ("depths[1]=5", 5),
    ],
)
def test_takes(text: str, value: Setting) -> None:
    """Integers, reals, flags, texts and lists; white space does not matter."""
    name, found = parse_setting(text)
    assert (name, found, type(found)) == (text.partition("=")[0].strip(), value, type(value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("S=32k", "`32k` is not a number: write 32_000 or 32_768"),
        ("S=1M", "`1M` is not a number: write 1_000_000 or 1_048_576"),
        ("n=7B", "`7B` is not a number: write 7_000_000_000"),
        ("n=80GiB", "`80GiB` is not a number"),
        ("n=0x10", "`0x10` is not a number"),
        ("n=1__0", "`1__0` is not a number"),
        ("n=3.", "`3.` is not a number"),
        ("n=٣", "`٣` is not a number"),
        ("b=True", "flags are written `true`, not `True`"),
        ("B", "`B` is not NAME=VALUE, such as B=8"),
        ("=3", "`=3` is not NAME=VALUE, such as B=8"),
        ("a b=3", "`a b=3` is not NAME=VALUE, such as B=8"),
        ("B=", "`B=` has no value"),
        ("B=[1,2", "the list `[1,2` lacks a `,` or its `]`"),
        ("B=[1,,2]", "a value is missing"),
        ("B=1]", "`]` is left over after the value"),
        ('B="x', 'the text `"x` lacks its second `"`'),
        ("B=" + "[" * 200, "lists are nested more than 100 deep"),
        ("B=" + "9" * 200, "is too long: at most 100 digits"),
        ("B=1e999", "is too long"),
    ],
)
def test_refuses(text: str, message: str) -> None:
    """The message says what to write instead, where that can be guessed."""
    with pytest.raises(BadValue) as error:
        parse_setting(text)
    assert message in str(error.value)


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    """A value, or a message: nothing else."""
    with contextlib.suppress(BadValue):
        parse_value(text)


@given(
    st.recursive(
        st.integers(-(10**30), 10**30) | st.booleans(), lambda inner: st.lists(inner, max_size=4), max_leaves=9
    )
)
def test_reads_what_was_written(value: object) -> None:
    """Lists of integers and flags come back."""
    text = str(value).replace("True", "true").replace("False", "false")

    def frozen(one: object) -> object:
        return tuple(map(frozen, one)) if isinstance(one, list) else one

    assert parse_value(text) == frozen(value)
