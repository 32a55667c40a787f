"""The page's numbers are those of `model.size`, digit for digit, at settings drawn at random."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import archspec
from archspec.calculator.data import OFFERED, calculator_data
from archspec.calculator.page import page_of
from archspec.errors.diagnostic import SpecError
from archspec.model import Model
from archspec.optimizers import OPTIMIZERS
from archspec.policy import PRECISIONS
from archspec.report.report import Report
from archspec.report.step import time_points
from tests.calculator.browser import browser, needs_chromium
from tests.calculator.node import compute, needs_node

MODELS: dict[str, tuple[str, ...]] = {
    "gpt2": OFFERED,
    "llama3_405b": ("checkpoint",),
    "resnet50": ("checkpoint",),
    "T5": (),
    "mamba_130m": (),
}
"""The models, and the choices that their pages offer: all of them take some time."""
POLICIES = 2
"""So many sets of choices for each model: a new one is derived anew, new numbers are not."""
SETTINGS = 50
SHARES = (1, 1, 1, 2, 3, 4, 7, 64)


@pytest.fixture(scope="module")
def models() -> dict[str, Model]:
    return {name: archspec.load(name) for name in MODELS}


@pytest.fixture(scope="module")
def datas(models: dict[str, Model]) -> dict[str, Any]:
    # As the page reads it: through JSON.
    return {name: json.loads(json.dumps(calculator_data(model, MODELS[name]))) for name, model in models.items()}


def chosen(data: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """Choices at random."""
    return {
        "precision": draw.choice(list(PRECISIONS)),
        "attention": draw.choice(data["attentions"]),
        "checkpoint": draw.choice(data["checkpoints"]),
        "optimizer": draw.choice(list(OPTIMIZERS)),
    }


def drawn(data: dict[str, Any], draw: random.Random) -> dict[str, int]:
    """Numbers near what the model is: some multiplied or divided. A stage of a ResNet has four blocks or more, for of
    fewer in several stages the page has no formulas.
    """
    values: dict[str, int] = {}
    for symbol in data["symbols"]:
        name, value = symbol["name"], symbol["value"]
        if not symbol["fixed"] and draw.random() < 0.6:
            value = value * draw.choice(SHARES) if draw.random() < 0.5 else max(value // draw.choice(SHARES), 1)
        values[name] = max(value, 4) if name.startswith("depths") else value
    return values


def sized(model: Model, setting: dict[str, Any]) -> Report:
    """The report at a setting. Raises `SpecError` where its numbers are impossible."""
    choices: dict[str, Any] = {key: setting[key] for key in ("precision", "attention")}
    if setting["checkpoint"]:
        choices["checkpoint"] = setting["checkpoint"].split(",")
    lists: dict[str, list[int]] = {}
    for symbol, value in setting["values"].items():
        if "[" in symbol:
            lists.setdefault(symbol.partition("[")[0], []).append(value)
        else:
            choices[symbol] = value
    return model.size(train=setting["optimizer"], **choices, **lists)


Asked = list[tuple[str, dict[str, Any], Report]]


@pytest.fixture(scope="module")
def asked(models: dict[str, Model], datas: dict[str, Any]) -> Asked:
    """Settings at random, each with the report that has its numbers."""
    draw = random.Random(5)
    found: Asked = []
    for name, data in datas.items():
        for _ in range(POLICIES):
            choices = chosen(data, draw)
            wanted = len(found) + SETTINGS // len(MODELS) // POLICIES
            while len(found) < wanted:
                setting = {"values": drawn(data, draw), **choices}
                try:
                    found.append((name, setting, sized(models[name], setting)))
                except SpecError:
                    continue
    return found


@needs_node
def test_the_numbers_are_those_of_size(datas: dict[str, Any], asked: Asked) -> None:
    assert len(asked) == SETTINGS
    answers = compute(datas, [(name, setting) for name, setting, _ in asked])
    for (name, setting, report), answer in zip(asked, answers, strict=True):
        assert answer["problems"] == answer["notes"] == [], (name, setting)
        assert len(answer["quantities"]) == 16
        for quantity, number in answer["quantities"].items():
            assert number == str(report[quantity]), (name, quantity, setting)
            assert (quantity in answer["bounds"]) == (not report.is_exact(quantity)), (name, quantity, setting)
        points = {point["phase"]: point["size"] for point in answer["points"]}
        assert points == {point.phase: str(point.value) for point in time_points(report)}, (name, setting)


@needs_chromium
def test_the_browser_shows_the_same(datas: dict[str, Any], asked: Asked, tmp_path: Path) -> None:
    """Each setting is opened by its address."""
    file = tmp_path / "calculator.html"
    file.write_text(page_of(list(datas.values())), encoding="utf-8")
    cells = "[...document.querySelectorAll('[data-quantity]')].map((e) => [e.dataset.quantity, e.dataset.value])"
    with browser() as page:
        page.open(file.as_uri())
        for name, setting, report in asked:
            choices = {f"-{key}": value for key, value in setting.items() if key != "values"}
            address = "#calculator?" + urlencode({"model": name, **setting["values"], **choices})
            moved = "new Promise((done) => addEventListener('hashchange', done, {once: true}))"
            page.ask(f"window.moved = {moved}; location.hash = {json.dumps(address)}; window.moved.then(() => 0)")
            shown = dict(page.ask(cells))
            assert {"params", "memory.training", "memory.inference"} <= shown.keys()
            assert shown == {quantity: str(report[quantity]) for quantity in shown}, (name, setting)
        assert page.faults == []
        assert set(page.requests) <= {file.as_uri(), "about:blank"}


@needs_node
def test_few_turns_are_exact_or_refused(models: dict[str, Model], datas: dict[str, Any]) -> None:
    """With few layers another formula holds: the page has it, or says that it does not, and never shows a wrong one."""
    asked = [("gpt2", layers) for layers in (1, 2, 3)] + [("llama3_405b", 1)]
    settings = [(name, _usual(datas[name], layers=layers)) for name, layers in asked]
    for (name, setting), answer in zip(settings, compute(datas, settings), strict=True):
        assert answer["notes"] == []
        assert answer["quantities"]["memory.training"] == str(sized(models[name], setting)["memory.training"])
    few = {"depths[0]": 2, "depths[1]": 2}
    (answer,) = compute(datas, [("resnet50", _usual(datas["resnet50"], **few))])
    assert "memory.training" not in answer["quantities"]
    assert any(note.startswith("training: the formulas here hold only for depths") for note in answer["notes"])
    assert answer["quantities"]["params"] == str(models["resnet50"].size(depths=[2, 2, 6, 3])["params"])


@needs_node
def test_violations_are_said_in_words(datas: dict[str, Any]) -> None:
    cases = [
        ("gpt2", {"heads": 5}, "the width must be a multiple of the number of heads: d % heads == 0"),
        ("gpt2", {"S": 1025}, "the sequence is longer than the position table: S <= context"),
        ("gpt2", {"layers": 0}, "layers must be at least 1"),
    ]
    asked = [(name, _usual(datas[name], **values)) for name, values, _ in cases]
    for (_, _, message), answer in zip(cases, compute(datas, asked), strict=True):
        assert message in answer["problems"][0]
        assert answer["quantities"] == {}


@needs_node
def test_too_small_an_input_is_refused() -> None:
    """AlexNet has five halvings before a convolution's picture is empty."""
    model = archspec.load("alexnet")
    data = json.loads(json.dumps(calculator_data(model, ())))
    for size in (8, 30, 63, 224):
        (answer,) = compute({"alexnet": data}, [("alexnet", _usual(data, H=size, W=size))])
        try:
            report = sized(model, _usual(data, H=size, W=size))
        except SpecError:
            assert answer["problems"][0].startswith("the input is too small: ")
        else:
            assert answer["quantities"]["memory.training"] == str(report["memory.training"])


def _usual(data: dict[str, Any], **changed: int) -> dict[str, Any]:
    """The setting with which the page begins, with some numbers changed."""
    values = {symbol["name"]: changed.get(symbol["name"], symbol["value"]) for symbol in data["symbols"]}
    return {"values": values, "precision": "fp32", "attention": "sdpa", "checkpoint": "", "optimizer": "adamw"}
