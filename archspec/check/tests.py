"""`test` blocks: they name models that there are, quantities that there are, and values that a model or policy has."""

from __future__ import annotations

from archspec.check.expressions import Expressions
from archspec.check.names import INTEGER, UNKNOWN, Known, Names, Sort
from archspec.check.reporter import Reporter
from archspec.check.variants import base_of
from archspec.ledger.quantities import QUANTITIES
from archspec.plan import GIVEN
from archspec.policy import CHOICES, parse_choice
from archspec.scope import Definition
from archspec.syntax import tree
from archspec.syntax.source import Place

OTHER_GIVEN = ("inputs_grad", "frozen")
"""What a test may give beside policy choices and the values of models."""
SHAPE = "shape"
"""The shape of a model's output, which only tests ask for."""


def check_test(reporter: Reporter, test: tree.Test) -> None:
    """Report what is wrong with a test before it runs."""
    names = Names()
    models = [_condition_model(reporter, condition) for condition in test.conditions]
    known: set[str] = set()
    for model in models:
        if model is not None:
            known |= _symbols(model)
    for argument in test.given:
        assert argument.name is not None
        if argument.name in GIVEN:
            if argument.name == "plan":
                _plan(reporter, argument.value)
            continue  # the rest is read by the grammar of plans, when the test runs
        _given(reporter, argument, known, complete=all(models) and not reporter.incomplete)
        names.bind(argument.name, Known("a value", UNKNOWN, True))
    for name in known:
        if names.peek(name) is None:
            names.bind(name, Known("a value", INTEGER, True))
    expressions = _TestExpressions(reporter, names)
    for condition in test.conditions:
        expressions.check(condition.value)


def _plan(reporter: Reporter, node: tree.Expression) -> None:
    """Report a plan that the file does not have."""
    name = node.name if isinstance(node, tree.Name) else getattr(node, "value", "")
    plans = [item.name for item in reporter.scope.file.items if isinstance(item, tree.Plan)]
    if name not in plans:
        file, fix = f"`{reporter.scope.source.name}`", reporter.suggest(str(name), plans)
        reporter.error(node, "no-such-plan", name=name, file=file, fix=fix)


def _condition_model(reporter: Reporter, condition: tree.Condition) -> Definition | None:
    """The model that a condition is about; reports one that is unknown, or an unknown quantity of it."""
    path = condition.path
    parts, scope = path.names, reporter.scope
    start = 0
    if len(parts) > 1 and parts[0] in scope.aliases:
        scope, start = scope.aliases[parts[0]], 1
    found = scope.lookup(parts[start])
    if found is None:
        if not reporter.incomplete:
            place = (
                reporter.place(path.start, path.start + len(parts[0]))
                if start == 0
                else reporter.place(path.start, path.end)
            )
            fix = reporter.suggest(parts[start], scope.names)
            reporter.error_at(place, "unknown-model", name=parts[start], fix=fix)
        return None
    check_quantity(
        reporter,
        reporter.place(path.start, path.end),
        parts[start + 1 :],
        path.start + sum(map(len, parts[: start + 1])) + start + 1,
    )
    return base_of(found)


def check_quantity(reporter: Reporter, place: Place, rest: tuple[str, ...], start: int) -> None:
    """Report a path behind a model that ends in no quantity. A path of instances may stand before it."""
    if any(".".join(rest[at:]) in (*QUANTITIES, SHAPE) for at in range(len(rest))):
        return
    name = ".".join(rest)
    if not name:
        reporter.error_at(place, "no-quantity", name=place.source.text[place.start : place.end])
        return
    fix = reporter.suggest(name, QUANTITIES, (SHAPE,)) or reporter.suggest(rest[-1], QUANTITIES, (SHAPE,))
    reporter.error_at(reporter.place(min(start, place.end - 1), place.end), "unknown-quantity", name=name, fix=fix)


def _symbols(found: Definition) -> set[str]:
    """What values may be given for: parameters, and axes of inputs."""
    layer = found.node
    assert isinstance(layer, tree.Layer)
    names = {formal.name for formal in layer.formals}
    for declared in layer.signature.inputs if layer.signature is not None else ():
        for position, axis in enumerate(declared.axes):
            if isinstance(axis, tree.Star):
                names.add(axis.name or "N")
            elif isinstance(axis, tree.Name):
                names.add(axis.name)
            elif isinstance(axis, tree.Wild):
                names.add(f"{declared.name}_{position}")
    return names


def _given(reporter: Reporter, argument: tree.Argument, known: set[str], *, complete: bool) -> None:
    name = argument.name
    assert name is not None
    if name in CHOICES:
        written = reporter.scope.source.text[argument.value.start : argument.value.end].strip('"')
        if parse_choice(name, "".join(written.split())) is None:
            choices = ", ".join(filter(None, CHOICES[name]))
            fix = reporter.suggest(written, CHOICES[name])
            reporter.error(argument.value, "unknown-value", name=name, value=written, choices=choices, fix=fix)
    elif complete and name not in known and name not in OTHER_GIVEN:
        place = reporter.place(argument.start, argument.start + len(name))
        fix = reporter.suggest(name, known, CHOICES, OTHER_GIVEN)
        reporter.error_at(place, "unknown-given", name=name, fix=fix)


class _TestExpressions(Expressions):
    """In a test, `model.quantity` is a number."""

    def check(self, node: tree.Expression) -> Sort:
        """Check an expression, and tell its sort."""
        parts = _dotted(node)
        if len(parts) > 1 and self.names.peek(parts[0]) is None and parts[0] != "policy":
            found = self.reporter.scope.lookup(parts[0])
            if found is not None:
                place = self.reporter.place(node.start, node.end)
                check_quantity(self.reporter, place, tuple(parts[1:]), node.start + len(parts[0]) + 1)
                return INTEGER
        return super().check(node)


def _dotted(node: tree.Expression) -> list[str]:
    if isinstance(node, tree.Name):
        return [node.name]
    if isinstance(node, tree.Attribute):
        before = _dotted(node.value)
        return [*before, node.name] if before else []
    return []
