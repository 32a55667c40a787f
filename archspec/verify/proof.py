"""Formulas of both sides as formulas: equal for every size of the axes, not at some sizes.

torch's expression is read into the algebra of archspec, whose normal form makes equal polynomials, also those of
floors, one object; the difference is zero or it is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archspec.algebra import Dim, Facts, compare, evaluate, floordiv, free_symbols, maximum, minimum, mod, symbol
from archspec.elaborate.entry import GivenValue
from archspec.model import Model
from archspec.policy import Policy
from archspec.verify.derived import SAVED, Derived
from archspec.verify.exported import builder

if TYPE_CHECKING:
    from archspec.verify.traced.modules import Build, Wanted
    from archspec.verify.traced.symbolic import Axes

PRIMES = (3, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)
PICTURE = (67, 71, 73, 79, 83, 89, 97, 101)
"""Examples of sizes: all different, so that torch takes no two axes for one."""


@dataclass
class Proof:
    """What was proved for which axes, and under which conditions of torch's; else why not."""

    axes: list[str]
    proved: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    failed: str = ""


def prove(
    model: Model,
    policy: Policy,
    given: Mapping[str, GivenValue],
    derived: Derived,
    quantities: Sequence[str],
    precisions: Sequence[str],
) -> Proof:
    """Compare FLOPs and kept bytes of the export to torch, with the axes of the inputs as symbols."""
    from archspec.verify.traced.modules import Maker

    maker = Maker.of_build(builder(model, "torch", policy, given))
    symbols = derived.report.derivation.program.symbols
    axes = [name for name, info in symbols.items() if info.meaning.startswith("axis")]
    result = Proof([])
    # Where the axes of a picture must be multiples, as in a U-Net, torch cannot follow: then the batch alone.
    for chosen in (axes, axes[:1])[: len(axes)]:
        result = Proof(chosen)
        try:
            for precision in precisions:
                _compare(result, model, policy.with_(precision=precision), given, maker.light, quantities)
            return result
        except Exception as error:  # torch may want a number anywhere
            result = Proof(chosen, failed=f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:120]}")
    return result


def _compare(
    result: Proof,
    model: Model,
    policy: Policy,
    given: Mapping[str, GivenValue],
    light: Build,
    quantities: Sequence[str],
) -> None:
    """Trace in one precision and note what is equal."""
    from archspec.verify.traced.symbolic import trace

    settings = {name: value for name, value in given.items() if name not in result.axes}
    found = trace(light, _inputs(model, policy, settings, result.axes), policy.precision)
    result.conditions.extend(one for one in found.conditions if one not in result.conditions)
    facts = model.derive(policy, settings).program.facts
    values = {f"{SAVED}[{policy.precision}]": found.saved}
    if not any(name.startswith("flops") for name in result.proved):
        values |= {"flops.forward": found.forward, "flops.backward": found.backward}
    choices: dict[str, Any] = {**policy.to_dict(), **settings}
    for name, value in values.items():
        quantity = name.partition("[")[0]
        if quantity in quantities:
            theirs = to_dim(value, facts, result.conditions)
            if compare(model.expression(quantity, **choices), "==", theirs, facts) is True:
                result.proved.append(name)


def _inputs(
    model: Model, policy: Policy, settings: Mapping[str, GivenValue], axes: list[str]
) -> list[tuple[Wanted, Axes]]:
    """What the model is called with: an example of each input, and the names of its axes."""
    from archspec.verify.traced.modules import Wanted

    derivation = model.derive(policy, settings)
    program = derivation.program
    pictures = [one.shape[2:] for one in program.inputs.values() if len(one.shape) > 3]
    large = {name for shape in pictures for size in shape for name in free_symbols(size)}
    sizes = {name: (PICTURE if name in large else PRIMES)[place] for place, name in enumerate(axes)}
    known = {**model.values(derivation, settings), **sizes}
    wanted: list[tuple[Wanted, Axes]] = []
    for name, tensor in program.inputs.items():
        shape = tuple(size if isinstance(size, int) else evaluate(size, known) for size in tensor.shape)
        labels = tuple(_axis(size, axes) for size in tensor.shape)
        dtype = "float" if tensor.dtype in ("act", "float32") else tensor.dtype
        wanted.append((Wanted(name, dtype, shape), labels))
    return wanted


def _axis(size: Dim, axes: list[str]) -> str | None:
    """The axis that a size is, by itself."""
    return next((name for name in axes if not isinstance(size, int) and size == symbol(name, 1)), None)


def to_dim(value: Any, facts: Facts, conditions: list[str]) -> Dim:
    """An expression of torch's in the algebra. Raises `NotImplementedError` for a function that it does not know.

    conditions: what is taken for granted is noted there.
    """
    if isinstance(value, int):
        return value
    kind = type(value).__name__
    if value.is_Integer:
        return int(value)
    if value.is_Symbol:
        return symbol(str(value), 1)
    parts = [to_dim(one, facts, conditions) for one in value.args]
    if kind == "Add":
        return sum(parts[1:], parts[0])
    if kind == "Mul":
        product: Dim = 1
        for part in parts:
            product = product * part
        return product
    if kind == "Pow" and isinstance(parts[1], int) and parts[1] >= 0:
        power: Dim = 1
        for _ in range(parts[1]):
            power = power * parts[0]
        return power
    if kind in ("FloorDiv", "CleanDiv"):
        return floordiv(parts[0], parts[1], facts)
    if kind in ("Mod", "PythonMod"):
        return mod(parts[0], parts[1], facts)
    if kind == "Max" and len(parts) == 2 and 1 in parts:
        # A stride is taken over max(size, 1) elements, and a tensor of which something is kept has elements.
        size = parts[parts[0] == 1]
        condition = f"{size} >= 1"
        conditions.extend([condition] if condition not in conditions else [])
        return size
    if kind in ("Max", "Min"):
        return maximum(parts, facts) if kind == "Max" else minimum(parts, facts)
    raise NotImplementedError(f"torch's formula has a {kind}")
