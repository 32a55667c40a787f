"""Formulas of both sides as formulas: equal for every size of the axes, not at some sizes.

torch's expression is read into the algebra of archspec, whose normal form makes equal polynomials, also those of
floors, one object; the difference is zero or it is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lcm
from typing import TYPE_CHECKING, Any

from archspec.algebra import Dim, compare, evaluate, free_symbols, substitute, symbol
from archspec.elaborate.entry import GivenValue
from archspec.elaborate.program import Program
from archspec.model import Model
from archspec.policy import Policy
from archspec.verify.derived import SAVED, Derived
from archspec.verify.exported import builder
from archspec.verify.outcome import Proof
from archspec.verify.readback import Unreadable, to_dim

if TYPE_CHECKING:
    from archspec.verify.traced.modules import Build
    from archspec.verify.traced.symbolic import Symbolized

PRIMES = (3, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)
PICTURE = (67, 71, 73, 79, 83, 89, 97, 101)
"""Examples of sizes: all different, so that torch takes no two axes for one."""


@dataclass(frozen=True)
class _Axis:
    """An axis of an input that is a symbol: every multiple of `step`."""

    name: str
    step: int
    picture: bool

    @property
    def symbol(self) -> str:
        """The symbol that stands for the number of steps; a name that no spec can have unless it is the axis."""
        return self.name if self.step == 1 else f"{self.name}/{self.step}"

    @property
    def text(self) -> str:
        """For people."""
        return self.name if self.step == 1 else f"{self.name} = {self.step}*n"


def prove(
    model: Model,
    policy: Policy,
    given: Mapping[str, GivenValue],
    derived: Derived,
    quantities: Sequence[str],
    precisions: Sequence[str],
) -> Proof:
    """Compare FLOPs and kept bytes of the export to torch, with the axes of the inputs as symbols.

    Where torch wants a number for the last axis, as for the steps of a recurrent layer, it is done without that one.
    """
    from archspec.verify.traced.modules import Maker

    maker = Maker.of_build(builder(model, "torch", policy, given))
    axes = _axes(derived)
    result = Proof([])
    while axes:
        result = Proof([one.text for one in axes], [one.name for one in axes])
        try:
            for precision in precisions:
                _compare(result, model, policy.with_(precision=precision), given, maker.light, quantities, axes)
            return result
        except Unreadable as error:
            failed = str(error)
        except Exception as error:  # torch may want a number anywhere
            text = str(error).strip().partition("\n")[0][:120]
            failed = text if type(error).__name__ == "Fixed" else f"{type(error).__name__}: {text}"
        result = Proof(result.axes, [], failed=failed)
        axes = axes[:-1]
    return result


def _axes(derived: Derived) -> list[_Axis]:
    """The axes that inputs have by themselves, with the multiples that the spec requires."""
    program = derived.report.derivation.program
    steps: dict[str, int] = {}
    for one in derived.report.derivation.assumptions:
        modulus = derived.report.evaluate(one.modulus) if one.modulus is not None else None
        if modulus and one.op == "==" and one.right == 0:
            for name in free_symbols(one.left):
                if one.left == symbol(name, 1):
                    steps[name] = lcm(steps.get(name, 1), modulus)
    pictures = {
        name
        for tensor in program.inputs.values()
        for size in (tensor.shape[2:] if len(tensor.shape) > 3 else ())
        for name in free_symbols(size)
    }
    names = [name for name, info in program.symbols.items() if info.meaning.startswith("axis")]
    return [_Axis(name, steps.get(name, 1), name in pictures) for name in names]


def _compare(
    result: Proof,
    model: Model,
    policy: Policy,
    given: Mapping[str, GivenValue],
    light: Build,
    quantities: Sequence[str],
    axes: list[_Axis],
) -> None:
    """Trace in one precision and note what is equal."""
    from archspec.verify.traced.symbolic import trace

    settings = {name: value for name, value in given.items() if name not in result.symbols}
    derivation = model.derive(policy, settings)
    examples = {one.symbol: _example(one, place) for place, one in enumerate(axes)}
    known = model.values(derivation, settings)
    # FLOPs hang on no precision: the first trace that proves them is enough.
    costs = not any(name.startswith("flops") for name in result.proved)
    found = trace(light, _inputs(derivation.program, known, axes), examples, policy.precision, back=costs)
    result.conditions.extend(one for one in found.conditions if one not in result.conditions)
    facts = derivation.program.facts
    values = {f"{SAVED}[{policy.precision}]": found.saved}
    if costs:
        values |= {"flops.forward": found.forward, "flops.backward": found.backward}
    choices: dict[str, Any] = {**policy.to_dict(), **settings}
    multiples = {one.name: symbol(one.symbol, 1) * one.step for one in axes if one.step > 1}
    for name, value in values.items():
        quantity = name.partition("[")[0]
        if quantity in quantities:
            theirs = to_dim(value, facts, result.conditions)
            ours = substitute(model.expression(quantity, **choices), multiples, facts)
            if compare(ours, "==", theirs, facts) is True:
                result.proved.append(name)


def _example(axis: _Axis, place: int) -> int:
    """A size of an axis, in steps: pictures must survive some halvings."""
    return (PICTURE if axis.picture and axis.step == 1 else PRIMES)[place]


def _inputs(program: Program, known: Mapping[str, int], axes: list[_Axis]) -> list[Symbolized]:
    """What the model is called with."""
    from archspec.verify.traced.symbolic import Symbolized

    wanted: list[Symbolized] = []
    for tensor in program.inputs.values():
        dtype = "float" if tensor.dtype in ("act", "float32") else tensor.dtype
        wanted.append(Symbolized(dtype, tuple(_size(size, known, axes) for size in tensor.shape)))
    return wanted


def _size(size: Dim, known: Mapping[str, int], axes: list[_Axis]) -> int | tuple[str, int]:
    """A size as a number or as a multiple of an axis."""
    if isinstance(size, int):
        return size
    for one in axes:
        if size == symbol(one.name, 1):
            return one.symbol, one.step
    used = [one.name for one in axes if one.name in free_symbols(size)]
    if used:
        raise Unreadable(f"an input has an axis that is computed from {used[0]}")
    return evaluate(size, known)
