"""Formulas of both sides as formulas: equal for every size of the axes, not at some sizes.

torch's expression is read into the algebra of archspec, whose normal form makes equal polynomials, also those of
floors, one object; the difference is zero or it is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archspec.algebra import Dim, Facts, compare, evaluate, floordiv, free_symbols, maximum, minimum, mod, symbol
from archspec.elaborate.entry import GivenValue
from archspec.model import Model
from archspec.policy import Policy
from archspec.verify.derived import SAVED, Derived
from archspec.verify.exported import builder

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
    from archspec.verify.traced.symbolic import trace

    symbols = derived.report.derivation.program.symbols
    axes = [name for name, info in symbols.items() if info.meaning.startswith("axis")]
    settings = {name: value for name, value in given.items() if name not in axes}
    result = Proof(axes)
    if not axes:
        return result
    maker = Maker.of_build(builder(model, "torch", policy, given))
    wanted = _inputs(model, policy, settings, axes)
    try:
        for precision in precisions:
            found = trace(maker.light, wanted, precision)
            own = policy.with_(precision=precision)
            values = {f"{SAVED}[{precision}]": found.saved}
            if precision == precisions[0]:
                values |= {"flops.forward": found.forward, "flops.backward": found.backward}
            facts = model.derive(own, settings).program.facts
            for name, value in values.items():
                quantity = name.partition("[")[0]
                if quantity not in quantities:
                    continue
                choices: dict[str, Any] = {**own.to_dict(), **settings}
                ours = model.expression(quantity, **choices)
                if compare(ours, "==", to_dim(value, facts), facts) is True:
                    result.proved.append(name)
            result.conditions = list(dict.fromkeys([*result.conditions, *found.conditions]))
    except Exception as error:  # torch may want a number anywhere
        result.failed = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:120]}"
    return result


def _inputs(model: Model, policy: Policy, settings: Mapping[str, GivenValue], axes: list[str]) -> list[Any]:
    """What the model is called with: an example of each input, and the names of its axes."""
    from archspec.verify.traced.modules import Wanted

    program = model.derive(policy, settings).program
    pictures = [one.shape[2:] for one in program.inputs.values() if len(one.shape) > 3]
    large = {name for shape in pictures for size in shape for name in free_symbols(size)}
    sizes = {name: (PICTURE if name in large else PRIMES)[place] for place, name in enumerate(axes)}
    known = {**model.values(model.derive(policy, settings), settings), **sizes}
    wanted: list[Any] = []
    for name, tensor in program.inputs.items():
        shape = tuple(size if isinstance(size, int) else evaluate(size, known) for size in tensor.shape)
        labels = tuple(_axis(size, axes) for size in tensor.shape)
        dtype = "float" if tensor.dtype in ("act", "float32") else tensor.dtype
        wanted.append((Wanted(name, dtype, shape), labels))
    return wanted


def _axis(size: Dim, axes: list[str]) -> str | None:
    """The axis that a size is, by itself."""
    return next((name for name in axes if not isinstance(size, int) and size == symbol(name, 1)), None)


def to_dim(value: Any, facts: Facts) -> Dim:
    """An expression of torch's in the algebra. Raises an error for a function that it does not know."""
    if isinstance(value, int):
        return value
    kind = type(value).__name__
    if value.is_Integer:
        return int(value)
    if value.is_Symbol:
        return symbol(str(value), 1)
    parts = [to_dim(one, facts) for one in value.args]
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
    if kind in ("Max", "Min"):
        return maximum(parts, facts) if kind == "Max" else minimum(parts, facts)
    raise NotImplementedError(f"torch's formula has a {kind}")
