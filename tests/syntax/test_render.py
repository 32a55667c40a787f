"""Messages as text and as JSON."""

from __future__ import annotations

import json

import pytest

from archspec.errors.diagnostic import Diagnostic, Note
from archspec.errors.render import render_json, render_text
from archspec.errors.suggest import did_you_mean, nearest
from archspec.syntax.source import Place, Source


def shown(text: str, start: int, end: int) -> list[str]:
    """The lines below the place."""
    diagnostic = Diagnostic("a-kind", "error", "what is wrong", Place(Source("a.arch", text), start, end))
    return render_text(diagnostic).split("\n")[2:]


def test_all_parts() -> None:
    source = Source("gpt2.arch", "\n" * 9 + "y = x -> LayerNorm(1024)\n" + "\n" * 90 + "other")
    diagnostic = Diagnostic(
        "shape-mismatch",
        "error",
        "`LayerNorm` got 1024 channels, its input has 768",
        Place(source, 18, 27),
        (Note("declared here", Place(source, 124, 129)), Note("and nowhere else")),
        "leave it out",
    )
    assert render_text(diagnostic) == (
        "error[shape-mismatch]: `LayerNorm` got 1024 channels, its input has 768\n"
        "   --> gpt2.arch:10:10\n"
        "    |\n"
        " 10 | y = x -> LayerNorm(1024)\n"
        "    |          ^^^^^^^^^\n"
        "note: declared here\n"
        "   --> gpt2.arch:101:1\n"
        "    |\n"
        "101 | other\n"
        "    | ^^^^^\n"
        "note: and nowhere else\n"
        "help: leave it out"
    )


def test_without_a_place() -> None:
    assert render_text(Diagnostic("a", "warning", "b", None)) == "warning[a]: b"


@pytest.mark.parametrize(
    ("text", "start", "end", "line", "carets"),
    [
        ("abc", 1, 2, "abc", " ^"),
        ("abc", 3, 3, "abc", "   ^"),
        ("", 0, 0, "", "^"),
        ("a\tb", 2, 3, "a    b", "     ^"),
        ("日本 b", 3, 4, "日本 b", "     ^"),
        ("日本", 1, 2, "日本", "  ^^"),
        ("e\u0301 b", 3, 4, "e\u0301 b", "  ^"),
        ("a\r\nb", 0, 1, "a", "^"),
        ("a\0b", 2, 3, "a\N{REPLACEMENT CHARACTER}b", "  ^"),
        ("ab\ncd", 1, 5, "ab", " ^"),
    ],
)
def test_carets_stand_below_what_they_mean(text: str, start: int, end: int, line: str, carets: str) -> None:
    assert shown(text, start, end) == ["  |", f"1 | {line}".rstrip(), f"  | {carets}"]


@pytest.mark.parametrize(("start", "end"), [(0, 5), (500, 510), (995, 1000), (0, 1000), (400, 900)])
def test_long_lines_are_cut_around_the_carets(start: int, end: int) -> None:
    text = "".join(chr(97 + i % 26) for i in range(1000))
    _, line, carets = shown(text, start, end)
    assert len(line) < 120
    first = len(carets) - len(carets.lstrip(" |"))
    marked = line[first : len(carets)]
    assert text[start:end].startswith(marked)
    assert marked


def test_colours_change_nothing_else() -> None:
    source = Source("a.arch", "abc")
    diagnostic = Diagnostic("a", "error", "b", Place(source, 0, 1), (Note("c", Place(source, 1, 2)),), "d")
    coloured = render_text(diagnostic, colour=True)
    assert "\033[1;31merror[a]\033[0m" in coloured
    plain = coloured
    for code in ("0", "1", "1;31", "1;36", "1;32", "34"):
        plain = plain.replace(f"\033[{code}m", "")
    assert plain == render_text(diagnostic)


def test_json() -> None:
    source = Source("a.arch", "ab\ncd")
    diagnostic = Diagnostic("a", "error", "b", Place(source, 1, 4), (Note("c"),), "d")
    assert json.loads(json.dumps(render_json(diagnostic))) == {
        "id": "a",
        "severity": "error",
        "message": "b",
        "place": {"file": "a.arch", "line": 1, "column": 2, "end_line": 2, "end_column": 2},
        "notes": [{"message": "c", "place": None}],
        "fix": "d",
    }
    assert render_json(Diagnostic("a", "error", "b", None))["place"] is None


@pytest.mark.parametrize(
    ("word", "found"),
    [("Liner", "Linear"), ("linear", "Linear"), ("LayrNorm", "LayerNorm"), ("xyz", None), ("", None)],
)
def test_suggestions(word: str, found: str | None) -> None:
    known = ["Linear", "LayerNorm", "Conv2d"]
    assert nearest(word, known) == found
    assert did_you_mean(word, known) == (f"did you mean `{found}`?" if found else None)
