"""The layers that the language cannot say: declared `external` in the library, their shape rules here.

Keep them under ten; a test counts them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from archspec.algebra import Dim, Poly, divide, divisible, mod, symbol
from archspec.elaborate import calls
from archspec.elaborate.conditions import equal, number, show
from archspec.elaborate.frame import Frame, product
from archspec.elaborate.primitives import called_at, promote
from archspec.elaborate.program import Loop, Operation, Shape, Storage, Tensor
from archspec.elaborate.signatures import shape_text
from archspec.elaborate.values import Definition, Pack, Precision, Template, Value, describe
from archspec.syntax import tree

MAX_PARTS = 10_000
"""`Split` makes at most this many tensors."""


@dataclass(frozen=True)
class External:
    """A layer in Python. `variadic`: it takes any number of inputs; `optional`: so many inputs at the end may be left
    off.
    """

    apply: Callable[[Frame, tuple[Tensor, ...]], Value]
    variadic: bool = False
    optional: int = 0


def _record(
    frame: Frame,
    inputs: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    made: tuple[Tensor, ...],
    passes: bool = False,
) -> None:
    """`passes`: the gradients of the inputs lie in that of the output."""
    context = frame.context
    context.region.steps.append(
        Operation(
            frame.layer.name,
            frame.instance.path,
            frame.layer,
            inputs,
            outputs,
            (),
            (),
            made,
            0,
            0,
            called_at(frame),
            context.loops,
            frame.instance,
            checkpoint=context.recomputed,
            passes=(passes,) * len(inputs),
        )
    )


def _blamed(frame: Frame) -> tuple[Frame, tree.Node]:
    if frame.caller is not None and frame.call is not None:
        return frame.caller, frame.call
    return frame, frame.layer


def _axis(frame: Frame, shape: Shape) -> int:
    """The position of the axis that the parameter `dim` names."""
    dim = frame.names["dim"]
    if not isinstance(dim, int) or not -len(shape) <= dim < len(shape):
        blamed, node = _blamed(frame)
        blamed.fault(node, "no-such-axis", dim=show(dim), shape=shape_text(shape))
    return dim % len(shape)


def _split(frame: Frame, tensors: tuple[Tensor, ...]) -> Value:
    """`Split(parts, dim)`: equal parts, or parts of the listed sizes; each is a view."""
    tensor = tensors[0]
    axis = _axis(frame, tensor.shape)
    whole = tensor.shape[axis]
    parts = frame.names["parts"]
    blamed, node = _blamed(frame)
    if isinstance(parts, tuple):
        sizes = cast(tuple[Dim, ...], parts)
        total: Dim = 0
        for size in sizes:
            total = total + size
        if not equal(blamed, node, total, whole):
            blamed.fault(node, "split-sizes", total=show(total), whole=show(whole))
    else:
        assert isinstance(parts, int | Poly)
        parts = number(blamed, node, parts)
        facts = frame.context.facts
        if not 1 <= parts <= MAX_PARTS:
            blamed.fault(node, "list-too-long" if parts > MAX_PARTS else "no-parts", limit=MAX_PARTS, parts=parts)
        if divisible(whole, parts, facts) is not True and not equal(blamed, node, mod(whole, parts, facts), 0):
            blamed.fault(node, "split-parts", whole=show(whole), parts=parts)
        sizes = (divide(whole, parts, facts),) * parts
    outputs = tuple(
        Tensor(
            (*tensor.shape[:axis], size, *tensor.shape[axis + 1 :]),
            tensor.dtype,
            tensor.storage,
            tensor.needs_grad,
            tensor.strided or axis not in (0, len(tensor.shape) - 1),
        )
        for size in sizes
    )
    _record(frame, tensors, outputs, ())
    return Pack(outputs)


def _concat(frame: Frame, tensors: tuple[Tensor, ...]) -> Value:
    """`Concat(dim)`: joined along one axis, in new memory."""
    first = tensors[0].shape
    axis = _axis(frame, first)
    blamed, node = _blamed(frame)
    joined: Dim = 0
    for tensor in tensors:
        fits = len(tensor.shape) == len(first) and all(
            index == axis or equal(blamed, node, one, other)
            for index, (one, other) in enumerate(zip(first, tensor.shape, strict=True))
        )
        if not fits:
            blamed.fault(node, "cannot-concat", one=shape_text(first), other=shape_text(tensor.shape), axis=axis)
        joined = joined + tensor.shape[axis]
    shape = (*first[:axis], joined, *first[axis + 1 :])
    dtype = promote([tensor.dtype for tensor in tensors])
    needs = any(tensor.needs_grad for tensor in tensors)
    output = Tensor(shape, dtype, Storage("new", product(shape), dtype, frame.context.loops), needs)
    _record(frame, tensors, (output,), (output,), passes=True)
    return output


def _cast(frame: Frame, tensors: tuple[Tensor, ...]) -> Value:
    """`Cast(to)`: the tensor itself where it has that dtype already, else a copy. `to` is a precision or a tensor."""
    tensor = tensors[0]
    to = frame.names["to"]
    if isinstance(to, Tensor):
        wanted = to.dtype
    elif isinstance(to, Precision):
        wanted = to.name
    else:
        blamed, node = _blamed(frame)
        blamed.fault(node, "wrong-kind", layer="Cast", name="to", kind="a precision or a tensor", found=describe(to))
    bits = frame.context.policy.bits
    if wanted == tensor.dtype or (bits(wanted) == bits(tensor.dtype) and {wanted, tensor.dtype} <= {"act", "float32"}):
        _record(frame, tensors, (tensor,), ())
        return tensor
    output = Tensor(
        tensor.shape, wanted, Storage("new", product(tensor.shape), wanted, frame.context.loops), tensor.needs_grad
    )
    _record(frame, tensors, (output,), (output,))
    return output


def _bank(frame: Frame, tensors: tuple[Tensor, ...]) -> Value:
    """`Bank(count, active, expert)`: `count` copies of a layer; each row has been sent to its experts already.

    A second input says which experts: it decides values, no size.
    """
    expert = frame.names["expert"]
    if not isinstance(expert, Template):
        frame.fault(frame.layer, "not-a-layer", name="expert", found=describe(expert))
    count, active = frame.names["count"], frame.names["active"]
    assert isinstance(count, int | Poly) and isinstance(active, int | Poly)
    block = frame.block
    bank = block.loops[-1] if block.loops and block.loops[-1].active is not None else None
    if bank is None or bank.count != count:
        bank = Loop(count, frame.context.fresh_index("expert"), None, active)
        block.loops = (*block.loops, bank)
        block.numbers = (*block.numbers, (len(frame.instance.path), symbol(bank.index, 0)))
    instance = calls.make_instance(frame, expert, "expert", frame.layer)
    instance.block.prefix = instance.path = frame.instance.path
    return calls.call_instance(frame, instance, tensors[:1], frame.layer)


def find_external(definition: Definition) -> External | None:
    """The rule of an external layer: only the library declares them."""
    return EXTERNALS.get(definition.layer.name) if definition.scope.is_layer_library else None


EXTERNALS: dict[str, External] = {
    "Split": External(_split),
    "Concat": External(_concat, variadic=True),
    "Cast": External(_cast),
    "Bank": External(_bank, optional=1),
}
