"""Pages in a real browser: formulas are visible without scripts' help, nothing is asked from elsewhere, phones fit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from archspec.cli.main import cli
from tests.calculator.browser import Page, browser, needs_chromium

pytestmark = needs_chromium
BOXES = """[...document.querySelectorAll("math")].filter(m => !m.closest("details:not([open])"))
  .map(m => m.getBoundingClientRect()).map(b => [b.width, b.height])"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("site")
    done = CliRunner().invoke(cli, ["docs", "gpt2", "-o", str(path), "--format", "html"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Page]:
    with browser() as page:
        yield page


def _page(folder: Path) -> Path:
    return next(path for path in folder.rglob("*.html") if path.stem.lower() == "gpt2")


def test_formulas_are_visible(folder: Path, chromium: Page) -> None:
    chromium.requests, chromium.faults = [], []
    address = _page(folder).as_uri()
    chromium.open(address)
    boxes = chromium.ask(BOXES)
    assert len(boxes) >= 10
    assert all(width > 4 and height > 4 for width, height in boxes)
    assert chromium.faults == []
    assert all(one.startswith("file:") for one in chromium.requests)


@pytest.mark.parametrize("width", [375, 1280])
def test_the_page_itself_does_not_scroll_sideways(folder: Path, chromium: Page, width: int) -> None:
    chromium.resize(width)
    chromium.open(_page(folder).as_uri())
    assert chromium.ask("document.documentElement.scrollWidth") <= width


def test_links_are_not_inside_images(folder: Path, chromium: Page) -> None:
    chromium.open(_page(folder).as_uri())
    assert chromium.ask("document.querySelectorAll('svg a').length") > 0
    assert chromium.ask("document.querySelectorAll('[role=img] a').length") == 0
