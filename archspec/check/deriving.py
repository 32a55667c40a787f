"""Every model and variant of a file elaborated with its defaults, then the layers that no model reaches, by themselves.

A model that fails with its defaults is wrong. A layer is judged by what no caller could mend.
"""

from __future__ import annotations

from bisect import bisect_left

from archspec.check.reporter import Reporter
from archspec.check.variants import base_of
from archspec.derivation import Derivation
from archspec.elaborate.calls import kind_of
from archspec.elaborate.entry import elaborate
from archspec.elaborate.program import Program
from archspec.elaborate.values import Definition as Elaborated
from archspec.elaborate.values import Value
from archspec.errors.diagnostic import Diagnostic, Diagnostics, Note, SpecError
from archspec.ledger.terms import Ledger
from archspec.loading import make_model
from archspec.policy import Policy
from archspec.scope import Definition
from archspec.syntax import tree
from archspec.syntax.source import Place

_MOST_OPERATIONS = 100_000
"""So many operations are elaborated for one file; the models after that are checked without."""

_POLICIES = (Policy(), Policy(backend="cpu", attention="eager", mode="eval"))
"""The first is every model's; the second is tried too where a file asks for the policy."""

_CERTAIN = frozenset(
    {
        "wrong-input-count",
        "wrong-target-count",
        "wrong-rank",
        "duplicate-instance",
        "instance-has-name",
        "maps-parameters",
        "no-such-parameter",
        "output-not-assigned",
        "overwrites-kept",
        "rebound-name",
        "too-deep-calls",
        "unknown-argument",
        "unknown-layer",
        "unknown-name",
    }
)
"""What is wrong with a layer whatever its parameters and inputs are."""


def check_derivations(reporter: Reporter, references: dict[str, set[str]], faulty: set[str]) -> None:
    """Elaborate what can be.

    references: which names each definition asks for. faulty: the definitions in which there are errors.
    """
    _Deriving(reporter, references).run(faulty)


class _Deriving:
    def __init__(self, reporter: Reporter, references: dict[str, set[str]]) -> None:
        self.reporter = reporter
        self.known = _Reported(reporter.diagnostics)
        self.operations = 0
        self.own: dict[str, Definition] = dict(reporter.scope.definitions)
        self.references = {name: references.get(name, set()) & self.own.keys() for name in self.own}
        self.reached: set[str] = set()

    def run(self, faulty: set[str]) -> None:
        asks_policy = "policy." in self.reporter.scope.source.text
        for name, found in self.own.items():
            is_model = isinstance(found.node, tree.Layer) and found.node.keyword == "model" and not found.node.external
            if is_model or (isinstance(found.node, tree.Variant) and name not in faulty):
                self._reach(name)
                for policy in _POLICIES if asks_policy else _POLICIES[:1]:
                    self._model(name, found, policy)
        for name in self._callers_first():
            node = self.own[name].node
            if name in self.reached or not isinstance(node, tree.Layer) or not _stands_alone(node):
                continue
            self._reach(name)
            if name not in faulty:
                self._layer(self.own[name])

    def _reach(self, name: str) -> None:
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one not in self.reached:
                self.reached.add(one)
                waiting.extend(self.references[one])

    def _callers_first(self) -> list[str]:
        """The names of the file, each before what it calls, but for circles."""
        order: list[str] = []
        seen: set[str] = set()
        for start in self.own:
            waiting = [(start, False)]
            while waiting:
                name, finished = waiting.pop()
                if finished:
                    order.append(name)
                elif name not in seen:
                    seen.add(name)
                    waiting.append((name, True))
                    waiting.extend((callee, False) for callee in self.references[name])
        return order[::-1]

    def _model(self, name: str, found: Definition, policy: Policy) -> None:
        base = base_of(found)
        if base is None or not isinstance(base.node, tree.Layer) or self.operations > _MOST_OPERATIONS:
            return
        diagnostics = Diagnostics()
        try:
            model = make_model(self.reporter.scope, name, diagnostics)
        except SpecError as error:
            self.known.add(error.diagnostics)
            return
        program = self._elaborate(model.definition, model.defaults, policy, diagnostics)
        wrong = list(diagnostics)
        if program is not None:
            try:
                model.check_requirements(Derivation(program, Ledger([]), policy), {})
            except SpecError as error:
                wrong += error.diagnostics
        self.known.add([_of_model(one, found) for one in wrong if one.id != "missing-value"])

    def _layer(self, found: Definition) -> None:
        if self.operations > _MOST_OPERATIONS:
            return
        layer = found.node
        assert isinstance(layer, tree.Layer)
        diagnostics = Diagnostics()
        self._elaborate(Elaborated(layer, found.source, found.scope), {}, _POLICIES[0], diagnostics)
        certain = _CERTAIN if _ranks_are_known(layer) else _CERTAIN - {"wrong-rank"}
        self.known.add([one for one in diagnostics if one.id in certain])

    def _elaborate(
        self, definition: Elaborated, defaults: dict[str, Value], policy: Policy, diagnostics: Diagnostics
    ) -> Program | None:
        program = elaborate(definition, {}, defaults, policy, diagnostics)
        self.operations += 1 if program is None else sum(1 for _ in program.region.operations())
        return program


class _Reported:
    """What is reported already, so that one mistake is reported once, however many models meet it."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.diagnostics = diagnostics
        self._places: set[tuple[str, str, int]] = set()
        self._covered: dict[str, _Ranges] = {}
        by_source: dict[str, list[tuple[int, int]]] = {}
        for one in diagnostics.errors:
            if one.place is not None:
                by_source.setdefault(one.place.source.name, []).append((one.place.start, one.place.end))
        for name, ranges in by_source.items():
            self._covered[name] = _Ranges(ranges)

    def add(self, found: list[Diagnostic]) -> None:
        """Add what was found, but for what overlaps an error of the static checks, or is known from another model."""
        for one in found:
            if one.place is not None:
                name, start, end = one.place.source.name, one.place.start, one.place.end
                if (one.id, name, start) in self._places or (
                    name in self._covered and self._covered[name].meets(start, end)
                ):
                    continue
                self._places.add((one.id, name, start))
            self.diagnostics.add(one)


class _Ranges:
    """Ranges of characters, joined where they overlap."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end in sorted(ranges):
            if self.ends and start < self.ends[-1]:
                self.ends[-1] = max(end, self.ends[-1])
            else:
                self.starts.append(start)
                self.ends.append(end)

    def meets(self, start: int, end: int) -> bool:
        """Whether a range overlaps one of them: the last that begins before its end reaches beyond its start."""
        at = bisect_left(self.starts, end) - 1
        return at >= 0 and self.ends[at] > start


def _of_model(one: Diagnostic, found: Definition) -> Diagnostic:
    """What is wrong with a model, and for which variant of it.

    A condition on a symbol without a value is decided once a value is given: a warning.
    """
    severity = "warning" if one.id == "undecidable-condition" else one.severity
    notes = one.notes
    if isinstance(found.node, tree.Variant):
        name = Place(found.source, found.node.name_start, found.node.name_end)
        notes = (*notes, Note(f"with the values of `{found.node.name}`", name))
    return Diagnostic(one.id, severity, one.message, one.place, notes, one.fix)


def _stands_alone(layer: tree.Layer) -> bool:
    """Whether a layer can be elaborated without a caller: every parameter has a default or can be a symbol."""
    if layer.external or layer.signature is None:
        return False
    return all(formal.default is not None or kind_of(formal) in (None, "dim", "nat", "int") for formal in layer.formals)


def _ranks_are_known(layer: tree.Layer) -> bool:
    """Whether a caller cannot change how many axes a tensor has."""
    assert layer.signature is not None
    stars = any(isinstance(axis, tree.Star) for one in layer.signature.inputs for axis in one.axes)
    return not stars and all(kind_of(formal) != "list" for formal in layer.formals)
