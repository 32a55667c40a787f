"""What archspec derives for a model at given numbers: the side that is verified.

The totals are the closed formulas, evaluated. The single layers, tensors and storages come from the same spec run turn
by turn with numbers: they say where a difference is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import prod
from typing import cast

from archspec.algebra import Dim, evaluate
from archspec.elaborate.entry import Given, elaborate
from archspec.elaborate.program import Fixed, Loop, Operation, Parameter, Program, Storage, Tensor
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.model import Model
from archspec.policy import Policy
from archspec.report.report import Report
from archspec.syntax import tree
from archspec.verify.errors import CannotVerify
from archspec.verify.exceptions import Declared, declared, refusable
from archspec.verify.traced.records import Cost, Held, Kept, Made, Record, Shape

TOTALS = ("params", "buffers", "flops.forward", "flops.backward")
SAVED = "activations.saved"


@dataclass
class Derived:
    """One model at given numbers.

    totals: quantities by name; those that hang on the precision as `activations.saved[bf16]`. formulas: as text.
    inputs: name, dtype and shape of what the model is called with. unverified: what layers declare, by quantity.
    operations: how many are run, turn by turn. reports: one for each precision that kept bytes are compared in.
    """

    record: Record
    report: Report
    totals: dict[str, int] = field(default_factory=dict)
    inputs: list[tuple[str, str, Shape]] = field(default_factory=list)
    unverified: Declared = field(default_factory=dict)
    operations: int = 0
    reports: dict[str, Report] = field(default_factory=dict)

    @property
    def excused(self) -> list[str]:
        """The precisions in which a layer declares kept bytes unverified: a framework may have no kernel there."""
        kept = self.record.kept
        return [precision for precision in kept if refusable(self.unverified.get(f"{SAVED}[{precision}]", []))]

    def formula(self, quantity: str) -> str:
        """A quantity as text, in the symbols of the model."""
        name, _, precision = quantity.partition("[")
        return self.reports.get(precision.removesuffix("]"), self.report).formula(name)


def derive(model: Model, policy: Policy, given: Given, precisions: tuple[str, ...]) -> Derived:
    """A model at numbers for every symbol. Raises `SpecError` when the spec is wrong at these numbers."""
    report = Report(model, policy, given)
    missing = sorted(name for name in report.derivation.program.symbols if name not in report.values)
    if missing:
        raise CannotVerify(f"{model.name} needs a number for {', '.join(missing)}")
    program = unrolled(model, policy, given)
    derived = Derived(_record(program), report, operations=sum(1 for _ in program.region.operations()))
    derived.totals = {name: _value(report, name) for name in TOTALS}
    _with_terms(derived.record, report)
    derived.unverified = {name: declared(program, name) for name in TOTALS}
    for precision in precisions:
        own = policy.with_(precision=precision)
        walked = program if precision == policy.precision else unrolled(model, own, given)
        derived.record.kept[precision] = kept(walked, own)
        derived.unverified[f"{SAVED}[{precision}]"] = declared(walked, SAVED)
        derived.reports[precision] = Report(model, own, given)
        derived.totals[f"{SAVED}[{precision}]"] = _value(derived.reports[precision], SAVED)
    for name, tensor in program.inputs.items():
        derived.inputs.append((name, tensor.dtype, _shape(tensor.shape)))
    return derived


def derive_held(model: Model, policy: Policy, given: Given) -> Derived:
    """Only what a model holds: the free axes of its inputs need no numbers."""
    report = Report(model, policy, given)
    program = unrolled(model, policy, given)
    totals = {name: _value(report, name) for name in ("params", "buffers")}
    return Derived(Record([_held(parameter) for parameter in program.parameters]), report, totals)


def _value(report: Report, quantity: str) -> int:
    value = report.value(quantity)
    if value is None:
        raise CannotVerify(f"{quantity} of {report.model.name} needs more numbers: {report.formula(quantity)}")
    return value


def unrolled(model: Model, policy: Policy, given: Given) -> Program:
    """A model with every symbol a number and every loop run turn by turn.

    A derived default (`hidden = 4*d`) is a symbol of its own as soon as `d` is a number: symbols are put in until there
    are no new ones.
    """
    derivation = model.derive(policy, given)
    symbols, values = derivation.program.symbols, model.values(derivation, given)
    fixed: dict[str, Fixed] = {}
    while True:
        known = {**{name: info.value for name, info in symbols.items()}, **values}
        fixed = {
            name: Fixed(name, value, None) for name, value in known.items() if value is not None and name in symbols
        }
        diagnostics = Diagnostics()
        program = elaborate(model.definition, given, model.defaults, policy, diagnostics, fixed, unrolled=True)
        if program is None:
            raise SpecError(list(diagnostics))
        if program.symbols.keys() <= symbols.keys():
            return program
        symbols = program.symbols


def check_sizes(program: Program) -> None:
    """Raise `CannotVerify` where a tensor has an axis without elements: a framework refuses some of these."""
    for operation in program.region.operations():
        for tensor in operation.outputs:
            if any(_number(size) < 1 for size in tensor.shape):
                raise CannotVerify(f"{operation.path} gives a tensor of {list(_shape(tensor.shape))}")


def _record(program: Program) -> Record:
    operations = list(program.region.operations())
    return Record(
        [_held(parameter) for parameter in program.parameters],
        [_shape(tensor.shape) for tensor in program.outputs.values()],
        [
            Made(one.path, one.kind, tuple(_shape(tensor.shape) for tensor in one.outputs))
            for one in operations
            if any(parameter.owner == one.path for parameter in one.parameters)
        ],
        _costs(operations, "flops"),
        _costs(operations, "backward"),
    )


def _held(parameter: Parameter) -> Held:
    shape, dtype = _shape(parameter.tensor.shape), parameter.tensor.dtype
    tied = parameter.tied_to.path if parameter.tied_to is not None else None
    copies = _copies(parameter.loops)
    return Held(
        parameter.path, parameter.owner, parameter.role, shape, copies, parameter.trainable, tied, dtype, parameter.kind
    )


def _with_terms(record: Record, report: Report) -> None:
    """Add the shapes in symbols."""
    terms = {
        one.path: f"[{', '.join(report.text(size) for size in one.tensor.shape)}]"
        for one in report.derivation.program.parameters
    }
    record.held = [replace(one, term=terms.get(one.name, "")) for one in record.held]


def _costs(operations: list[Operation], attribute: str) -> list[Cost]:
    found = [
        Cost(one.path, one.kind, _number(cast(Dim, getattr(one, attribute))) * _copies(one.loops)) for one in operations
    ]
    return [cost for cost in found if cost.flops]


def kept(program: Program, policy: Policy) -> list[Kept]:
    """Every storage that is kept for the backward pass, once, at the operation that keeps it first."""
    found: list[Kept] = []
    seen: set[Storage] = set()
    shapes: dict[Storage, Tensor] = {}
    for operation in program.region.operations():
        for tensor in (*operation.inputs, *operation.outputs):
            shapes.setdefault(tensor.storage, tensor)
        for storage in operation.kept:
            if storage.kind != "new" or storage in seen:
                continue
            seen.add(storage)
            copies = _copies(storage.loops)
            elements = _number(storage.elements) * copies
            if not elements:
                continue
            tensor_of = shapes.get(storage)
            shape = _shape(tensor_of.shape) if tensor_of is not None else (elements,)
            shape = shape if prod(shape) == elements else (elements,)
            where = str(storage.kept_at) if storage.kept_at is not None else ""
            size = elements * policy.bits(storage.dtype) // 8
            called = _called(operation.layer)
            found.append(Kept(operation.path, operation.kind, storage.dtype, shape, size, where, called))
    return found


def _called(layer: tree.Layer) -> str:
    """The function or class of torch that a layer is written with: `scaled_dot_product_attention`."""
    for statement in layer.body:
        if isinstance(statement, tree.Binding) and statement.framework == "torch":
            call = statement.call
            function = call.function if isinstance(call, tree.Call) else None
            return function.name if isinstance(function, tree.Name | tree.Attribute) else ""
    return ""


def _copies(loops: tuple[Loop, ...]) -> int:
    return prod(_number(loop.count) for loop in loops)


def _shape(shape: tuple[Dim, ...]) -> Shape:
    return tuple(_number(size) for size in shape)


def _number(dim: Dim) -> int:
    return dim if isinstance(dim, int) else evaluate(dim, {})
