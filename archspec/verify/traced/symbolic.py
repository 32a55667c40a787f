"""A model traced with axes of its inputs as symbols: FLOPs and kept bytes as formulas of torch's own making.

The model runs on fake tensors whose sizes are torch's symbols, each at least 2. Where an operation asks whether two
sizes are equal, torch answers for the sizes it was given as examples, and notes the answer as a condition: the formulas
hold where all do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch._dynamo.source import ConstantSource
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv, StatelessSymbolicContext
from torch.utils.flop_counter import FlopCounterMode

from archspec.verify.traced.flops import corrections
from archspec.verify.traced.measure import DTYPES
from archspec.verify.traced.modules import Build, Wanted, as_fake
from archspec.verify.traced.watch import tensors_in

Axes = tuple[str | None, ...]
"""For each axis of an input its name, if it is a symbol."""


@dataclass
class Symbolic:
    """Formulas as numbers or expressions of sympy, whose symbols have the names of the axes."""

    forward: Any
    backward: Any
    saved: Any
    conditions: list[str] = field(default_factory=list)


def trace(light: Build, wanted: Sequence[tuple[Wanted, Axes]], precision: str) -> Symbolic:
    """Trace a model that `light` makes. Raises whatever the model raises where it wants numbers.

    Axes of one name must have one size in `wanted`, and axes of two names two sizes.
    """
    environment = ShapeEnv(duck_shape=True)
    mode = FakeTensorMode(shape_env=environment, allow_non_fake_inputs=True)
    floating = DTYPES[precision]
    model = as_fake(light().train(), mode, floating)
    names: dict[Any, str] = {}
    inputs: list[torch.Tensor] = []
    for number, (one, axes) in enumerate(wanted):
        kinds = [DimDynamic.STATIC if name is None else DimDynamic.DUCK for name in axes]
        context: Any = StatelessSymbolicContext(dynamic_sizes=kinds)
        example = one.make(floating)
        fake = mode.from_tensor(example, symbolic_context=context, source=ConstantSource(f"input_{number}"))
        for size, name in zip(fake.shape, axes, strict=True):
            if name is not None:
                symbol: Any = size  # torch says that a size is an int, which this one is not
                names[symbol.node.expr] = name
        inputs.append(fake)
    own = {one.untyped_storage()._cdata for one in [*model.parameters(), *model.buffers(), *inputs]}
    kept: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            kept[storage._cdata] = storage
        return tensor

    counter = FlopCounterMode(display=False, custom_mapping=corrections(lambda _: None))
    with mode, counter:
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            results = list(tensors_in(model(*inputs)))
        forward: Any = counter.get_total_flops()
        saved: Any = sum(storage.nbytes() for storage in kept.values())
        ends = [one for one in results if one.requires_grad]
        if ends:
            torch.autograd.backward(ends, [torch.empty_like(one) for one in ends])
    backward: Any = counter.get_total_flops() - forward
    if environment.replacements:
        raise ValueError("torch fixed a size to a number")
    conditions = [str(guard.expr.xreplace(_symbols(guard.expr, names))) for guard in environment.guards]
    found = [_renamed(value, names) for value in (forward, backward, saved)]
    return Symbolic(found[0], found[1], found[2], list(dict.fromkeys(conditions)))


def _renamed(value: Any, names: dict[Any, str]) -> Any:
    """A number as it is; a symbolic one as an expression in the names of the axes."""
    if isinstance(value, int):
        return value
    expression = value.node.expr
    return expression.xreplace(_symbols(expression, names))


def _symbols(expression: Any, names: dict[Any, str]) -> dict[Any, Any]:
    import sympy

    return {
        one: sympy.Symbol(names[one], integer=True, positive=True) for one in expression.free_symbols if one in names
    }
