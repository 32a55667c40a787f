"""The example notebook runs, and shows what is in it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.notebooks.write import read, run


@pytest.fixture(scope="module")
def fresh() -> Any:
    """The notebook, run now."""
    return run(read())


def _shown(notebook: Any) -> list[dict[str, Any]]:
    """What each cell of code shows, by kind. A picture's bytes depend on fonts: that it is there is enough."""
    return [
        {
            kind: text if kind != "image/png" else "a picture"
            for output in cell.outputs
            for kind, text in output.get("data", {"stream": output.get("text")}).items()
        }
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def test_it_shows_what_is_in_the_file(fresh: Any) -> None:
    assert _shown(fresh) == _shown(read()), "run `python -m tests.notebooks.write`"


def test_reports_are_tables_formulas_are_latex_and_plots_are_pictures(fresh: Any) -> None:
    shown = _shown(fresh)
    assert any("<table" in one.get("text/html", "") for one in shown)
    assert any("text/latex" in one for one in shown)
    assert any("image/png" in one for one in shown)
