"""The page in a real browser: fields, keys, the address, what it asks for, and its width on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

import archspec
from archspec.calculator import calculator_page
from archspec.model import Model
from tests.calculator.browser import Page, browser, needs_chromium

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def models() -> list[Model]:
    return [archspec.load("gpt2"), archspec.load("MLP")]


@pytest.fixture(scope="module")
def address(models: list[Model], tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("calculator") / "calculator.html"
    path.write_text(calculator_page(models), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Page]:
    with browser() as page:
        yield page


@pytest.fixture
def page(chromium: Page, address: str) -> Iterator[Page]:
    """The calculator, freshly opened. Whatever a test does, the page finds no fault and asks for nothing."""
    chromium.requests, chromium.faults = [], []
    chromium.resize(1280)
    chromium.open(address)
    yield chromium
    assert chromium.faults == []
    assert {url.partition("#")[0] for url in chromium.requests} <= {address, "about:blank"}


def shown(page: Page, quantity: str) -> str | None:
    found: str | None = page.ask(f"document.querySelector('[data-quantity=\"{quantity}\"]').dataset.value ?? null")
    return found


def typed(page: Page, name: str, text: str) -> None:
    page.ask(f"document.getElementById('archspec-0-{name}').select()")
    page.ask(f"document.getElementById('archspec-0-{name}').focus()")
    page.call("Input.insertText", text=text)


def chosen(page: Page, name: str, value: str) -> None:
    box = f"document.getElementById('archspec-0-{name}')"
    page.ask(f"{box}.value = '{value}'; {box}.dispatchEvent(new Event('change', {{bubbles: true}}))")


def test_numbers_change_as_one_types(page: Page, models: list[Model]) -> None:
    assert shown(page, "memory.training") == str(models[0].size(B=8, S=1024, train="adamw")["memory.training"])
    typed(page, "B", "123456789012345678901")
    report = models[0].size(B=123456789012345678901, S=1024, train="adamw")
    assert shown(page, "memory.training") == str(report["memory.training"])
    assert shown(page, "flops.forward") == str(report["flops.forward"])
    assert "does not fit on one H100" in page.ask("document.querySelector('.ac-said').innerText")


def test_choices_change_the_numbers_at_once(page: Page, models: list[Model]) -> None:
    for name, value in (("-precision", "mixed-bf16"), ("-optimizer", "adafactor"), ("-checkpoint", "h")):
        chosen(page, name, value)
    report = models[0].size(B=8, S=1024, train="adafactor", precision="mixed-bf16", checkpoint="h")
    assert shown(page, "memory.training") == str(report["memory.training"])
    assert shown(page, "flops.recompute") == str(report["flops.recompute"])
    command = page.ask("document.querySelector('.ac-command code').innerText")
    assert command == (
        "archspec size gpt2 --set B=8 --set S=1024 --precision mixed-bf16 --train adafactor --device H100 "
        "--attention sdpa --checkpoint h"
    )


def test_the_keyboard_moves_a_slider(page: Page, models: list[Model]) -> None:
    page.ask("document.getElementById('archspec-0-B').focus()")
    page.press("Tab")
    for _ in range(3):
        page.press("ArrowRight")
    batch = page.ask("document.getElementById('archspec-0-B').value")
    assert int(batch) > 8
    assert shown(page, "kv_cache") == str(models[0].size(B=int(batch), S=1024)["kv_cache"])
    assert page.ask("document.activeElement.getAttribute('aria-valuetext')") == batch


def test_a_setting_is_in_the_address_and_comes_back(page: Page, address: str, models: list[Model]) -> None:
    chosen(page, "model", "MLP")
    typed(page, "inputs", "99")
    chosen(page, "-device", "A100-40GB")
    fragment = page.ask("location.hash")
    assert fragment.startswith("#calculator?model=MLP&inputs=99&")
    report = models[1].size(inputs=99, B=8, train="adamw")
    assert shown(page, "memory.training") == str(report["memory.training"])
    before = page.ask("document.querySelector('.ac-body').innerText")
    page.open(address + fragment)
    assert page.ask("document.getElementById('archspec-0-inputs').value") == "99"
    assert page.ask("document.querySelector('.ac-body').innerText") == before


def test_nonsense_in_the_address_does_no_harm(page: Page, address: str) -> None:
    wrong = {"model": "gpt2", "B": "<b>1</b>", "-precision": "fp1", "-device": "__proto__", "evil": "x"}
    page.open(address + "#calculator?" + urlencode(wrong))
    assert "B must be a whole number" in page.ask("document.querySelector('.ac-said').innerText")
    assert shown(page, "params") is None
    page.open(address + "#calculator?model=nothing")
    assert shown(page, "params") == "124439808"


def test_violations_stand_where_the_answer_was(page: Page) -> None:
    typed(page, "heads", "5")
    said = page.ask("document.querySelector('.ac-said').innerText")
    assert said.startswith("the width must be a multiple of the number of heads: d % heads == 0 does not hold")
    assert shown(page, "memory.training") is None
    typed(page, "heads", "6")
    assert "fits on one H100" in page.ask("document.querySelector('.ac-said').innerText")


@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_a_phone(page: Page, dark: bool) -> None:
    page.resize(375, 800, dark)
    assert page.ask("document.documentElement.scrollWidth") == 375
    wide = "[...document.querySelectorAll('.ac-body *')].filter((e) => e.getBoundingClientRect().right > 376).length"
    assert page.ask(wide) == 0
    ground = page.ask("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(20, 24, 31)" if dark else "rgb(255, 255, 255)")


def test_every_control_has_a_name(page: Page) -> None:
    nameless = "[...document.querySelectorAll('input, select')].filter((e) => !e.labels.length && !e.ariaLabel).length"
    assert page.ask(nameless) == 0
    ids = page.ask("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))
