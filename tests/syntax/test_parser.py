"""What the parser makes of a text: the records, their values and their places."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from archspec.syntax import tree
from archspec.syntax.record import Record
from tests.syntax.conftest import DATA, Parse
from tests.syntax.dump import dump


def nodes(value: object) -> Iterator[tree.Node]:
    """All nodes in a value, the outer first."""
    if isinstance(value, tree.Node):
        yield value
    if isinstance(value, Record):
        for field in vars(value).values():
            yield from nodes(field)
    if isinstance(value, tuple):
        for item in value:
            yield from nodes(item)


def expression(read: Parse, text: str) -> tree.Expression:
    """The expression that a text means."""
    layer = read(f"layer A {{ y = {text} }}").items[0]
    assert isinstance(layer, tree.Layer)
    assign = layer.body[0]
    assert isinstance(assign, tree.Assign)
    return assign.value


def test_every_construct(read: Parse) -> None:
    text = (DATA / "everything.arch").read_text(encoding="utf-8")
    golden = DATA / "everything.tree"
    assert dump(read(text)) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(DATA.glob("*.arch")), ids=lambda path: path.stem)
def test_places(path: Path, read: Parse) -> None:
    text = path.read_text(encoding="utf-8")
    file = read(text)
    for node in nodes(file.items):
        written = text[node.start : node.end]
        assert written == written.strip()
        assert written or isinstance(node, tree.File)
        for field in vars(node).values():
            for child in nodes(field):
                assert node.start <= child.start <= child.end <= node.end
        match node:
            case tree.Name(name=name) | tree.Number(text=name):
                assert written == name
            case tree.Attribute(name=name) | tree.Path(names=(*_, name)):
                assert written.endswith(name)
            case tree.Layer() | tree.Variant():
                assert text[node.name_start : node.name_end] == node.name
            case tree.Call():
                assert written.endswith(")")
            case tree.Use():
                assert written.startswith("use")
    for comment in file.comments:
        assert text[comment.start : comment.end] == comment.text


@pytest.mark.parametrize(
    ("loose", "tight"),
    [
        ("a + b -> C", "(a + b) -> C"),
        ("a or b and not c == d", "a or (b and (not (c == d)))"),
        ("a + b * c - d", "(a + (b * c)) - d"),
        ("a * b / c // d % e", "(((a * b) / c) // d) % e"),
        ("-a ** b", "-(a ** b)"),
        ("a ** -b ** c", "a ** (-(b ** c))"),
        ("-a * b", "(-a) * b"),
        ("a.b(c)[d].e", "(((a.b)(c))[d]).e"),
        ("a < b + 1", "a < (b + 1)"),
    ],
)
def test_precedence(read: Parse, loose: str, tight: str) -> None:
    assert dump(expression(read, loose)) == dump(expression(read, tight))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("0", 0, ""),
        ("124_439_808", 124_439_808, ""),
        ("0.1", Fraction(1, 10), ""),
        ("1.0", Fraction(1), ""),
        ("1e-5", Fraction(1, 100_000), ""),
        ("2E3", Fraction(2000), ""),
        ("80GiB", 80 * 2**30, "GiB"),
        ("250MB", 250_000_000, "MB"),
        ("1.5KiB", 1536, "KiB"),
        ("7B", 7, "B"),
        ("1e3kB", 1_000_000, "kB"),
        ("9" * 100, int("9" * 100), ""),
    ],
)
def test_numbers(read: Parse, text: str, value: int | Fraction, unit: str) -> None:
    number = expression(read, text)
    assert isinstance(number, tree.Number)
    assert (number.value, type(number.value), number.unit, number.text) == (value, type(value), unit, text)


def test_texts(read: Parse) -> None:
    text = expression(read, r'"a \"b\" \\ \n c"')
    assert isinstance(text, tree.Text)
    assert text.value == 'a "b" \\ \n c'
    assert expression(read, '""') == tree.Text(14, 16, "")


def test_a_pipe_is_flat(read: Parse) -> None:
    pipe = expression(read, "x -> A -> B(1) as b -> C")
    assert isinstance(pipe, tree.Pipe)
    assert [stage.name for stage in pipe.stages] == [None, "b", None]


def test_a_name_in_parentheses_is_a_name(read: Parse) -> None:
    assert expression(read, "((x))") == tree.Name(16, 17, "x")


def test_else_if_is_nested(read: Parse) -> None:
    layer = read("layer A { if a { } else if b { } else { y = x } }").items[0]
    assert isinstance(layer, tree.Layer)
    outer = layer.body[0]
    assert isinstance(outer, tree.If)
    (inner,) = outer.other
    assert isinstance(inner, tree.If)
    assert len(inner.other) == 1


def test_docs_lose_their_indentation(read: Parse) -> None:
    file = read('"""One.\n\n   Two\n     three  \n   """\nlayer A { """ x """ }')
    assert file.doc == "One.\n\nTwo\n  three"
    layer = file.items[0]
    assert isinstance(layer, tree.Layer)
    assert layer.doc == "x"


@pytest.mark.parametrize(
    "keyword", ["save", "view", "cache", "param", "tie", "where", "each", "repeat", "flops", "torch"]
)
def test_a_keyword_may_be_a_name(read: Parse, keyword: str) -> None:
    layer = read(f"layer A({keyword}) {{ {keyword} = {keyword} {keyword}, b = {keyword} * ({keyword}) }}").items[0]
    assert isinstance(layer, tree.Layer)
    assert [[target.name for target in s.targets] for s in layer.body if isinstance(s, tree.Assign)] == [
        [keyword],
        [keyword, "b"],
    ]


def test_line_ends_and_byte_order_mark(read: Parse) -> None:
    text = (DATA / "gpt2.arch").read_text(encoding="utf-8")
    plain, marked, windows = read(text), read("\ufeff" + text), read(text.replace("\n", "\r\n"))
    assert dump(plain) == dump(marked)
    assert dump(plain) == dump(windows)


def test_an_empty_file(read: Parse) -> None:
    assert read("").items == ()
    assert read('# only this\n"""and this"""').doc == "and this"
