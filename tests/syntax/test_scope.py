"""Files that use each other: what names mean, and what can be wrong with that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archspec.errors.diagnostic import Diagnostics
from archspec.library import Library
from archspec.scope import FileScope, load_file, load_text

LIBRARY = {
    "layers/a.arch": "layer Linear(out) { x[*, in] -> y[*, out] }\nlayer Twice { x[*] -> y[*] y = x }",
    "models/gpt2.arch": "layer Block { x[*] -> y[*] }\nmodel GPT2 { x[*] -> y[*] }",
}


@pytest.fixture
def library(cache_folder: Path) -> Library:
    return Library(LIBRARY)


def load(text: str, library: Library, **files: str) -> tuple[FileScope, list[tuple[str, str]]]:
    """The scope of a text among other files, and what is wrong: (id, message)."""
    diagnostics = Diagnostics()
    named = {name.replace("__", "/") + ".arch": content for name, content in files.items()}
    scope = load_text(text, diagnostics, files=named, library=library)
    return scope, [(d.id, d.message) for d in diagnostics]


def test_own_then_used_then_library(library: Library) -> None:
    used = "layer Twice { x[*] -> y[*] } layer Own { x[*] -> y[*] } layer Used { x[*] -> y[*] }"
    scope, found = load('use "b.arch"\nlayer Own { x[*] -> y[*] }', library, b=used)
    assert found == []
    homes = {name: getattr(scope.lookup(name), "source", None) for name in ("Own", "Used", "Twice", "Linear", "GPT2")}
    assert {name: source and source.name for name, source in homes.items()} == {
        "Own": "main.arch",
        "Used": "b.arch",
        "Twice": "b.arch",
        "Linear": "layers/a.arch",
        "GPT2": "models/gpt2.arch",
    }
    assert scope.lookup("Block") is None
    assert {"Own", "Used", "Linear", "GPT2"} <= set(scope.names())


def test_an_alias(library: Library) -> None:
    scope, found = load('use "b.arch" as b\nuse "models/gpt2.arch" as g', library, b="layer A { x[*] -> y[*] }")
    assert found == []
    assert scope.lookup("A") is None
    assert scope.aliases["b"].lookup("A") is not None
    assert scope.aliases["g"].lookup("Block") is not None


def test_uses_are_not_passed_on(library: Library) -> None:
    scope, found = load('use "b.arch"', library, b='use "c.arch"\nlayer B { }', c="layer C { }")
    assert found == []
    assert scope.lookup("B") is not None
    assert scope.lookup("C") is None
    assert scope.used[0].lookup("C") is not None


def test_paths_are_relative_to_the_file(library: Library) -> None:
    files = {"sub__b": 'use "c.arch"\nuse "../d.arch"', "sub__c": "layer C { }", "d": "layer D { }"}
    scope, found = load('use "sub/b.arch"', library, **files)
    assert found == []
    assert scope.used[0].lookup("C") is not None
    assert scope.used[0].lookup("D") is not None


def test_tests_of_a_file(library: Library) -> None:
    scope, _ = load('test "a" { } test "b" { }', library)
    assert [test.title for test in scope.tests] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        ('use "main.arch"', {}, ("use-circle", "files use each other in a circle: `main.arch` -> `main.arch`")),
        (
            'use "b.arch"',
            {"b": 'use "c.arch"', "c": 'use "b.arch"'},
            ("use-circle", "files use each other in a circle: `b.arch` -> `c.arch` -> `b.arch`"),
        ),
        ('use "c.arch"', {"b": ""}, ("file-not-found", "there is no file `c.arch`")),
        ('use ""', {"b": ""}, ("file-not-found", "there is no file ``")),
        ('use "../b.arch"', {}, ("use-outside", "`../b.arch` lies outside the folder of the main file")),
        ('use "/etc/passwd"', {}, ("use-outside", "`/etc/passwd` lies outside the folder of the main file")),
        ("layer A { } layer A { }", {}, ("duplicate-definition", "`A` is defined twice")),
        ("layer A { } model A = B()", {}, ("duplicate-definition", "`A` is defined twice")),
        ('use "b.arch" as A layer A { }', {"b": ""}, ("duplicate-definition", "`A` is defined twice")),
        ("layer Linear { }", {}, ("hides-primitive", "this `Linear` hides the library's primitive in this file")),
        (
            'use "b.arch" use "c.arch"',
            {"b": "layer A { }", "c": "layer A { }"},
            ("ambiguous-use", "`A` comes from both `b.arch` and `c.arch`"),
        ),
    ],
)
def test_what_is_wrong(library: Library, text: str, files: dict[str, str], expected: tuple[str, str]) -> None:
    _, found = load(text, library, **files)
    assert found == [expected]


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ('use "b.arch" use "c.arch"', {"b": 'use "d.arch"', "c": 'use "d.arch"', "d": "layer D { }"}),
        ('use "b.arch" use "b.arch"', {"b": "layer B { }"}),
        ("layer Twice { x[*] -> y[*] }", {}),
    ],
    ids=["a diamond", "twice", "a composite hidden"],
)
def test_what_is_right(library: Library, text: str, files: dict[str, str]) -> None:
    assert load(text, library, **files)[1] == []


def test_errors_of_a_used_file_are_told(library: Library) -> None:
    diagnostics = Diagnostics()
    load_text('use "b.arch"\nlayer { }', diagnostics, files={"b.arch": "layer ( ) { }"}, library=library)
    assert [str(d.place) for d in diagnostics] == ["main.arch:2:7", "b.arch:1:7"]


def test_files_on_disk(tmp_path: Path, library: Library) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "main.arch").write_text('use "sub/b.arch"', encoding="utf-8-sig")
    (tmp_path / "sub" / "b.arch").write_text("layer B { }")
    diagnostics = Diagnostics()
    scope = load_file(str(tmp_path / "main.arch"), diagnostics, library)
    assert list(diagnostics) == []
    assert scope is not None
    found = scope.lookup("B")
    assert found is not None
    assert found.source.name == str(tmp_path / "sub" / "b.arch")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_are_followed_before_they_are_judged(tmp_path: Path, library: Library) -> None:
    inside = tmp_path / "project"
    inside.mkdir()
    (tmp_path / "secret.arch").write_text("layer Secret { }")
    (inside / "link.arch").symlink_to(tmp_path / "secret.arch")
    (inside / "main.arch").write_text('use "link.arch"\nuse "../secret.arch"\nuse "../missing.arch"')
    diagnostics = Diagnostics()
    load_file(str(inside / "main.arch"), diagnostics, library)
    assert [d.id for d in diagnostics] == ["use-outside"] * 3


def test_files_that_cannot_be_read(tmp_path: Path, library: Library) -> None:
    (tmp_path / "latin.arch").write_bytes(b"# caf\xe9")
    (tmp_path / "large.arch").write_bytes(b" " * (4 * 1024 * 1024 + 1))
    (tmp_path / "folder.arch").mkdir()
    cases = {
        "missing.arch": "file-not-found",
        "latin.arch": "not-utf8",
        "large.arch": "file-too-large",
        "folder.arch": "file-unreadable",
        "latin.arch/x": "file-not-found",
        "nul\0.arch": "file-not-found",
        "a" * 5000: "file-unreadable",
    }
    for name, kind in cases.items():
        diagnostics = Diagnostics()
        assert load_file(str(tmp_path / name), diagnostics, library) is None
        assert [d.id for d in diagnostics] == [kind], name
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.arch")
        diagnostics = Diagnostics()
        assert load_file(str(tmp_path / "pipe.arch"), diagnostics, library) is None
        assert [d.id for d in diagnostics] == ["file-unreadable"]


def test_the_librarys_own_file_hides_nothing(library: Library) -> None:
    assert load(LIBRARY["layers/a.arch"], library)[1] == []


def test_a_missing_file_is_suggested(library: Library) -> None:
    diagnostics = Diagnostics()
    load_text('use "bloks.arch"', diagnostics, files={"blocks.arch": ""}, library=library)
    assert [d.fix for d in diagnostics] == ["did you mean `blocks.arch`?"]
