"""Measures every case and writes tests/data/measured_training.jsonl, one record a line.

Run from the repository's root: python -m tests.training.measure [part of a model's name]
With an argument, only the records of those models are measured anew.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)


from tests.training.cases import BATCHES, OPTIMIZERS, Trained, trained  # noqa: E402

from instruments import saved_bytes  # noqa: E402  # isort: skip  # cases.py puts its folder on the path
from tests.training.instrument import PHASES, Job, Running, record, standing, tracked  # noqa: E402

DATA = Path(__file__).parent.parent / "data" / "measured_training.jsonl"


def measure(case: Trained, batch: int, optimizer: str) -> dict[str, Any]:
    """The record of one case: the first step, and the ones after it (`peak`), which find optimizer states there."""
    job = case.job(batch, OPTIMIZERS[optimizer])
    first = record(job)
    steady = record(job)
    marked = tracked(job)
    split = tracked(job, marks=False)
    assert split.pop("Total") == steady.peak, "the instruments disagree"
    job.held = True
    held = record(job)
    at = steady.events[steady.at]
    return {
        "model": case.model,
        "set": case.settings,
        "axes": {"B": batch, **case.axes},
        "optimizer": optimizer,
        "peak": steady.peak,
        "phase": at.phase,
        "at": {"operation": at.operation, "owner": at.owner, "node": at.node},
        "phases": highest(steady),
        "after_forward": after_forward(steady),
        "states": states(job),
        "saved": saved(job),
        "memtracker": marked["Total"],
        "split": split,
        "first": {"peak": first.peak, "phase": first.events[first.at].phase, "phases": highest(first)},
        "held": {"peak": held.peak, "phase": held.events[held.at].phase, "phases": highest(held)},
    }


def highest(running: Running) -> dict[str, int]:
    """The most live bytes in each phase."""
    return {phase: max(event.total for event in running.events if event.phase == phase) for phase in PHASES}


def after_forward(running: Running) -> dict[str, int]:
    """Live bytes when the model has returned, and when the loss is there."""
    starts = {event.phase: event.total for event in running.events if event.operation == "·"}
    return {"model": starts["loss"], "loss": starts["backward"]}


def states(job: Job) -> dict[str, int]:
    """Bytes of what is there before a step."""
    sizes: dict[str, int] = {}
    for category, tensors in standing(job).items():
        storages = {tensor.untyped_storage()._cdata: tensor.untyped_storage().nbytes() for tensor in tensors}
        sizes[category] = sum(storages.values())
    return sizes


def saved(job: Job) -> int:
    """Bytes kept for the backward pass of the model, without the loss."""
    with job.mode:
        return saved_bytes(job.model, job.inputs, job.forward)


def main(wanted: str) -> None:
    """Measure what is wanted and write the file."""
    old = [json.loads(line) for line in DATA.read_text().splitlines()] if wanted and DATA.exists() else []
    records = [one for one in old if wanted not in one["model"]]
    for case in trained():
        if wanted not in case.model:
            continue
        for batch in BATCHES:
            for optimizer in OPTIMIZERS:
                records.append(measure(case, batch, optimizer))
                one = records[-1]
                print(case.model, batch, optimizer, one["peak"], one["memtracker"] - one["peak"], one["at"], flush=True)
    DATA.write_text("".join(json.dumps(one) + "\n" for one in records))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
