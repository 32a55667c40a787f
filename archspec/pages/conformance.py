"""What was found when a layer was compared with PyTorch and Keras: only a checkout has these results."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from archspec.library import standard
from archspec.pages.blocks import Block, Heading, Items, Line
from archspec.pages.collect import Entry
from archspec.resources import folder


def conformance(entry: Entry) -> list[Block]:
    """What stands on a layer's page: how often it was compared, with which result. Nothing where nothing is known."""
    if not standard().holds(entry.definition.source, entry.name):
        return []
    found = _results().get(entry.name)
    if found is None:
        return []
    lines: list[Line] = []
    for framework, title in (("torch", "PyTorch"), ("keras", "Keras")):
        lines += _said(title, found.get(framework) or {})
    lines += [[f"Left out: {reason}"] for reason in found.get("exceptions", [])]
    return [Heading(2, "Conformance"), Items(lines)] if lines else []


def _said(title: str, result: dict[str, Any]) -> list[Line]:
    times, numbers = result.get("constructions", 0), result.get("numbers")
    if not times:
        return []
    failures = result.get("failures", [])
    counted = f", {numbers} numbers" if numbers else ""
    line = (
        f"{title}: {times} random constructions{counted}, {'all equal' if not failures else f'{len(failures)} differ'}."
    )
    if result.get("quantities"):
        line += f" Compared: {', '.join(result['quantities'])}."
    return [[line], *([str(failure)] for failure in failures)]


@cache
def _results() -> dict[str, Any]:
    """The results by layer. An installation without a checkout has none."""
    path = os.path.join(os.path.dirname(folder("specs")), "tests", "data", "conformance.json")
    if not os.path.isfile(path):
        return {}
    with open(path, encoding="utf-8") as file:
        results: dict[str, Any] = json.load(file)
    return results
