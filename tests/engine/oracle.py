"""Three readings of one model that must agree: its formulas, a walk with plain integers, and a count by brute force.

`formulas` evaluates what the engine derives with symbols. `walked` elaborates with every symbol a number, so that no
algebra is needed, loops still closed or unrolled. `counted` looks at the unrolled program only and counts what
it sees, operation by operation; it shares no code with the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import prod

from archspec.algebra import Dim, evaluate
from archspec.elaborate.entry import Given, elaborate
from archspec.elaborate.program import Fixed, Loop, Operation, Program, Storage
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.ledger.build import build
from archspec.ledger.quantities import QUANTITIES
from archspec.ledger.terms import Ledger
from archspec.model import Model
from archspec.policy import Policy

CHECKED = (
    "params",
    "params.active",
    "params.trainable",
    "buffers",
    "activations.outputs",
    "activations.saved",
    "activations.peak",
    "flops.forward",
    "flops.backward",
    "kv_cache",
)
BY_PATH = ("params", "buffers", "activations.outputs", "flops.forward", "flops.backward")
"""What is booked to a layer without a choice. A kept storage goes to the first that keeps it: a matter of order."""
ROLES = {
    "param": "params",
    "buffer": "buffers",
    "output": "activations.outputs",
    "forward": "flops.forward",
    "backward": "flops.backward",
}


@dataclass
class Reading:
    """Numbers by quantity and by (quantity, path). `bounds`: quantities that are said not to be exact."""

    total: dict[str, int] = field(default_factory=dict)
    by_path: dict[tuple[str, str], int] = field(default_factory=dict)
    bounds: set[str] = field(default_factory=set)


# --- formulas ---------------------------------------------------------------------------------------


def formulas(model: Model, policy: Policy, given: Given) -> Reading:
    """The formulas of a model, evaluated at `given`, which has a value for every symbol."""
    reading = Reading()
    for quantity in CHECKED:
        own = _policy_of(quantity, policy)
        dim, exact = model.dim(quantity, policy, given)
        value = model.evaluate(dim, model.derive(own, given), given)
        assert value is not None, f"{quantity} has a symbol without a value: {dim}"
        reading.total[quantity] = value
        if not exact:
            reading.bounds.add(quantity)
    derivation = model.derive(policy, given)
    _by_path(reading, derivation.ledger, policy, lambda dim: model.evaluate(dim, derivation, given))
    return reading


def _policy_of(quantity: str, policy: Policy) -> Policy:
    mode = QUANTITIES[quantity].mode
    return policy if mode is None else policy.with_(mode=mode)


def _by_path(reading: Reading, ledger: Ledger, policy: Policy, number: Callable[[Dim], int | None]) -> None:
    found: dict[tuple[str, str], int] = defaultdict(int)
    for term in ledger.terms:
        quantity = ROLES.get(term.role)
        if quantity is not None:
            amount = number(term.amount)
            assert amount is not None
            found[quantity, term.path] += amount * (policy.bits(term.dtype) if term.role == "output" else 8)
    reading.by_path = {key: bits // 8 for key, bits in found.items() if bits}


# --- the same walk with numbers ---------------------------------------------------------------------


def program_of(model: Model, policy: Policy, given: Given, unrolled: bool) -> Program:
    """A model elaborated with every symbol a number. A derived default (`hidden = 4*d`) is a symbol of its own as soon
    as `d` is a number, so symbols are collected until there are no new ones."""
    symbols = model.derive(policy, given).program.symbols
    fixed: dict[str, Fixed] = {}
    program: Program | None = None
    while program is None or symbols.keys() - fixed.keys():
        numbers = {name: _number(name, info.value, given) for name, info in symbols.items()}
        fixed = {name: Fixed(name, value, None) for name, value in numbers.items() if value is not None}
        assert len(fixed) == len(symbols), f"no value for {symbols.keys() - fixed.keys()}"
        diagnostics = Diagnostics()
        program = elaborate(model.definition, given, model.defaults, policy, diagnostics, fixed, unrolled)
        if program is None:
            raise SpecError(list(diagnostics))
        symbols = program.symbols
    return program


def _number(name: str, value: int | None, given: Given) -> int | None:
    """The value of a symbol: as given, where `depths[1]` is an entry of `depths`."""
    head, *indices = name.replace("]", "").split("[")
    found = given.get(head, value)
    for index in indices:
        if isinstance(found, list | tuple):
            found = found[int(index)]
    return found if isinstance(found, int) else value


def walked(model: Model, policy: Policy, given: Given, unrolled: bool) -> Reading:
    """The quantities of the ledger of a walk with numbers."""
    reading = Reading()
    for own in dict.fromkeys(_policy_of(quantity, policy) for quantity in CHECKED):
        program = program_of(model, own, given, unrolled)
        ledger = build(program)
        for quantity in CHECKED:
            if _policy_of(quantity, policy) == own:
                dim, exact = QUANTITIES[quantity].read(program, ledger, own.bits, lambda term: True)
                reading.total[quantity] = evaluate(dim, {})
                if not exact:
                    reading.bounds.add(quantity)
        if own == policy:
            _by_path(reading, ledger, policy, lambda dim: evaluate(dim, {}))
    return reading


# --- brute force ------------------------------------------------------------------------------------


def counted(model: Model, policy: Policy, given: Given) -> Reading:
    """Everything counted on the unrolled program."""
    program = program_of(model, policy, given, unrolled=True)
    in_eval = policy.with_(mode="eval")
    evaluation = program_of(model, in_eval, given, unrolled=True)
    operations = list(program.region.operations())
    assert all(not one.loops for one in operations), "a loop was not unrolled"
    reading = Reading(by_path=_counted_by_path(program, operations, policy))
    total = reading.total
    for quantity in BY_PATH:
        total[quantity] = sum(value for (name, _), value in reading.by_path.items() if name == quantity)
    own = [one for one in program.parameters if one.tied_to is None and one.role == "param"]
    sizes = [(one, _int(one.tensor.storage.elements)) for one in own]
    total["params.trainable"] = sum(_copies(one.loops) * size for one, size in sizes if one.trainable)
    total["params.active"] = sum(_working(one.loops) * size for one, size in sizes)
    total["activations.saved"] = _kept(operations, policy)
    total["activations.peak"] = _peak(evaluation, in_eval)
    total["kv_cache"] = sum(
        prod(map(_int, one.tensor.shape)) * policy.bits(one.tensor.dtype) // 8 for one in evaluation.cached
    )
    return reading


def _int(dim: object) -> int:
    assert type(dim) is int, f"{dim} is not a number"
    return dim


def _copies(loops: Iterable[Loop]) -> int:
    return prod(_int(loop.count) for loop in loops)


def _working(loops: Iterable[Loop]) -> int:
    return prod(_int(loop.count if loop.active is None else loop.active) for loop in loops)


def _counted_by_path(program: Program, operations: list[Operation], policy: Policy) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = defaultdict(int)
    for parameter in program.parameters:
        if parameter.tied_to is None:
            elements = _copies(parameter.loops) * prod(map(_int, parameter.tensor.shape))
            found[ROLES[parameter.role], parameter.owner] += elements
    for operation in operations:
        there = {one.storage for one in operation.inputs} | {one.tensor.storage for one in operation.parameters}
        fresh = {one.storage for one in operation.outputs} - there
        found["activations.outputs", operation.path] += sum(_bytes(storage, policy) for storage in fresh)
        found["flops.forward", operation.path] += _int(operation.flops)
        found["flops.backward", operation.path] += _int(operation.backward)
    return {key: value for key, value in found.items() if value}


def _bytes(storage: Storage, policy: Policy) -> int:
    bits = _int(storage.elements) * policy.bits(storage.dtype)
    assert bits % 8 == 0
    return bits // 8


def _kept(operations: list[Operation], policy: Policy) -> int:
    """Each storage that any operation keeps, once; parameters and inputs of the model are there anyway."""
    kept: set[Storage] = set()
    for operation in operations:
        kept.update(storage for storage in operation.kept if storage.kind not in ("param", "buffer", "input"))
    return sum(_bytes(storage, policy) for storage in kept)


def _peak(program: Program, policy: Policy) -> int:
    """A forward pass, operation by operation: what an operation reads and writes is there while it runs; everything
    is freed after its last use, outputs of the model never."""
    operations = list(program.region.operations())
    last: dict[Storage, int] = {}
    for position, operation in enumerate(operations):
        for tensor in (*operation.inputs, *operation.outputs):
            last[tensor.storage] = position
    for tensor in program.outputs.values():
        last[tensor.storage] = len(operations)
    live = {tensor.storage for tensor in program.inputs.values() if tensor.storage in last}
    highest = sum(_bytes(storage, policy) for storage in live)
    for position, operation in enumerate(operations):
        live.update(tensor.storage for tensor in (*operation.inputs, *operation.outputs))
        live = {storage for storage in live if storage.kind not in ("param", "buffer")}
        highest = max(highest, sum(_bytes(storage, policy) for storage in live))
        live = {storage for storage in live if last[storage] > position}
    return highest


# --- comparing --------------------------------------------------------------------------------------


def disagreements(model: Model, policy: Policy, given: Given, paths: bool = True) -> list[str]:
    """What the readings disagree about. `paths`: names of layers are the same however often a loop runs, which holds
    where every `repeat` has a name."""
    truth = counted(model, policy, given)
    readings = {
        "formula": formulas(model, policy, given),
        "numbers": walked(model, policy, given, unrolled=False),
        "unrolled": walked(model, policy, given, unrolled=True),
    }
    found: list[str] = []
    for name, reading in readings.items():
        for quantity in CHECKED:
            value, right = reading.total[quantity], truth.total[quantity]
            if value != right and not (quantity in reading.bounds and value >= right):
                found.append(f"{name}: {quantity} is {value}, counted {right}")
        if paths:
            for key in sorted(reading.by_path.keys() | truth.by_path.keys()):
                value, right = reading.by_path.get(key, 0), truth.by_path.get(key, 0)
                if value != right:
                    found.append(f"{name}: {key[0]} of `{key[1]}` is {value}, counted {right}")
    return found
