"""Large texts are read in linear time; past the limits there is an error, and never a Python traceback."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from archspec.syntax import limits, tree
from tests.syntax.conftest import Parse

Errors = Callable[[str], list[str]]

LAYER = (
    "layer L%d(out, bias = true) {\n  x[*, in] -> y[*, out]\n  param weight[out, in]\n  y = x -> Linear(out) as fc\n}\n"
)


@pytest.mark.parametrize(
    "text",
    [
        "".join(LAYER % i for i in range(10_000)),
        "layer A {\n" + "".join(f"  x = x -> Linear({i}) as l{i}\n" for i in range(10_000)) + "}",
        "layer A { y = x" + " -> ReLU" * 10_000 + " }",
        "model A(sizes = [" + "1, " * 10_000 + "]) { }",
        "layer A { " + "require a, b " * 0 + "x[" + "d, " * 10_000 + "] -> y[1] }",
    ],
    ids=["layers", "statements", "stages", "elements", "axes"],
)
def test_large_texts_are_read(read: Parse, text: str) -> None:
    begin = time.process_time()
    read(text)
    assert time.process_time() - begin < 6  # a third of it on the machine this was written on


def test_a_pipe_of_ten_thousand_stages_is_one(read: Parse) -> None:
    layer = read("layer A { y = x" + " -> ReLU" * 10_000 + " }").items[0]
    assert isinstance(layer, tree.Layer)
    (assign,) = layer.body
    assert isinstance(assign, tree.Assign)
    assert isinstance(assign.value, tree.Pipe)
    assert len(assign.value.stages) == 10_000


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("layer A { y = " + "(" * 101 + "x" + ")" * 101 + "}", "too-deep"),
        ("layer A { " + "if a { " * 101 + "}" * 102, "too-deep"),
        ("layer A { " + "else ".join(["if a { } "] * 1000) + "}", "too-deep"),
        ("layer A { y = " + "-" * 1000 + "x }", "too-deep"),
        ("layer A { y = " + "not " * 1000 + "x }", "too-deep"),
        ("layer A { y = x" + " + x" * 1000 + " }", "too-deep"),
        ("layer A { y = x" + " ** x" * 1000 + " }", "too-deep"),
        ("layer A { y = x" + "()" * 1000 + " }", "too-deep"),
        ("layer A { y = x" + ".x" * 1000 + " }", "too-deep"),
        ("layer A { y = " + "9" * 101 + " }", "literal-too-large"),
        ("layer A { y = 1e401 }", "literal-too-large"),
        ("layer A { y = 1e-99999999999 }", "literal-too-large"),
        ("layer A { y = " + "n" * 101 + " }", "name-too-long"),
        ("layer A { y = [" + "1," * 10_001 + "] }", "too-many-parts"),
        ("layer A { y = (" + "1," * 10_001 + ") }", "too-many-parts"),
        ("layer A { y = f(" + "1," * 10_001 + ") }", "too-many-parts"),
        ("#" * (limits.FILE_BYTES + 1), "file-too-large"),
    ],
)
def test_past_a_limit(errors: Errors, text: str, error: str) -> None:
    assert errors(text) == [error]


@pytest.mark.parametrize(
    "text",
    [
        "layer A { y = " + "(" * 99 + "x" + ")" * 99 + "}",
        "layer A { y = x" + " + x" * 190 + " }",
        "layer A { y = " + "9" * 100 + " }",
        "layer A { y = " + "n" * 100 + " }",
    ],
)
def test_within_the_limits(errors: Errors, text: str) -> None:
    assert errors(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "@" * 10,
        "layer A {\n" + "y = 1 2 3\n" * 10000,
        '"\n' * 10000,
        "\x00" * 1000,
        "repeat ( 1\n" * 10000,
        "a " * 100000,
        "layer A {\n" + "repeat ( 1\n" * 10000,
        "layer A { y = " + "-" * 100000,
        "}" * 100000,
        "layer A(" * 10000,
    ],
)
def test_errors_are_found_in_linear_time_and_bounded(errors: Errors, text: str) -> None:
    begin = time.process_time()
    found = errors(text)
    assert 0 < len(found) <= limits.ERRORS + 1
    assert time.process_time() - begin < 3
