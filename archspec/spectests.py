"""The `test` blocks of spec files: runs them, and says of each condition that does not hold what was found instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from archspec.algebra import AlgebraError, Dim, Poly, compare, free_symbols, symbol
from archspec.elaborate import calls, expressions
from archspec.elaborate.frame import Context, Fault, Frame
from archspec.elaborate.values import Block, Definition, Instance, Value, describe
from archspec.errors.diagnostic import Diagnostic, Diagnostics, SpecError
from archspec.errors.suggest import did_you_mean
from archspec.ledger.quantities import QUANTITIES
from archspec.loading import make_model
from archspec.model import Model
from archspec.plan import GIVEN, apply_line, apply_plan
from archspec.policy import CHOICES, Policy, parse_choice
from archspec.report.report import Report
from archspec.scope import FileScope
from archspec.syntax import tree
from archspec.syntax.source import Place

SHAPE = "shape"
_OF_POLICY = frozenset((*CHOICES, "inputs_grad", "frozen"))


@dataclass
class TestResult:
    """What came of a test: how many conditions it has, and what went wrong."""

    __test__ = False  # not a test case of pytest's

    test: tree.Test
    place: Place
    conditions: int
    problems: list[Diagnostic] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every condition holds."""
        return not any(one.severity == "error" for one in self.problems)


def run_tests(scope: FileScope) -> Iterator[TestResult]:
    """Run the tests of a file, one after the other. What goes wrong in one stops no other."""
    models: dict[tuple[int, str], Model] = {}
    for test in scope.tests:
        yield _Run(scope, test, models).result()


class _Run:
    """One test. Models are shared by the tests of a file: what one has derived, the next need not."""

    def __init__(self, scope: FileScope, test: tree.Test, models: dict[tuple[int, str], Model]) -> None:
        self.scope = scope
        self.test = test
        self.models = models
        self.diagnostics = Diagnostics()
        self.base = Policy()
        self.policy: dict[str, Any] = {}
        self.given: dict[str, Any] = {}
        self.reports: dict[tuple[int, str], Report] = {}

    def result(self) -> TestResult:
        """Run it."""
        place = self._place(self.test)
        try:
            for argument in self.test.given:
                self._give(argument)
        except (Fault, SpecError) as error:
            self._add(error, place)
            return TestResult(self.test, place, len(self.test.conditions), list(self.diagnostics))
        for condition in self.test.conditions:
            try:
                self._check(condition)
            except (Fault, SpecError) as error:
                self._add(error, self._place(condition))
            except AlgebraError as error:
                self.diagnostics.error("arithmetic", self._place(condition), reason=str(error))
        return TestResult(self.test, place, len(self.test.conditions), list(self.diagnostics))

    def _place(self, node: tree.Node) -> Place:
        return Place(self.scope.source, node.start, node.end)

    def _add(self, error: Fault | SpecError, place: Place) -> None:
        """What an error says; what has no place of its own is about this place."""
        for one in error.diagnostics if isinstance(error, SpecError) else ():
            self.diagnostics.add(Diagnostic(one.id, one.severity, one.message, one.place or place, one.notes, one.fix))

    # --- given --------------------------------------------------------------------------------------

    def _give(self, argument: tree.Argument) -> None:
        name = argument.name
        assert name is not None, "the grammar wants a name"
        if name in CHOICES:
            # `mixed-bf16` reads as a difference: its text is what counts.
            written = self.scope.source.text[argument.value.start : argument.value.end].strip('"')
            choice = parse_choice(name, "".join(written.split()))
            if choice is None:
                choices = ", ".join(filter(None, CHOICES[name]))
                fix = did_you_mean(written, CHOICES[name])
                place = self._place(argument.value)
                self.diagnostics.error("unknown-value", place, name=name, value=written, choices=choices, fix=fix)
                raise Fault(name)
            self.policy[name] = choice
            return
        if name in GIVEN:
            self._give_line(name, argument)
            return
        value = calls.argument_value(self._frame({}), argument.value)
        if name == "frozen":
            value = value if isinstance(value, tuple) else (value,)
        (self.policy if name in _OF_POLICY else self.given)[name] = value

    def _give_line(self, name: str, argument: tree.Argument) -> None:
        """`plan = pod`, or what a line of a plan says: `optimizer = adamw`, `shard = "tensor = 8"`."""
        node = argument.value
        text = node.value if isinstance(node, tree.Text) else self.scope.source.text[node.start : node.end]
        if name != "plan":
            self.base = apply_line("optimizer" if name == "train" else name, text, self.base)
            return
        plans = {item.name: item for item in self.scope.file.items if isinstance(item, tree.Plan)}
        if text not in plans:
            file, fix = f"`{self.scope.source.name}`", did_you_mean(text, plans)
            self.diagnostics.error("no-such-plan", self._place(node), name=text, file=file, fix=fix)
            raise Fault(name)
        self.base = apply_plan(plans[text], self.scope.source, self.base, self.diagnostics)

    def _frame(self, names: dict[str, Value]) -> Frame:
        """A frame to evaluate expressions of the test in."""
        start, end = self.test.start, self.test.end
        shell = tree.Layer(start, end, "model", False, self.test.title, (), None, None, (), start, end)
        definition = Definition(shell, self.scope.source, self.scope)
        context = Context(self.base.with_(**self.policy), self.diagnostics)
        return Frame(context, definition, Instance(definition, {}, "", Block("", ())), None, None, 0, names)

    # --- conditions ---------------------------------------------------------------------------------

    def _check(self, condition: tree.Condition) -> None:
        report, left = self._value(condition.path.names, self._place(condition.path))
        right = self._right(condition.value, report)
        lefts = left if isinstance(left, tuple) else (left,)
        rights = right if isinstance(right, tuple) else (right,)
        holds = _all_hold(lefts, condition.op, rights, report)
        if isinstance(left, tuple) is not isinstance(right, tuple):
            holds = condition.op == "!="
        if holds:
            return
        open_symbols = sorted({name for one in lefts for name in free_symbols(one)})
        path = str(condition.path)
        if holds is None and open_symbols:
            named = ", ".join(f"`{name}`" for name in open_symbols)
            self.diagnostics.error("test-open", self._place(condition), left=f"`{path}`", names=named)
            return
        self.diagnostics.error(
            "test-failed",
            self._place(condition),
            left=f"`{path}`",
            op=condition.op,
            right=_shown(right, report),
            found=_shown(left, report),
        )

    def _value(self, path: tuple[str, ...], place: Place) -> tuple[Report, Dim | tuple[Dim, ...]]:
        """The model that a path begins with, and the quantity or shape that it names, with all numbers put in."""
        scope, start = self.scope, 1
        if len(path) > 1 and path[0] in scope.aliases and path[0] not in scope.definitions:
            scope, start = scope.aliases[path[0]], 2
        report = self._report(scope, path[start - 1], place)
        rest = path[start:]
        if rest and rest[-1] == SHAPE:
            return report, self._shape(report, rest[:-1], place)
        for at in range(len(rest)):
            quantity = ".".join(rest[at:])
            if quantity in QUANTITIES:
                return report, self._quantity(report, ".".join(rest[:at]), quantity, place)
        name = ".".join(rest)
        self.diagnostics.error("unknown-quantity", place, name=name, fix=did_you_mean(name, [*QUANTITIES, SHAPE]))
        raise Fault(name)

    def _report(self, scope: FileScope, name: str, place: Place) -> Report:
        key = id(scope), name
        if key in self.reports:
            return self.reports[key]
        if key not in self.models:
            if scope.lookup(name) is None:
                self.diagnostics.error("unknown-model", place, name=name, fix=did_you_mean(name, scope.names()))
                raise Fault(name)
            self.models[key] = make_model(scope, name, Diagnostics())
        model = self.models[key]
        known = _settable(model)
        given = {one: value for one, value in self.given.items() if one in known}
        for one in self.given:
            if one not in known and len(self._models_of_test()) == 1:
                self.diagnostics.error("unknown-given", place, name=one, fix=did_you_mean(one, known))
                raise Fault(one)
        self.reports[key] = Report(model, self.base.with_(**self.policy), given)
        return self.reports[key]

    def _models_of_test(self) -> set[tuple[str, ...]]:
        """The names that its conditions begin with; a value may be for one of several models."""
        return {
            condition.path.names[: 2 if condition.path.names[0] in self.scope.aliases else 1]
            for condition in self.test.conditions
        }

    def _quantity(self, report: Report, path: str, quantity: str, place: Place) -> Dim:
        if not path:
            return report.reduced(report.dim(quantity))
        if not any(_at(layer.path, path) for layer in report.layers):
            self._no_layer(report, path, place)
        dim, _ = report.model.dim(quantity, report.policy, report.given, path=path)
        return report.reduced(dim)

    def _shape(self, report: Report, rest: tuple[str, ...], place: Place) -> tuple[Dim, ...]:
        """The shape of the first output, of a named one, or of a layer's."""
        outputs = report.derivation.program.outputs
        path = ".".join(rest)
        if not path:
            shape = next(iter(outputs.values())).shape
        elif path in outputs:
            shape = outputs[path].shape
        else:
            found = [layer for layer in report.layers if _at(layer.path, path) and layer.output]
            if not found:
                self._no_layer(report, path, place)
            shape = found[-1].output
        return tuple(report.reduced(size) for size in shape)

    def _no_layer(self, report: Report, path: str, place: Place) -> None:
        paths = [layer.path for layer in report.layers]
        self.diagnostics.error("unknown-path", place, model=report.model.name, path=path, fix=did_you_mean(path, paths))
        raise Fault(path)

    # --- the right side -----------------------------------------------------------------------------

    def _right(self, node: tree.Expression, report: Report) -> Dim | tuple[Dim, ...]:
        names = _names(report)
        node = cast(tree.Expression, self._resolved(node, names))
        value = expressions.evaluate(self._frame(names), node)
        if isinstance(value, tuple) and all(isinstance(one, int | Poly) for one in value):
            return tuple(report.reduced(cast(Dim, one)) for one in value)
        if getattr(value, "denominator", 0) == 1 and not isinstance(value, bool):
            value = int(cast(int, value))
        if isinstance(value, bool) or not isinstance(value, int | Poly):
            self.diagnostics.error("not-an-integer", self._place(node), found=describe(value))
            raise Fault("the right side")
        return report.reduced(value)

    def _resolved(self, node: object, names: dict[str, Value]) -> object:
        """An expression in which each `model.quantity` is a name that no text can have: with a point in it."""
        if isinstance(node, tuple):
            return tuple(self._resolved(one, names) for one in node)
        if not isinstance(node, tree.Node):
            return node
        path = _dotted(node)
        if len(path) > 1 and path[0] not in names and path[0] != "policy":
            _, value = self._value(path, self._place(node))
            names[".".join(path)] = value
            return tree.Name(node.start, node.end, ".".join(path))
        parts: dict[str, Any] = {name: self._resolved(getattr(node, name), names) for name in node.__match_args__}
        return type(node)(**parts)


def _names(report: Report) -> dict[str, Value]:
    """What a test's expression may name: the model's symbols, its lists of them, and what was given."""
    names: dict[str, Value] = {
        name: cast(Value, value) for name, value in report.given.items() if not isinstance(value, int | list | tuple)
    }
    for name, info in report.derivation.program.symbols.items():
        base, *indices = name.replace("]", "").split("[")
        known: Value = symbol(name, info.lower)
        if not indices:
            names[base] = known
        else:
            names[base] = _with_entry(cast("tuple[Value, ...]", names.get(base, ())), list(map(int, indices)), known)
    return names


def _with_entry(entries: tuple[Value, ...], indices: list[int], value: Value) -> tuple[Value, ...]:
    """A list of lists with one more entry, at its end."""
    first, *rest = indices
    if rest:
        inner = cast("tuple[Value, ...]", entries[first] if first < len(entries) else ())
        value = _with_entry(inner, rest, value)
    return (*entries[:first], value)


def _settable(model: Model) -> set[str]:
    """What values may be given for: parameters, and axes of inputs."""
    layer = model.definition.layer
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


def _dotted(node: tree.Node) -> tuple[str, ...]:
    """The names of `a.b.c`, or none."""
    if isinstance(node, tree.Name):
        return (node.name,)
    if isinstance(node, tree.Attribute):
        before = _dotted(node.value)
        return (*before, node.name) if before else ()
    return ()


def _at(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}.")


def _all_hold(lefts: tuple[Dim, ...], op: str, rights: tuple[Dim, ...], report: Report) -> bool | None:
    """Whether sizes compare entry by entry; None where that hangs on symbols."""
    facts = report.derivation.program.facts
    if len(lefts) != len(rights):
        return op == "!="
    if op == "!=":
        equal = _all_hold(lefts, "==", rights, report)
        return None if equal is None else not equal
    verdicts = [compare(left, op, right, facts) for left, right in zip(lefts, rights, strict=True)]
    if all(verdict is True for verdict in verdicts):
        return True
    return False if False in verdicts else None


def _shown(value: Dim | tuple[Dim, ...], report: Report) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(report.text(one) for one in value) + "]"
    return f"{value:_}" if isinstance(value, int) else report.text(value)
