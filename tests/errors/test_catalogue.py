"""The catalogue and the Markdown suites belong together: every kind of error is shown in one of them."""

from __future__ import annotations

import re
import string

import pytest

from archspec.check import check_file, check_scope
from archspec.errors.catalogue import CATALOGUE
from archspec.errors.diagnostic import Diagnostics
from archspec.scope import load_file, load_text
from archspec.syntax.limits import FILE_BYTES
from tests.errors.markdown import FOLDER

ELSEWHERE = {
    "file-too-large": "a file of four megabytes: `test_files_that_cannot_be_read`",
    "file-unreadable": "needs a file system: `test_files_that_cannot_be_read`",
    "not-utf8": "its text cannot stand in Markdown: `test_files_that_cannot_be_read`",
    "too-many-parts": "a list of ten thousand entries: `test_long_lists`",
    "format-unknown": "asked for beside a spec: tests/formats/test_catalogue.py",
    "format-option": "the same",
    "format-value": "the same",
    "format-does-not-fit": "the same",
    "needs-optimizer": "asked for beside a spec: tests/training/test_plan_errors.py",
    "shard-mismatch": "the same",
    "file-needs-numbers": "the same",
    "not-a-recipe": "the same",
    **dict.fromkeys(
        (
            "any-fits",
            "asked-and-given",
            "does-not-grow",
            "needs-budget",
            "needs-values",
            "no-value",
            "not-a-number",
            "not-bytes",
            "nothing-fits",
        ),
        "questions about a budget: tests/solve/test_bad_questions.py",
    ),
    **dict.fromkeys(
        ("needs-matplotlib", "no-moments", "nothing-to-plot", "wrong-range"),
        "questions about a picture: tests/plot/test_pictures.py",
    ),
    "too-many-errors": "more than a hundred errors: `test_very_many_errors`",
}
"""The kinds that no Markdown file shows, with the reason and the test that meets them."""

_SHOWN = re.compile(r"^(?:error|warning)\[([\w-]+)\]", re.MULTILINE)


def shown() -> set[str]:
    """The kinds that the Markdown suites show."""
    return {kind for path in FOLDER.glob("*.md") for kind in _SHOWN.findall(path.read_text(encoding="utf-8"))}


def test_every_kind_is_shown_or_has_a_reason() -> None:
    here = {kind for kind in CATALOGUE if not kind.startswith("export-")}  # what cannot be exported: tests of exporters
    assert here - shown() == set(ELSEWHERE)


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.id)
def test_messages_read_well(kind) -> None:  # type: ignore[no-untyped-def]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.id)
    assert not kind.message.endswith(".")
    assert kind.message[0] in "`{" or not kind.message[0].isupper()
    assert kind.explanation.endswith(".")
    assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(kind.message))


def test_files_that_cannot_be_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "latin.arch").write_bytes(b'layer A { "caf\xe9" }')
    (tmp_path / "large.arch").write_bytes(b" " * (FILE_BYTES + 1))
    (tmp_path / "folder.arch").mkdir()
    found = {}
    for name in ("latin", "large", "folder", "missing"):
        diagnostics = Diagnostics()
        assert load_file(str(tmp_path / f"{name}.arch"), diagnostics) is None
        check_file(str(tmp_path / f"{name}.arch"), diagnostics)
        (found[name],) = {one.id for one in diagnostics}
    assert found == {
        "latin": "not-utf8",
        "large": "file-too-large",
        "folder": "file-unreadable",
        "missing": "file-not-found",
    }


def test_long_lists() -> None:
    text = f"model A(widths: list = [{', '.join(['2'] * 10_001)}]) {{ x[B, 4] -> y[B, n] y = x -> Linear(widths[0]) }}"
    assert checked(text) == ["too-many-parts"]


def test_very_many_errors() -> None:
    lines = "".join(f"  y = y -> Conv2d(3, {i + 1})\n" for i in range(150))
    found = checked(f"model A {{\n  x[B, 4] -> y[B, 4]\n  y = x\n{lines}}}\n")
    assert found[0] == "wrong-rank"
    lines = "".join(f"  h{i} = x -> Conv2d(3, {i + 1})\n" for i in range(150))
    found = checked(f"model A {{\n  x[B, 4] -> y[B, 4]\n{lines}  y = x\n}}\n")
    assert found.count("wrong-rank") == 100
    assert "too-many-errors" in found


def checked(text: str) -> list[str]:
    """The kinds of what is wrong with a text."""
    diagnostics = Diagnostics()
    check_scope(load_text(text, diagnostics), diagnostics)
    return [one.id for one in diagnostics.errors]
