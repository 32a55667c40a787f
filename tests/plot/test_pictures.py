"""The files: those of the documentation are as they are made now, always the same, and text in them is text."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import archspec
from archspec.cli.main import cli
from archspec.plot.canvas import COLOURS, save
from archspec.report.parts import INFERENCE, TRAINING
from tests.plot.refresh import IMAGES, draw, pictures

pytest.importorskip("matplotlib")


@pytest.mark.parametrize("name", pictures())
def test_the_documentation_shows_what_is_drawn_now(name: str, tmp_path: Path) -> None:
    assert draw(pictures()[name], tmp_path) == (IMAGES / name).read_bytes()


def test_there_are_no_other_pictures() -> None:
    assert {path.name for path in IMAGES.iterdir()} == {*pictures(), "terminal.svg"}  # that one: tests/docs/written.py


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_the_same_question_gives_the_same_bytes(ending: str, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.{ending}" for name in "ab"]
    for file in files:
        figure = archspec.load("gpt2").plot(over=("S", 8, 64), B=1, devices="H100")
        save(figure, str(file))
    first, second = (file.read_bytes() for file in files)
    assert first == second
    assert first.startswith({"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[ending])


def test_text_is_text_and_the_paper_is_white(tmp_path: Path) -> None:
    text = draw(["plot", "gpt2", "--train", "adamw", "--set", "B=2", "--set", "S=64", "-o", "a.svg"], tmp_path).decode()
    for word in (
        "gpt2: memory over a training step",
        "fp32 · cuda · adamw · B = 2 · S = 64",
        "backward",
        "temporaries",
    ):
        assert f">{word}</text>" in text
    assert "fill: #ffffff" in text
    assert "<dc:date>" not in text


def test_every_part_has_a_colour_of_its_own() -> None:
    for names in (TRAINING, INFERENCE):
        assert len({COLOURS[name] for name in names}) == len(names)


def test_users_settings_stay_as_they_are() -> None:
    import matplotlib

    with matplotlib.rc_context({"font.size": 31.0}):
        archspec.load("gpt2").plot(over=("S", 8, 9), B=1)
        assert matplotlib.rcParams["font.size"] == 31.0


def test_without_matplotlib_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: object) -> object:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    for name in [name for name in sys.modules if name.startswith("matplotlib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(archspec.SpecError, match="needs-matplotlib") as caught:
        archspec.load("gpt2").plot(over=("S", 8, 64), B=1)
    assert "pip install 'archspec-lang[plot]'" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--over", "S=8", "-o", "a.svg"], 2, "wrong-range"),
        (["--over", "S=8..4", "-o", "a.svg"], 2, "wrong-range"),
        (["--over", "S=8..16", "-o", "a.jpg"], 2, "svg, png, pdf"),
        (["--over", "T=8..16", "-o", "a.svg"], 2, "unknown-symbol"),
        (["--over", "B=8..16", "-o", "a.svg"], 2, "asked-and-given"),
        (["--over", "S=8..16", "--device", "H10", "-o", "a.svg"], 2, "H100"),
        (["--over", "S=1025..2000", "-o", "a.svg"], 1, "S <= context"),
        (["--over", "d=13..23", "--set", "S=8", "-o", "a.svg"], 1, "d % heads == 0"),
        (["-o", "a.svg"], 2, "--over"),
        (["--quantity", "params", "-o", "a.svg"], 2, "--over"),
        (["--train", "adamw", "-o", "a.svg"], 2, "needs-values"),
        (["--train", "adamw", "--set", "S=8", "--shard", "pipeline = 4", "-o", "a.svg"], 2, "no-moments"),
        (["--over", "S=8..16", "--quantity", "memory.training", "-o", "a.svg"], 2, "needs-optimizer"),
    ],
)
def test_bad_questions_are_answered_in_words(
    arguments: list[str], status: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(cli, ["plot", "gpt2", "--set", "B=1", *arguments])
    assert (found.exit_code, said in found.output) == (status, True), found.output
    assert not list(tmp_path.iterdir())
