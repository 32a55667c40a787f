"""The instruments agree with each other, and the data file is what they measure."""

from __future__ import annotations

import json
from contextlib import nullcontext
from importlib.util import find_spec
from typing import Any

import pytest

if not all(find_spec(name) for name in ("torch", "torchvision", "transformers")):
    pytest.skip("needs torch, torchvision and transformers", allow_module_level=True)

import torch
import torch.nn.functional as F
from torch import nn, optim

from tests.training.cases import OPTIMIZERS, trained
from tests.training.instrument import Job, record, tracked
from tests.training.measure import DATA, measure

RECORDS: list[dict[str, Any]] = [json.loads(line) for line in DATA.read_text().splitlines()]


def _job(fake: bool) -> Job:
    """A perceptron, on fake or on real tensors."""
    case = next(case for case in trained() if case.model == "mlp")
    if fake:
        return case.job(3, OPTIMIZERS["adamw"])
    model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    optimizer = optim.AdamW(model.parameters(), foreach=False)
    inputs, target = {"x": torch.zeros(3, 784)}, torch.zeros(3, dtype=torch.int64)
    return Job(nullcontext(), model, inputs, target, lambda m, x: m(x["x"]), F.cross_entropy, optimizer)


def test_fake_tensors_live_as_real_ones_do() -> None:
    """The same totals after the same operations."""
    jobs = _job(fake=True), _job(fake=False)
    steps = [[(e.phase, e.total) for e in record(job).events if e.made] for job in jobs]
    assert steps[0] == steps[1]


def test_a_record_by_hand() -> None:
    """Every byte of the first step of a perceptron, at the end of the forward pass and at the peak."""
    running = record(_job(fake=False))
    weights = 4 * (784 * 512 + 512 + 512 * 256 + 256 + 256 * 10 + 10)
    inputs = 4 * 3 * 784 + 8 * 3
    saved = 4 * 3 * (512 + 256)
    starts = {event.phase: event.total for event in running.events if event.operation == "·"}
    assert starts["forward"] == weights + inputs
    assert starts["loss"] == weights + inputs + saved + 4 * 3 * 10
    assert starts["backward"] == weights + inputs + saved + 4 * 3 * 10 + 8  # log-probabilities, loss, total weight
    assert starts["step"] == 2 * weights + inputs + 4  # gradients, and the loss
    states = 2 * weights + 4 * 6
    temporaries = 2 * 4 * 784 * 512  # of the largest parameter, the first
    assert running.peak == starts["step"] + states + temporaries


def test_marks_on_modules_hold_gradients() -> None:
    """Why `memtracker` and `peak` differ for BERT: its modules of two inputs."""
    case = next(case for case in trained() if case.model == "bert_base")
    job = case.job(2, OPTIMIZERS["sgd"])
    plain = record(job).peak
    assert tracked(job, marks=False)["Total"] == plain
    assert tracked(job)["Total"] > plain


@pytest.mark.parametrize("model", ["vit_b_16", "gpt2"])
def test_data_is_what_is_measured(model: str) -> None:
    """One record of a model, measured again."""
    case = next(case for case in trained() if case.model == model)
    (old,) = (r for r in RECORDS if _is(r, model, case.settings, 2, "adamw"))
    assert measure(case, 2, "adamw") == old


def _is(record: dict[str, Any], *what: Any) -> bool:
    return (record["model"], record["set"], record["axes"]["B"], record["optimizer"]) == what
