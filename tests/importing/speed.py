"""How long imports take as the command makes them: `python -m tests.importing.speed`, or with names of models.

Prints for each model the seconds until its library is loaded, which any program takes, and the seconds after that; then
the median and those above the limit. Not a timed test: run it on a machine that does nothing else.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from archspec.importing.errors import CannotImport
from archspec.importing.model import Source, import_with
from archspec.importing.process import Worker
from tests.importing.sweep import names_of, sources

HERE = Path(__file__).parent
LIMITS = {"vision-all": 5.0, "text": 10.0}
"""Seconds for one model, by group."""


def timed(source: Source) -> tuple[bool, float, float]:
    """Whether a text is exact, the seconds until the model was there, and those after it."""
    start = perf_counter()
    there: list[float] = []
    with Worker(600) as worker:

        def ask(question: dict[str, Any]) -> dict[str, Any]:
            answer = worker.ask(question)
            there.append(perf_counter())
            return answer

        try:
            exact = import_with(ask, source, today=date(2026, 1, 1), expect=worker.expect).exact
        except CannotImport:
            exact = False
        end = perf_counter()
    ready = there[0] if there else end
    return exact, ready - start, end - ready


def main(names: list[str]) -> None:
    """Time what is named, or all for which there is a limit."""
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(HERE / "shim"), str(HERE.parent.parent), os.environ.get("PYTHONPATH", "")])
    )
    groups = {"": names} if names else {group: names_of(group) for group in LIMITS}
    for group, chosen in groups.items():
        found: dict[str, float] = {}
        for name, source in sources(chosen, group):
            exact, before, after = timed(source)
            if exact:
                found[name] = after
            print(f"{'✓' if exact else '✗'} {name}: {after:.1f} s after {before:.1f} s", flush=True)
        if group:
            above = {name: f"{one:.1f} s" for name, one in found.items() if one >= LIMITS[group]}
            print(
                f"{group}: {median(found.values()):.1f} s in the middle of {len(found)} exact, {above or 'none'} above"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
