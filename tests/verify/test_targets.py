"""What stands after `--against`, `--kwargs` and `--inputs`: read without running anything."""

from __future__ import annotations

import pytest

from archspec.verify.errors import CannotVerify
from archspec.verify.targets import find_callable, parse_inputs, parse_keywords, parse_target


def test_targets() -> None:
    target = parse_target("torch:package.module:Class.make")
    assert (target.kind, target.module, target.attribute) == ("torch", "package.module", "Class.make")
    assert parse_target("safetensors:C:\\a.safetensors").path == "C:\\a.safetensors"


@pytest.mark.parametrize("text", ["", "torch", "torch:", "torch:a", "torch:a:", "jax:a:b", "torch:a b:c", "torch:a:b("])
def test_no_targets(text: str) -> None:
    with pytest.raises(CannotVerify, match=r"is not torch:package\.module:callable"):
        parse_target(text)


def test_keywords() -> None:
    found = parse_keywords("layers=2, rate=0.5, tied=false, kind=sdpa, widths=[3, 4], name='x y', none=none")
    assert found == {
        "layers": 2, "rate": 0.5, "tied": False, "kind": "sdpa", "widths": [3, 4], "name": "x y", "none": None,
    }  # fmt: skip
    assert parse_keywords("") == {}


@pytest.mark.parametrize(
    "text", ["1", "a=", "a=f()", "a=__import__('os').system('x')", "**a", "*a", "a=1)+(2", "a=lambda: 1", "a=b.c"]
)
def test_keywords_are_values_and_nothing_else(text: str) -> None:
    with pytest.raises(CannotVerify, match="--kwargs"):
        parse_keywords(text)


def test_inputs() -> None:
    pytest.importorskip("torch")
    found = parse_inputs(["tokens=int64[B, 16] mask=float32[2,1,S,S]:0", "bool[3]"], {"B": 4, "S": 7})
    assert [(one.name, one.dtype, one.shape, one.value) for one in found] == [
        ("tokens", "int64", (4, 16), None),
        ("mask", "float32", (2, 1, 7, 7), 0),
        ("input_2", "bool", (3,), None),
    ]


@pytest.mark.parametrize("text", ["tokens", "x=int63[2]", "x=int64[C]", "x=int64[2", "x=int64[2]y"])
def test_wrong_inputs(text: str) -> None:
    pytest.importorskip("torch")
    with pytest.raises(CannotVerify, match="--inputs"):
        parse_inputs([text], {"B": 4})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("torch:no_such_module_at_all:f", "cannot be imported"),
        ("torch:json:no_such", "has no `no_such`"),
        ("torch:json:__name__", "is not a function or class"),
    ],
)
def test_what_cannot_be_called(text: str, words: str) -> None:
    with pytest.raises(CannotVerify, match=words):
        find_callable(parse_target(text))
