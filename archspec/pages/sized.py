"""An entry as a model that can be asked for formulas, or why it cannot be one by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from archspec.elaborate import calls
from archspec.elaborate.frame import Context, Fault, Frame
from archspec.elaborate.values import Block, Definition, Instance
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.loading import make_model
from archspec.model import Model
from archspec.pages.collect import Entry
from archspec.policy import CHOICES, Policy
from archspec.report.report import Report
from archspec.syntax import tree

_EXAMPLES: dict[str, Any] = {"real": Fraction(1, 2), "flag": True}
"""What stands for an argument of a kind that no formula has as a symbol, where the block gives no default."""


@dataclass(frozen=True)
class Sized:
    """A model, what was given to it so that it has formulas, and its report; or the reason why there is none."""

    model: Model
    given: dict[str, Any]
    report: Report | None
    reason: str = ""


def sized(entry: Entry) -> Sized:
    """Size an entry with symbols for all integers; where that cannot be, with values from the tests of its block."""
    model = make_model(entry.scope, entry.name, Diagnostics())
    reason = ""
    for given in _tries(entry, model):
        try:
            return Sized(model, given, Report(model, Policy(), given))
        except SpecError as error:
            reason = reason or error.diagnostics[0].message
    return Sized(model, {}, None, reason)


def _tries(entry: Entry, model: Model) -> Iterator[dict[str, Any]]:
    """What could be given: nothing; examples for what has no symbol; what tests give, first only what has none."""
    missing = {
        formal.name: _EXAMPLES[formal.kind]
        for formal in entry.layer.formals
        if formal.default is None and formal.kind in _EXAMPLES and formal.name not in model.defaults
    }
    yield missing
    settings = [given for test in entry.tests for given in [settable(entry, test)] if given]
    for given in settings:
        yield {**missing, **{name: value for name, value in given.items() if type(value) is not int}}
    for given in settings:
        yield {**missing, **given}


def settable(entry: Entry, test: tree.Test) -> dict[str, Any]:
    """The values that a test gives to parameters and axes of an entry; nothing of it where one has no plain value."""
    names = {formal.name for formal in entry.layer.formals}
    signature = entry.layer.signature
    for tensor in signature.inputs if signature else ():
        for axis in tensor.axes:
            if isinstance(axis, tree.Name):
                names.add(axis.name)
            elif isinstance(axis, tree.Star):
                names.add(axis.name or "N")
    found: dict[str, Any] = {}
    for argument in test.given:
        if argument.name in CHOICES or argument.name not in names:
            continue
        try:
            found[argument.name] = calls.argument_value(_frame(entry, test), argument.value)
        except (Fault, SpecError):
            return {}
    return found


def _frame(entry: Entry, test: tree.Test) -> Frame:
    """A frame to evaluate what a test gives in."""
    shell = tree.Layer(test.start, test.end, "model", False, "test", (), None, None, (), test.start, test.end)
    definition = Definition(shell, entry.definition.source, entry.scope)
    return Frame(
        Context(Policy(), Diagnostics()), definition, Instance(definition, {}, "", Block("", ())), None, None, 0
    )


# --- worked numbers ---------------------------------------------------------------------------------

_LENGTHS = (1024, 512, 256, 224, 128, 96, 64, 32, 16, 8, 4, 2, 1)


def sample(entry: Entry, report: Report) -> dict[str, int] | None:
    """Values for the free symbols of a model: the largest of a test that sets only these; else lengths that it takes.

    Where nothing says otherwise the first axis of the inputs is 1, one sample.
    """
    free = report.free
    if not free:
        return {}
    from_tests: list[dict[str, int]] = []
    for test in entry.tests:
        given = settable(entry, test)
        # A test that sets other sizes too is of a small model, and one at 1 throughout counts something else.
        if (
            given.keys() == set(free)
            and all(type(value) is int for value in given.values())
            and max(given.values()) > 1
        ):
            from_tests.append(given)
    from_tests.sort(key=lambda values: -sum(values.values()))
    parameters = {formal.name for formal in entry.layer.formals}
    first = next((name for name in free if name not in parameters), free[0])
    for values in [*from_tests, *(dict.fromkeys(free, length) | {first: 1} for length in _LENGTHS)]:
        if fits(report, values):
            return values
    return None


def fits(report: Report, values: dict[str, int]) -> bool:
    """Whether a model takes these values."""
    try:
        Report(report.model, report.policy, {**report.given, **values})
    except SpecError:
        return False
    return True
