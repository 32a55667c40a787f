"""The two reports that are compared, each with the settings that are its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from archspec.report.report import Report

if TYPE_CHECKING:
    from archspec.elaborate.entry import GivenValue
    from archspec.model import Model
    from archspec.policy import Policy

Side = tuple["Model", "Policy"]


def reports(
    left: Side,
    right: Side,
    shared: Mapping[str, GivenValue],
    only_left: Mapping[str, GivenValue],
    only_right: Mapping[str, GivenValue],
) -> tuple[Report, Report]:
    """Both reports. What is shared goes to each model that has a parameter or an axis of that name.

    Raises `SpecError`, also for a name that neither has: then the first model says so.
    """
    names = [known_names(model, policy, shared) for model, policy in (left, right)]
    nowhere = {name: value for name, value in shared.items() if not any(name in known for known in names)}
    first, second = ({name: value for name, value in shared.items() if name in known} for known in names)
    return Report(*left, {**first, **nowhere, **only_left}), Report(*right, {**second, **only_right})


def known_names(model: Model, policy: Policy, given: Mapping[str, GivenValue]) -> set[str]:
    """The names of a model's parameters and axes. What is given may be needed to find the axes."""
    formals = {formal.name for formal in model.definition.layer.formals}
    mine = {name: value for name, value in given.items() if name in formals}
    program = model.derive(policy, mine).program
    return formals | {name.partition("[")[0] for name in program.symbols}
