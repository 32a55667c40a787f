"""The formula of a training step's peak, at sizes where MemTracker measured it (tests/data/measured_training.jsonl)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.algebra import evaluate

RECORDS = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "data" / "measured_training.jsonl").open(encoding="utf-8")
]
TOLERANCE = 0.01


def _name(record: dict[str, Any]) -> str:
    axes = "-".join(f"{name}{value}" for name, value in record["axes"].items())
    return f"{record['model']}-{axes}-{len(str(record['set']))}-{record['optimizer']}"


def _choices(record: dict[str, Any]) -> dict[str, Any]:
    optimizer, _, each = record["optimizer"].partition("_")
    step = "foreach" if each else "for-loop"
    plan = {"backend": "cpu", "train": optimizer, "step": step, "loss": "cross-entropy"}
    return {**plan, **record["set"], **record["axes"]}


@pytest.mark.parametrize("record", RECORDS, ids=_name)
def test_peak_and_its_time_point(record: dict[str, Any]) -> None:
    report = archspec.load(record["model"]).size(**_choices(record))
    training = report.derivation.ledger.training(report.derivation.program, report.policy.bits)
    best = max(training.points, key=lambda point: evaluate(point.size, report.values))
    assert abs(evaluate(best.size, report.values) - record["peak"]) <= TOLERANCE * record["peak"]
    assert best.phase == record["phase"]


@pytest.mark.parametrize("record", RECORDS, ids=_name)
def test_states_and_kept_bytes_are_exact(record: dict[str, Any]) -> None:
    report = archspec.load(record["model"]).size(**_choices(record))
    states = record["states"]
    assert report["memory.weights"] == states["parameter"] + states["buffer"]
    assert report["memory.optimizer"] == states["optstate"]
    assert report["activations.saved"] == record["saved"]


def test_the_formula_is_the_largest_point() -> None:
    record = next(one for one in RECORDS if one["model"] == "gpt2" and one["axes"]["B"] == 2)
    report = archspec.load("gpt2").size(**_choices(record))
    training = report.derivation.ledger.training(report.derivation.program, report.policy.bits)
    assert report["memory.training"] == max(evaluate(point.size, report.values) for point in training.points)
