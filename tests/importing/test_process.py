"""The process of an import and its copy: both answer, neither is left behind, and the copy is no danger."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("torch")

from archspec.importing.errors import CannotImport
from archspec.importing.model import Imported, Source, import_with
from archspec.importing.process import Worker
from tests.importing.running import NOTES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which models write their processes."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setenv(NOTES, str(tmp_path / "processes"))
    return tmp_path / "processes"


def imported(name: str, copies: int, seconds: float = 60, inputs: Sequence[str] = ()) -> Imported:
    """What comes of a function of `running`; no process is left behind."""
    source = Source("torch", f"torch:running:{name}", "tests.importing.running", name, inputs=inputs)
    worker = Worker(seconds, copies=copies)
    try:
        with worker:
            return import_with(worker.ask, source, today=date(2026, 1, 1), expect=worker.expect)
    finally:
        for _ in range(50):  # a copy that was killed is for the system to bury
            if not _runs(worker):
                break
            time.sleep(0.1)
        assert not _runs(worker)


def _runs(worker: Worker) -> bool:
    try:
        os.killpg(worker._process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def processes(notes: Path) -> set[str]:
    """The processes in which models were made."""
    return set(notes.read_text(encoding="utf-8").split())


def test_a_copy_answers_and_nothing_is_other_for_it(notes: Path) -> None:
    with_copy = imported("plain", 1)
    assert with_copy.exact
    assert len(processes(notes)) == 2
    notes.unlink()
    alone = imported("plain", 0)
    assert len(processes(notes)) == 1
    assert alone.text == with_copy.text
    assert "x[2, inputs]" in alone.text
    assert "Linear(width)" in alone.text


def test_a_copy_that_ends_is_done_without(notes: Path) -> None:
    found = imported("dies_in_copies", 1)
    assert len(processes(notes)) == 2
    assert found.exact
    assert found.text == imported("plain", 0).text.replace("plain", "dies_in_copies")


@pytest.mark.parametrize("copies", [0, 1])
def test_where_the_model_ends_its_process_that_is_said(copies: int, notes: Path) -> None:
    with pytest.raises(CannotImport, match="the process that ran the model ended"):
        imported("dies", copies)


def test_a_copy_that_hangs_ends_with_the_time_that_is_given(notes: Path) -> None:
    start = time.monotonic()
    with pytest.raises(CannotImport, match="it takes longer than 12 s"):
        imported("sleeps_in_copies", 1, seconds=12)
    assert time.monotonic() - start < 30


def test_of_a_process_with_threads_there_is_no_copy(notes: Path) -> None:
    assert imported("with_thread", 1).exact
    assert len(processes(notes)) == 1


def test_what_is_expected_need_not_be_asked(notes: Path) -> None:
    with Worker(60, copies=1) as worker:
        source = Source("torch", "torch:running:plain", "tests.importing.running", "plain")
        about = worker.ask(source.question())
        base = {**about["numbers"], **about["axes"]}
        wide = [{"do": "trace", "values": {**base, "width": width}} for width in range(7, 30)]
        worker.expect(wide)
        first = worker.ask({"do": "trace", "values": base})
        last = worker.ask(wide[-1])
        assert first["held"].keys() == last["held"].keys()
        assert [one["shape"] for one in last["values"]][:1] == [[29, 8]]


@pytest.mark.parametrize("name", ["remembers", "collects"])
def test_what_a_run_leaves_in_a_model_is_not_there_in_the_next(name: str, notes: Path) -> None:
    found = imported(name, 0, inputs=["x=float32[B,inputs]"])
    assert found.exact
    assert found.text.count("ReLU") == 1
    assert "x[B, inputs]" in found.text


@pytest.mark.parametrize("name", ["looks", "refuses"])
@pytest.mark.parametrize("copies", [0, 1])
def test_what_is_another_program_on_meta_is_looked_at_in_another_way(name: str, copies: int, notes: Path) -> None:
    found = imported(name, copies, inputs=["x=float32[B,inputs]"])
    assert found.exact
    assert found.text.count("ReLU") == 1
