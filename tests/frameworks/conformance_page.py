"""docs/conformance.md from the data of a run."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

HEAD = """# Conformance of the layer library

Every layer with a spelling in PyTorch or Keras, compared with the real layer: random constructor arguments and shapes,
the comparison that `archspec verify` makes, on a model of this one layer. This page is written by
`python -m tests.frameworks.conformance`; a test asks for a new run whenever a block changes.

Compared with PyTorch {torch}: elements of parameters and buffers, their names and shapes, shapes of outputs, FLOPs
forward and backward, and bytes kept for the backward pass in float32, bfloat16 and under autocast, in training and in
evaluation, on CPU. Compared with Keras {keras}: trainable weights and shapes of outputs. *times* says how many
constructions were drawn. All delta are 0: {total:,} numbers of {constructions:,} constructions in PyTorch,
{in_keras:,} constructions in Keras. Where a layer declares an exception, the footnote below its table says for what.
"""


def page(found: dict[str, dict[str, Any]]) -> str:
    """The page. Raises `KeyError` on data of another form."""
    from importlib.metadata import version

    parts = [
        HEAD.format(
            torch=version("torch").partition("+")[0],
            keras=version("keras"),
            total=sum(one["torch"]["numbers"] for one in found.values()),
            constructions=sum(one["torch"]["constructions"] for one in found.values()),
            in_keras=sum(one["keras"]["constructions"] for one in found.values()),
        )
    ]
    ordered = sorted(found.items(), key=lambda item: (item[1]["file"], item[0]))
    for file, group in groupby(ordered, key=lambda item: item[1]["file"]):
        parts.append(_section(file, list(group)))
    return "\n".join(parts)


def _section(file: str, layers: list[tuple[str, dict[str, Any]]]) -> str:
    lines = [f"## {file}", "", "| layer | PyTorch | times | Keras | times | result |", "|---|---|--:|---|--:|---|"]
    notes: list[str] = []
    for name, one in layers:
        marks = []
        for exception in one["exceptions"]:
            when = f" when `{exception['when']}`" if exception["when"] else ""
            notes.append(f"{len(notes) + 1}. `{name}`: `{exception['quantity']}` is not compared{when}: "
                         f"{_plain(exception['reason'])}.")  # fmt: skip
            marks.append(str(len(notes)))
        lines.append(f"| `{name}` | {_names(one['spelling'])} | {_times(one['torch'])} | {_keras(one)} "
                     f"| {_times(one['keras'])} | {_result(one, marks)} |")  # fmt: skip
    return "\n".join([*lines, "", *notes, *([""] if notes else [])])


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "–"


def _times(side: dict[str, Any]) -> str:
    return str(side["constructions"] or "–")


def _keras(one: dict[str, Any]) -> str:
    spellings, reasons = one["keras_spelling"], [_plain(reason) for reason in one["keras_reasons"]]
    if not spellings:
        return f"none: {'; '.join(reasons)}" if reasons else "–"
    return _names(spellings) + (f"; else none: {'; '.join(reasons)}" if reasons else "")


def _result(one: dict[str, Any], marks: list[str]) -> str:
    failed = len(one["torch"]["failures"]) + len(one["keras"]["failures"])
    if failed:
        return f"**{failed} differences**"
    return "delta 0" + (f", but see {', '.join(marks)}" if marks else "")


def _plain(text: str) -> str:
    return text.replace("|", "\\|").rstrip(".")
