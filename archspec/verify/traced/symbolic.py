"""A model traced with axes of its inputs as symbols: FLOPs and kept bytes as formulas of torch's own making.

The model runs on fake tensors whose sizes are torch's symbols, each at least 2. Where an operation asks whether two
sizes are equal, torch answers for the sizes it was given as examples, and notes the answer as a condition: the formulas
hold where all do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch._dispatch.python import enable_python_dispatcher
from torch._dynamo.source import ConstantSource
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv, StatelessSymbolicContext
from torch.utils.flop_counter import FlopCounterMode

from archspec.verify.traced.flops import corrections
from archspec.verify.traced.measure import DTYPES
from archspec.verify.traced.modules import Build, as_fake
from archspec.verify.traced.watch import tensors_in

Size = int | tuple[str, int]
"""A size of an input: a number, or a multiple of an axis, by name and factor."""


@dataclass(frozen=True)
class Symbolized:
    """An input whose sizes may be symbols. `dtype` is torch's name of it, `float` the model's own."""

    dtype: str
    sizes: tuple[Size, ...]


class Fixed(Exception):
    """The model wants a number where an axis was a symbol."""


@dataclass
class Symbolic:
    """Formulas as numbers or expressions of sympy, whose symbols have the names of the axes.

    backward: None where the pass back was not asked for.
    """

    forward: Any
    backward: Any
    saved: Any
    conditions: list[str] = field(default_factory=list)


def trace(
    light: Build, wanted: Sequence[Symbolized], examples: Mapping[str, int], precision: str, back: bool = True
) -> Symbolic:
    """Trace a model that `light` makes. Raises whatever the model raises where it wants numbers.

    examples: a size for each axis, all different, so that torch takes no two axes for one. back: run the pass back
    too, which is most of the time and of which only FLOPs are asked.
    """
    environment = ShapeEnv(duck_shape=True)
    mode = FakeTensorMode(shape_env=environment, allow_non_fake_inputs=True)
    floating = DTYPES[precision]
    model = as_fake(light().train(), mode, floating)
    # One tensor with all axes brings their symbols into being; inputs are made of multiples of these.
    context: Any = StatelessSymbolicContext(dynamic_sizes=[DimDynamic.DUCK] * len(examples))
    seed = mode.from_tensor(
        torch.empty(tuple(examples.values()), device="meta"), symbolic_context=context, source=ConstantSource("axes")
    )
    symbols: dict[str, Any] = dict(zip(examples, seed.shape, strict=True))
    names = {size.node.expr: name for name, size in symbols.items()}
    with mode:
        inputs = [_input(one, symbols, floating) for one in wanted]
    own = {one.untyped_storage()._cdata for one in [*model.parameters(), *model.buffers(), *inputs]}
    kept: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            kept[storage._cdata] = storage
        return tensor

    counter = FlopCounterMode(display=False, custom_mapping=corrections(lambda _: None))
    # torch's own kernels of recurrent layers want numbers; what it has in Python in their place does not. Elsewhere the
    # kernels are what is asked for: attention in Python keeps other tensors.
    recurrent = any(isinstance(module, nn.RNNBase) for module in model.modules())
    with enable_python_dispatcher() if recurrent else nullcontext(), mode, counter:
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            results = list(tensors_in(model(*inputs)))
        forward: Any = counter.get_total_flops()
        saved: Any = sum(storage.nbytes() for storage in kept.values())
        ends = [one for one in results if one.requires_grad]
        if ends and back:
            torch.autograd.backward(ends, [torch.empty_like(one) for one in ends])
    backward: Any = counter.get_total_flops() - forward if back else None
    if environment.replacements:
        raise Fixed("torch fixes a size to a number")
    conditions = [str(guard.expr.xreplace(_symbols(guard.expr, names))) for guard in environment.guards]
    found = [_renamed(value, names) for value in (forward, backward, saved)]
    return Symbolic(found[0], found[1], found[2], list(dict.fromkeys(conditions)))


def _input(one: Symbolized, symbols: Mapping[str, Any], floating: torch.dtype) -> torch.Tensor:
    dtype = floating if one.dtype == "float" else getattr(torch, one.dtype)
    sizes = [size if isinstance(size, int) else symbols[size[0]] * size[1] for size in one.sizes]
    return torch.empty(sizes, dtype=dtype)


def _renamed(value: Any, names: dict[Any, str]) -> Any:
    """A number, or nothing, as it is; a symbolic one as an expression in the names of the axes."""
    if value is None or isinstance(value, int):
        return value
    expression = value.node.expr
    return expression.xreplace(_symbols(expression, names))


def _symbols(expression: Any, names: dict[Any, str]) -> dict[Any, Any]:
    import sympy

    return {
        one: sympy.Symbol(names[one], integer=True, positive=True) for one in expression.free_symbols if one in names
    }
