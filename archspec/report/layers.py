"""The layers of a report: every primitive of a model, with its part of each quantity."""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.algebra import Dim, Facts, divide
from archspec.elaborate.bounds import at_bound
from archspec.elaborate.program import Loop, Operation, Program, Shape
from archspec.ledger.quantities import Bits
from archspec.ledger.terms import Ledger

PER_LAYER = ("params", "buffers", "activations.outputs", "activations.saved", "flops.forward", "flops.backward")
"""The quantities that a report shows layer by layer."""

_OF_ROLE = {
    "param": "params",
    "buffer": "buffers",
    "output": "activations.outputs",
    "saved": "activations.saved",
    "forward": "flops.forward",
    "backward": "flops.backward",
}


@dataclass(eq=False)
class Layer:
    """A primitive at a path: all its copies together.

    count: how many copies there are. output: the shape of its first output; `loops` are the repeats around it, over
    whose turns that shape may change. instances: the loops around each copy that was made apart.
    light: it reshapes or works element by element, without parameters or products.
    """

    path: str
    kind: str
    count: Dim
    output: Shape
    loops: tuple[Loop, ...]
    light: bool
    instances: list[tuple[Loop, ...]] = field(default_factory=list)
    quantities: dict[str, Dim] = field(default_factory=dict)


def layers(program: Program, ledger: Ledger, bits: Bits) -> list[Layer]:
    """The layers in the order in which they run. Copies made apart (a first turn that differs) are one layer."""
    found: dict[tuple[str, str], Layer] = {}
    seen: set[int] = set()
    for operation in program.region.operations():
        key = operation.path, operation.kind
        layer = found.get(key)
        if layer is None:
            layer = found[key] = Layer(*key, 0, operation.outputs[0].shape, operation.loops, True)
        elif len(operation.loops) > len(layer.loops):
            layer.output, layer.loops = operation.outputs[0].shape, operation.loops
        layer.light = layer.light and _light(operation)
        if id(operation.instance) not in seen:  # a layer that is used twice is there once
            seen.add(id(operation.instance))
            layer.instances.append(operation.instance.block.loops)
            layer.count = layer.count + copies(operation.instance.block.loops)
    _add_composites(program, found)
    _add_quantities(ledger, bits, found)
    return list(found.values())


def copies(loops: tuple[Loop, ...]) -> Dim:
    """How often something is there that stands inside loops."""
    count: Dim = 1
    for loop in loops:
        count = count * at_bound(loop.count)
    return count


def _light(operation: Operation) -> bool:
    if operation.parameters or operation.flops != 0:
        return False
    return not operation.made or any(operation.outputs[0].shape == tensor.shape for tensor in operation.inputs)


def _add_composites(program: Program, found: dict[tuple[str, str], Layer]) -> None:
    """Composites with parameters of their own, each before the first layer inside it."""
    own: dict[tuple[str, str], Layer] = {}
    first: dict[tuple[str, str], str] = {}
    for parameter in program.parameters:
        key = parameter.owner, parameter.kind
        if key in found:
            continue
        layer = own.setdefault(key, Layer(*key, 0, (), parameter.loops, False))
        if first.setdefault(key, parameter.path) == parameter.path:  # one parameter stands for the instance
            layer.instances.append(parameter.loops)
            layer.count = layer.count + copies(parameter.loops)
    if not own:
        return
    rest = dict(found)
    found.clear()
    for key, layer in rest.items():
        for composite in [one for one in own if _inside(key[0], one[0])]:
            found[composite] = own.pop(composite)
        found[key] = layer
    found.update(own)


def _inside(path: str, parent: str) -> bool:
    return parent == "" or path == parent or path.startswith(parent + ".")


def _add_quantities(ledger: Ledger, bits: Bits, found: dict[tuple[str, str], Layer]) -> None:
    """Each term goes to its layer. Elements are counted; storages are measured in bytes, those of one device."""
    for term in ledger.terms:
        name = _OF_ROLE.get(term.role)
        if name is None or term.amount == 0:
            continue
        layer = found[term.path, term.kind]
        amount = term.amount
        if term.role in ("output", "saved"):
            amount = divide(bits(term.dtype) * term.share, 8, Facts())
        layer.quantities[name] = layer.quantities.get(name, 0) + at_bound(amount)
