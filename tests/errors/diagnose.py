"""What is wrong with a text: the one function that the Markdown suites call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from archspec.check import check_scope
from archspec.choices import split_choices
from archspec.errors.diagnostic import Diagnostic, Diagnostics, SpecError
from archspec.loading import _pick  # what `load` does with a text that was read
from archspec.scope import load_text as load_scope
from archspec.spectests import run_tests


def diagnose(text: str, asked: str = "", files: Mapping[str, str] | None = None) -> list[Diagnostic]:
    """All errors and warnings of a text, as `archspec check` reports them; then those of what is asked of it.

    asked: `test`, to run its tests, or what `ask` is for.
    """
    diagnostics = Diagnostics()
    scope = load_scope(text, diagnostics, name="spec.arch", files=files)
    check_scope(scope, diagnostics)
    if asked == "test":
        for result in run_tests(scope):
            for problem in result.problems:
                diagnostics.add(problem)
    elif asked and not diagnostics.errors:
        try:
            ask(text, asked, dict(files or {}))
        except SpecError as error:
            for diagnostic in error.diagnostics:
                diagnostics.add(diagnostic)
    return list(diagnostics)


def ask(text: str, asked: str, files: dict[str, str]) -> None:
    """Size a model. asked: `NAME`, a model; `.QUANTITY`; `NAME=VALUE`, a value or a choice; separated by spaces."""
    model: str | None = None
    quantities: list[str] = []
    choices: dict[str, Any] = {}
    for word in asked.split():
        name, equals, value = word.partition("=")
        if equals:
            choices[name] = _value(value)
        elif word.startswith("."):
            quantities.append(word[1:])
        else:
            model = None if word == "size" else word
    diagnostics = Diagnostics()
    found = _pick(load_scope(text, diagnostics, name="spec.arch", files=files), model, diagnostics)
    policy, given = split_choices(choices)
    found.check_requirements(found.derive(policy, given), given)
    for quantity in quantities:
        found.dim(quantity, policy, given)


def _value(written: str) -> Any:
    try:
        return json.loads(written)
    except ValueError:
        return written
