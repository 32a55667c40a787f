"""Run docs/example.ipynb and write it with its outputs: `python -m tests.notebooks.write`. Then look at it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "example.ipynb"


def read() -> Any:
    """The notebook as it is."""
    return nbformat.read(FILE, as_version=4)  # type: ignore[no-untyped-call]


def run(notebook: Any) -> Any:
    """The notebook, run from its first cell in a folder of its own. Raises where a cell does."""
    with tempfile.TemporaryDirectory() as place:
        path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH")) if part)
        resources = {"metadata": {"path": place}}
        client = NotebookClient(notebook, timeout=60, kernel_name="python3", resources=resources)
        client.execute(env={**os.environ, "PYTHONPATH": path, "IPYTHONDIR": f"{place}/ipython"})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times, which are others in each run
    return notebook


if __name__ == "__main__":
    nbformat.write(run(read()), FILE)  # type: ignore[no-untyped-call]
