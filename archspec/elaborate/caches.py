"""The `cache` statement: what a decoder keeps between its steps."""

from __future__ import annotations

from dataclasses import replace

from archspec.algebra import Dim, minimum
from archspec.elaborate import expressions, signatures
from archspec.elaborate.frame import Frame, product
from archspec.elaborate.parameters import written_dtype
from archspec.elaborate.program import Cached, Shape, Storage, Tensor
from archspec.elaborate.values import describe
from archspec.policy import FLOATS, dtype_named
from archspec.syntax import tree


def declare(frame: Frame, statement: tree.Cache) -> None:
    """Note what is cached. Of `last n`, no more than `n` positions are held, where the policy knows windows."""
    context = frame.context
    last = None if statement.last is None else expressions.evaluate_dim(frame, statement.last)
    for item in statement.items:
        held = _state(frame, item) if isinstance(item, tree.TensorDecl) else _named(frame, item)
        if last is not None:
            held = _windowed(frame, item, held, last)
        path = f"{frame.instance.path}.{item.name}" if frame.instance.path else item.name
        context.cached.append(Cached(path, held, context.loops))


def _named(frame: Frame, item: tree.Name) -> Tensor:
    """A tensor of the body. A precision of its own for the cache is for floating-point tensors."""
    value = frame.lookup(item, item.name)
    if not isinstance(value, Tensor):
        frame.fault(item, "not-a-tensor", found=describe(value))
    precision = dtype_named(frame.context.policy.cache_precision)
    if precision is not None and value.dtype in FLOATS:
        return _holding(value, value.shape, precision)
    return value


def _state(frame: Frame, item: tree.TensorDecl) -> Tensor:
    """A tensor that only the cache has. A precision that is written is what the layer needs: no policy changes it."""
    shape = signatures.output_shape(frame, item)
    dtype = written_dtype(frame, item) or dtype_named(frame.context.policy.cache_precision) or "act"
    return Tensor(shape, dtype, Storage("new", product(shape), dtype, frame.context.loops), False)


def _windowed(frame: Frame, item: tree.Node, held: Tensor, last: Dim) -> Tensor:
    """At most `last` positions, which are the last axis but one: of keys `[B, h, S, e]` as of vectors `[B, S, d]`."""
    if len(held.shape) < 2:
        frame.fault(item, "cache-without-positions", shape=signatures.shape_text(held.shape))
    if frame.context.policy.cache != "window":
        return held
    positions = minimum((last, held.shape[-2]), frame.context.facts)
    return _holding(held, (*held.shape[:-2], positions, held.shape[-1]), held.dtype)


def _holding(tensor: Tensor, shape: Shape, dtype: str) -> Tensor:
    """The same tensor as the cache holds it, in memory of its own."""
    storage = Storage("new", product(shape), dtype, tensor.storage.loops)
    return replace(tensor, shape=shape, dtype=dtype, storage=storage)
