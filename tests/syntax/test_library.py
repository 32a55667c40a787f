"""The library: its index, what it reads, and what it knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec import cache
from archspec.library import Library, standard
from archspec.resources import folder, grammar_text, spec_texts
from archspec.syntax import tree

TEXTS = {
    "layers/a.arch": "layer Linear(out) { x[*, in] -> y[*, out] param w[out, in] }\n"
    "layer Twice { x[*] -> y[*] y = x + x }",
    "models/one.arch": "layer Block { x[*] -> y[*] y = x -> Linear(1) }\nmodel One { x[*] -> y[*] y = x -> Block }",
    "models/two.arch": 'use "one.arch" as one\nlayer Block { x[*] -> y[*] y = x }\n'
    "model two = Two()\nmodel Two { x[*] -> y[*] }",
}


@pytest.fixture(params=["made", "from the cache", "without a cache"])
def library(request: pytest.FixtureRequest, cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    if request.param == "from the cache":
        assert not Library(TEXTS).diagnostics
    if request.param == "without a cache":
        monkeypatch.setenv("ARCHSPEC_CACHE_DIR", "")
        cache.directory.cache_clear()
    return Library(TEXTS)


def test_names(library: Library) -> None:
    assert library.names() == ["Linear", "Twice", "One", "two", "Two"]
    assert library.names("layer") == ["Linear", "Twice"]
    assert library.names("model") == ["One", "Two"]
    assert library.names("variant") == ["two"]


def test_find(library: Library) -> None:
    found = library.find("Linear")
    assert found is not None
    assert found.node.name == "Linear"
    assert found.source.text == TEXTS["layers/a.arch"]
    assert found.source.text[found.node.name_start : found.node.name_end] == "Linear"
    assert library.find("Linear") is found
    assert isinstance(getattr(library.find("two"), "node", None), tree.Variant)
    assert library.find("Block") is None
    assert library.find("nothing") is None


def test_a_models_own_layers(library: Library) -> None:
    one, two = library.find("One"), library.find("Two")
    assert one is not None
    assert two is not None
    block = one.scope.lookup("Block")
    assert block is not None
    assert block.source.name == "models/one.arch"
    assert getattr(two.scope.lookup("Block"), "source", None) == two.source
    assert one.scope.lookup("Linear") == library.find("Linear")
    assert two.scope.aliases["one"].lookup("Block") == block


def test_primitives(library: Library) -> None:
    assert library.is_primitive("Linear")
    assert not library.is_primitive("Twice")
    assert not library.is_primitive("nothing")


def test_a_whole_file(library: Library) -> None:
    scope = library.scope("models/two.arch")
    assert [type(item).__name__ for item in scope.file.items] == ["Use", "Layer", "Variant", "Layer"]
    assert list(scope.definitions) == ["Block", "two", "Two"]
    assert len(scope.definitions) == 3


def test_errors_of_the_library_are_told(cache_folder: Path) -> None:
    for _ in range(2):
        library = Library({"layers/a.arch": "layer A { x }\nlayer B { x[*] -> y[*] }"})
        assert [d.id for d in library.diagnostics] == ["unexpected-token"]
        assert library.find("B") is not None


def test_the_standard_library_is_sound() -> None:
    library = standard()
    assert [f"{d.place}: {d.message}" for d in library.diagnostics] == []
    for name in library.names():
        assert library.find(name) is not None


def test_names_of_the_standard_library_are_unique() -> None:
    library = Library(spec_texts())
    homes: dict[str, list[str]] = {}
    for path in library.texts:
        for name, definition in library.scope(path).definitions.items():
            local = isinstance(definition.node, tree.Layer) and definition.node.keyword == "layer"
            if path.startswith("layers/") or not local:
                homes.setdefault(name, []).append(path)
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_resources() -> None:
    assert "start:" in grammar_text()
    with pytest.raises(FileNotFoundError, match="nothing"):
        folder("nothing")
