"""The static check as a whole: silent on what is right, one message for one mistake, and done in linear time."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest

from archspec.check import check_file, check_scope
from archspec.errors.diagnostic import Diagnostic, Diagnostics
from archspec.library import standard
from archspec.scope import load_text

LAYERS = 10_000


def found(text: str, files: dict[str, str] | None = None) -> list[Diagnostic]:
    """What is wrong with a text."""
    diagnostics = Diagnostics()
    check_scope(load_text(text, diagnostics, files=files), diagnostics)
    return list(diagnostics)


def kinds(text: str, files: dict[str, str] | None = None) -> list[str]:
    """The kinds of what is wrong with a text."""
    return [one.id for one in found(text, files)]


@pytest.mark.parametrize("path", sorted(standard().texts))
def test_nothing_is_wrong_with_the_library_and_the_zoo(path: str) -> None:
    diagnostics = Diagnostics()
    check_scope(standard().scope(path), diagnostics)
    assert not list(diagnostics)


def test_a_mistake_that_many_models_meet_is_reported_once() -> None:
    text = "model A(d = 8) { x[B, d] -> y[B, d] y = x -> Linear(d + 1) }\n"
    assert kinds(text + "".join(f"model a{i} = A({i})\n" for i in range(2, 6))) == ["output-mismatch"]


def test_what_the_static_check_says_deriving_does_not_say_again() -> None:
    assert kinds("model A(d = 8) { x[B, d] -> y[B, d] y = x -> Linear(d, bais = true) -> Lineer }") == [
        "unknown-argument",
        "unknown-layer",
    ]


def test_a_layer_that_no_model_uses_is_checked() -> None:
    text = "layer A { x[B, d] -> y[B, d] y = x -> Linear(d, bais = true) } model M { x[B, 4] -> y[B, 4] y = x -> ReLU }"
    assert kinds(text) == ["unknown-argument"]


def test_a_layer_by_itself_is_not_blamed_for_what_a_caller_decides() -> None:
    assert not kinds("layer A(other) { a[B, c], b[B, other] -> y[B, c] y = a + b }")
    assert not kinds("layer A(act: layer) { x[B, d] -> y[B, d] y = x -> act }")
    assert not kinds("layer A { x[*, d] -> y[*, d] y = x -> Conv2d(d, 3) }")
    assert not kinds("layer A(n) { x[B, d] -> y[B, d] y = x if n > 3 { y = y -> Linear(d) } }")


def test_a_branch_for_another_policy_is_derived_too() -> None:
    text = (
        'model M(d = 8) { x[B, d] -> y[B, d] y = x -> Linear(d)\nif policy.mode == "eval" { y = y -> Linear(2 * d) } }'
    )
    assert kinds(text) == ["output-mismatch"]


def test_a_model_that_needs_a_value_is_not_wrong() -> None:
    assert not kinds("model M(act: layer) { x[B, 4] -> y[B, 4] y = x -> act }")
    assert not kinds("model M(vocab, d) { x[B, S]: int64 -> y[B, S, d] y = x -> Embedding(vocab, d) }")


def test_a_condition_on_a_symbol_without_a_value_is_a_warning() -> None:
    (one,) = found("model M(d) { x[B, 4] -> y[B, n] y = x -> Linear(d) if d > 4 { y = y -> ReLU } }")
    assert (one.id, one.severity) == ("undecidable-condition", "warning")


def test_names_of_a_file_that_is_missing_are_not_unknown() -> None:
    assert kinds('use "blocks.arch"\nmodel M { x[B, 4] -> y[B, 4] y = x -> Block }') == ["file-not-found"]


def test_after_a_syntax_error_nothing_more_is_said() -> None:
    assert kinds("model M { x[B, 4] -> y[B, 4] y = x -> -> Lineer }") == ["unexpected-token"]


def test_a_mistake_in_a_file_that_is_used_is_shown_there() -> None:
    files = {"blocks.arch": "layer Block(n) { x[B, d] -> y[B, d] y = x -> Linear(n + 1) }"}
    (one,) = found('use "blocks.arch"\nmodel M { x[B, 4] -> y[B, 4] y = x -> Block(4) }', files)
    assert one.id == "output-mismatch"
    assert one.place is not None
    assert one.place.source.name == "blocks.arch"
    assert any(note.place is not None and note.place.source.name == "main.arch" for note in one.notes)


def test_diagnostics_are_in_the_order_of_the_text() -> None:
    places = [
        one.place.start
        for one in found("".join(f"layer A{i} {{ x[B] -> y[B] y = q{i} }}\n" for i in range(9)))
        if one.place
    ]
    assert places == sorted(places)
    assert len(places) == 9


def test_a_file_on_disk_is_checked(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.arch"
    path.write_text("model M { x[B, 4] -> y[B, 4] y = x -> Lineer }", encoding="utf-8")
    diagnostics = Diagnostics()
    check_file(str(path), diagnostics)
    assert [one.id for one in diagnostics] == ["unknown-layer"]


def one_chain(count: int) -> str:
    """A model of so many layers."""
    lines = "".join(f"  h{i + 1} = h{i} -> Linear(d) as fc{i} -> ReLU\n" for i in range(count))
    return f"model M(d = 8) {{\n  x[B, d] -> y[B, d]\n  h0 = x\n{lines}  y = h{count}\n}}\n"


def many_blocks(count: int) -> str:
    """So many layers, each used once."""
    layers = "".join(f"layer L{i}(n) {{ x[B, d] -> y[B, n] y = x -> Linear(n) as fc }}\n" for i in range(count))
    calls = "".join(f"  y = y -> L{i}(d)\n" for i in range(count))
    return f"{layers}model M(d = 8) {{\n  x[B, d] -> y[B, d]\n  y = x\n{calls}}}\n"


def many_mistakes(count: int) -> str:
    """So many layers with two mistakes each."""
    return "".join(f"layer L{i}(n) {{ x[B, d] -> y[B, n] y = x -> Lineer{i}(m{i}) }}\n" for i in range(count))


@pytest.mark.parametrize("text", [one_chain, many_blocks, many_mistakes])
def test_the_time_is_linear(text: Callable[[int], str]) -> None:
    few, many = (seconds(text(count)) for count in (LAYERS // 10, LAYERS))
    assert many < 25 * few + 1
    assert many < 30


def seconds(text: str) -> float:
    """How long the check of a text takes."""
    diagnostics = Diagnostics()
    scope = load_text(text, diagnostics)
    begin = process_time()
    check_scope(scope, diagnostics)
    return process_time() - begin
