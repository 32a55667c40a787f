"""How a model uses its layers: of which kind their arguments are, how many axes their inputs have."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from archspec.algebra import AlgebraError, Facts, Poly, compare, evaluate, free_symbols, substitute
from archspec.elaborate import expressions, layers
from archspec.elaborate.calls import kind_of
from archspec.elaborate.conditions import judge
from archspec.elaborate.entry import elaborate
from archspec.elaborate.frame import Fault, Frame
from archspec.elaborate.program import Program, Tensor
from archspec.elaborate.values import Definition, Precision, Template, Value
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.model import Model
from archspec.policy import Policy
from archspec.syntax import tree

CallKey = tuple[str, int, int, int]


@dataclass
class Use:
    """A layer as a model uses it.

    values: what each parameter was given. shapes: of the inputs, for each call. dtypes: of the inputs.
    runtime: the parameters that hang on an axis that only the input of the model tells.
    """

    definition: Definition
    values: dict[str, list[Value]] = field(default_factory=dict)
    ranks: list[tuple[int, ...]] = field(default_factory=list)
    dtypes: tuple[str, ...] = ()
    runtime: set[str] = field(default_factory=set)

    def kind(self, formal: tree.Formal) -> str:
        """`dim`, `real`, `flag`, `text`, `list`, `layer`, `dims` or `precision`: the kind of a parameter."""
        layer = self.definition.layer
        written = kind_of(formal, layer)
        seen = self.values.get(formal.name, [])
        if written in ("nat", "int", "dim"):
            return "dim"
        if written is not None:
            return written
        found = {_kind(value) for value in seen}
        if found == {"dim", "real"}:
            return "real"
        return found.pop() if len(found) == 1 else "dim"

    def sample(self, name: str) -> Value | None:
        """One value that a parameter was given: of lists the longest."""
        seen = self.values.get(name, [])
        lists = [value for value in seen if isinstance(value, tuple)]
        if lists:
            return max(lists, key=len)
        return seen[0] if seen else None


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | Poly):
        return "dim"
    if isinstance(value, Fraction):
        return "real"
    if isinstance(value, str):
        return "text"
    if isinstance(value, tuple):
        return "list"
    if isinstance(value, Template):
        return "layer"
    return "precision" if isinstance(value, Precision) else "dim"


@dataclass
class Observed:
    """An elaborated model and the layers in it, by the identity of their definitions.

    spellings: for each place where a layer is called, and each call there, which of its spellings hold.
    """

    program: Program
    uses: dict[int, Use]
    spellings: dict[CallKey, list[frozenset[int]]] = field(default_factory=dict)

    def of(self, definition: Definition) -> Use:
        """How a layer is used; one that was never called has no values."""
        return self.uses.get(id(definition.layer)) or Use(definition)


def observe(model: Model, policy: Policy) -> Observed:
    """Elaborate a model and watch. Raises `SpecError` with what is wrong with it."""
    uses: dict[int, Use] = {}
    spellings: dict[CallKey, list[frozenset[int]]] = {}

    def run(frame: Frame, tensors: tuple[Tensor, ...]) -> Value:
        use = uses.setdefault(id(frame.layer), Use(frame.definition))
        use.ranks.append(tuple(len(tensor.shape) for tensor in tensors))
        use.dtypes = tuple(tensor.dtype for tensor in tensors)
        result = layers.run(frame, tensors)
        axes = {name for name, info in frame.context.symbols.items() if info.meaning.startswith("axis")}
        for formal in frame.layer.formals:
            value = frame.instance.arguments.get(formal.name)
            if value is None and formal.name in frame.names and formal.default is not None:
                value = frame.names[formal.name] if not isinstance(frame.names[formal.name], Tensor) else None
            if value is None:
                continue
            use.values.setdefault(formal.name, []).append(value)
            if isinstance(value, Poly) and free_symbols(value) & axes:
                use.runtime.add(formal.name)
        for framework in ("torch", "keras"):
            holding = [index for index, one in enumerate(bindings(frame.layer, framework)) if _holds(frame, one.when)]
            spellings.setdefault(call_key(frame, framework), []).append(frozenset(holding))
        return result

    diagnostics = Diagnostics()
    program = elaborate(model.definition, {}, model.defaults, policy, diagnostics, assumed=model.assumed, run=run)
    if program is None:
        raise SpecError(list(diagnostics))
    root = Use(model.definition)
    for formal in model.definition.layer.formals:
        if formal.name in model.defaults:
            root.values.setdefault(formal.name, []).append(model.defaults[formal.name])
    root.ranks.append(tuple(len(tensor.shape) for tensor in program.inputs.values()))
    root.dtypes = tuple(tensor.dtype for tensor in program.inputs.values())
    uses[id(model.definition.layer)] = _merged(uses.get(id(model.definition.layer)), root)
    return Observed(program, uses, spellings)


def bindings(layer: tree.Layer, framework: str) -> list[tree.Binding]:
    """The spellings of a layer in one framework."""
    return [one for one in layer.body if isinstance(one, tree.Binding) and one.framework == framework]


def call_key(frame: Frame, framework: str) -> CallKey:
    """The place where a layer is called."""
    caller = id(frame.caller.layer) if frame.caller is not None else 0
    return framework, caller, frame.call.start if frame.call is not None else -1, id(frame.layer)


def _holds(frame: Frame, condition: tree.Expression | None) -> bool:
    """Whether a condition holds at the values that the model has."""
    if condition is None:
        return True
    diagnostics, frame.context.diagnostics = frame.context.diagnostics, Diagnostics()
    try:
        verdict = judge(frame, condition, expressions.evaluate)
        if isinstance(verdict, bool):
            return verdict
        values = {name: info.value for name, info in frame.context.symbols.items() if info.value is not None}
        left, right = (evaluate(substitute(one, dict(values), Facts()), {}) for one in (verdict.left, verdict.right))
        return compare(left, verdict.op, right, Facts()) is True
    except (Fault, AlgebraError, KeyError):
        return False
    finally:
        frame.context.diagnostics = diagnostics


def _merged(inner: Use | None, root: Use) -> Use:
    if inner is None:
        return root
    for name, values in root.values.items():
        inner.values.setdefault(name, []).extend(values)
    inner.ranks.extend(root.ranks)
    inner.dtypes = inner.dtypes or root.dtypes
    return inner
