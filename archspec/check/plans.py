"""Plans: `plan pod for llama3_8b { … }`."""

from __future__ import annotations

from archspec.check.reporter import Reporter
from archspec.errors.diagnostic import Diagnostic, Diagnostics, SpecError
from archspec.loading import make_model
from archspec.plan import apply_plan
from archspec.policy import Policy
from archspec.syntax import tree


def check_plan(reporter: Reporter, plan: tree.Plan) -> None:
    """Report a plan for nothing, unknown choices, and names of layers that the model does not have."""
    source = reporter.scope.source
    before = len(reporter.diagnostics.found)
    policy = apply_plan(plan, source, Policy(), reporter.diagnostics)
    reporter.errors += len(reporter.diagnostics.found) - before
    found = reporter.definition(plan.target)
    if found is None:
        if not reporter.incomplete:
            target = plan.target
            name = target.name if isinstance(target, tree.Name | tree.Attribute) else "this"
            reporter.error(target, "unknown-model", name=name, fix=reporter.suggest(name, reporter.scope.names))
        return
    if len(reporter.diagnostics.found) > before:
        return
    try:
        make_model(found.scope, found.node.name, Diagnostics()).derive(policy)
    except SpecError as error:
        # What is wrong with the model itself is reported where it stands.
        place = reporter.place(plan.name_start, plan.name_end)
        for one in error.diagnostics:
            if one.place is None:
                reporter.errors += 1
                reporter.diagnostics.add(Diagnostic(one.id, one.severity, one.message, place, one.notes, one.fix))
