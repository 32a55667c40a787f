"""Variants: `model gpt2_xl = GPT2(d = 1600)`."""

from __future__ import annotations

from archspec.check.arguments import check_arguments
from archspec.check.expressions import Expressions
from archspec.check.names import Names
from archspec.check.reporter import Reporter
from archspec.scope import Definition
from archspec.syntax import tree


def base_of(found: Definition) -> Definition | None:
    """The layer or model that a variant is one of; None when there is none, or a circle."""
    seen: list[object] = []
    while isinstance(found.node, tree.Variant):
        if any(found.node is one for one in seen):
            return None
        seen.append(found.node)
        target = target_of(found)
        if target is None:
            return None
        found = target
    return found


def target_of(found: Definition) -> Definition | None:
    """What a variant names."""
    assert isinstance(found.node, tree.Variant)
    function = found.node.call.function
    if isinstance(function, tree.Attribute) and isinstance(function.value, tree.Name):
        alias = found.scope.aliases.get(function.value.name)
        return None if alias is None else alias.lookup(function.name)
    return found.scope.lookup(function.name) if isinstance(function, tree.Name) else None


def check_variant(reporter: Reporter, variant: tree.Variant) -> None:
    """Report a variant of nothing, of itself, or with wrong arguments."""
    expressions = Expressions(reporter, Names())
    sorts = [expressions.check(argument.value).word for argument in variant.call.arguments]
    found = Definition(variant, reporter.scope.source, reporter.scope)
    target = target_of(found)
    if target is None:
        if not reporter.incomplete:
            function = variant.call.function
            name = function.name if isinstance(function, tree.Name | tree.Attribute) else "this"
            reporter.error(function, "unknown-model", name=name, fix=reporter.suggest(name, reporter.scope.names))
        return
    reporter.asked.add(target.node.name)
    base = base_of(found)
    if base is not None:
        assert isinstance(base.node, tree.Layer)
        check_arguments(reporter, base.node, variant.call.arguments, sorts)
    elif _in_circle(found):
        place = reporter.place(variant.name_start, variant.name_end)
        reporter.error_at(place, "variant-circle", name=variant.name)


def _in_circle(found: Definition) -> bool:
    """Whether a variant leads back to itself, not only to a circle of others."""
    seen: list[object] = []
    at: Definition | None = found
    while at is not None and isinstance(at.node, tree.Variant):
        if any(at.node is one for one in seen):
            return at.node is found.node
        seen.append(at.node)
        at = target_of(at)
    return False
