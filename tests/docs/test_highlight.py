"""The Pygments lexer: it reads what archspec reads, and tells keywords from names."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from pygments.token import Error, Keyword, Name

from archspec.highlight import ArchLexer
from archspec.syntax.tables import tables
from tests.docs.snippets import ROOT

SPECS = sorted((ROOT / "specs").rglob("*.arch"))


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_every_spec_is_read_whole_and_without_an_error(spec: Path) -> None:
    text = spec.read_text(encoding="utf-8")
    tokens = list(ArchLexer().get_tokens_unprocessed(text))
    assert "".join(written for _, _, written in tokens) == text
    assert [written for _, kind, written in tokens if kind is Error] == []
    assert all(text.startswith(written, at) for at, _, written in tokens)


def test_every_keyword_of_the_grammar_is_seen_as_one_somewhere() -> None:
    written = "\n".join(spec.read_text(encoding="utf-8") for spec in SPECS)
    plan = """
plan p for m {
  precision bf16
  optimizer adamw
  step foreach
  loss mse
  attention sdpa
  backend cuda
  device H100
  checkpoint Block
  freeze a.b
  accumulate 4
  teacher gpt2
  weights nf4
  lora rank = 16 on q
}"""
    seen = {word for kind, word in ArchLexer().get_tokens(written + plan) if kind in Keyword}
    assert seen == set(tables().keywords)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x[*, in] -> y[*, width]", ["in"]),
        ("  param = x -> Linear(4)", ["param"]),
        ("  y = x if inplace else save", ["inplace", "save"]),
        ("  torch torch.where(x)", ["torch", "where"]),
        ("layer A(inplace = false) {", ["inplace"]),
    ],
)
def test_names_that_are_the_word_of_a_keyword_are_names(text: str, names: list[str]) -> None:
    found = [word for kind, word in ArchLexer().get_tokens(text) if kind in Name and word in tables().keywords]
    assert found == names


def test_what_begins_no_token_is_an_error_and_nothing_is_lost() -> None:
    tokens = list(ArchLexer().get_tokens_unprocessed("model A { x; y }"))
    assert [word for _, kind, word in tokens if kind is Error] == [";"]
    assert "".join(word for _, _, word in tokens) == "model A { x; y }"


def test_pygments_is_told_where_it_is() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '[project.entry-points."pygments.lexers"]\narch = "archspec.highlight:ArchLexer"\n' in project
    assert EntryPoint("arch", "archspec.highlight:ArchLexer", "pygments.lexers").load() is ArchLexer
