"""Signatures: axis names are bound from inputs, or checked where they are bound already."""

from __future__ import annotations

from typing import Any, NoReturn

from archspec.algebra import Dim, Poly
from archspec.elaborate import expressions
from archspec.elaborate.conditions import equal, show
from archspec.elaborate.frame import Fault, Frame
from archspec.elaborate.program import Shape, Tensor
from archspec.elaborate.values import UNKNOWN, Value, describe
from archspec.elaborate.wiring import assignments, is_composite
from archspec.errors.diagnostic import Note
from archspec.errors.suggest import did_you_mean
from archspec.policy import FLOATS
from archspec.syntax import tree

ANONYMOUS = "*"


def bind_inputs(frame: Frame, signature: tree.Signature, tensors: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Match tensors with the declared inputs and give both tensors and axes their names."""
    if len(tensors) != len(signature.inputs):
        _at_caller(
            frame,
            signature,
            "wrong-input-count",
            layer=frame.layer.name,
            wanted=len(signature.inputs),
            found=len(tensors),
        )
    inputs: dict[str, Tensor] = {}
    for declared, tensor in zip(signature.inputs, tensors, strict=True):
        match_axes(frame, declared, tensor.shape)
        inputs[declared.name] = tensor
        frame.names[declared.name] = tensor
    return inputs


def match_axes(frame: Frame, declared: tree.TensorDecl, shape: Shape) -> None:
    """Bind or check the axes of one tensor."""
    axes = declared.axes
    stars = [index for index, axis in enumerate(axes) if isinstance(axis, tree.Star)]
    if len(stars) > 1:
        frame.fault(axes[stars[1]], "two-stars", name=declared.name)
    star = stars[0] if stars else None
    if star is None:
        if len(shape) != len(axes):
            _wrong_rank(frame, declared, shape, str(len(axes)))
        for axis, size in zip(axes, shape, strict=True):
            _match_axis(frame, declared, axis, size, shape)
        return
    after = len(axes) - star - 1
    if len(shape) < star + after:
        _wrong_rank(frame, declared, shape, f"{star + after} or more")
    middle = shape[star : len(shape) - after]
    for axis, size in zip(axes[:star], shape[:star], strict=True):
        _match_axis(frame, declared, axis, size, shape)
    _match_star(frame, declared, axes[star], middle, shape)
    for axis, size in zip(axes[star + 1 :], shape[len(shape) - after :], strict=True):
        _match_axis(frame, declared, axis, size, shape)


def _match_star(frame: Frame, declared: tree.TensorDecl, star: tree.Axis, sizes: Shape, shape: Shape) -> None:
    assert isinstance(star, tree.Star)
    if star.arguments is not None:
        frame.fault(star, "function-of-input", name=star.name)
    name = star.name or ANONYMOUS
    known = frame.stars.get(name)
    if known is None:
        frame.stars[name] = sizes
        if star.name is not None:
            frame.bind(star, star.name, sizes, "axes of an input")
        return
    if len(known) != len(sizes):
        _at_caller(
            frame, declared, "shape-mismatch", **_mismatch(frame, declared, shape, star_text(name), known, sizes)
        )
    for one, other in zip(known, sizes, strict=True):
        if not equal(_caller(frame), _call(frame, declared), other, one):
            _at_caller(
                frame, declared, "shape-mismatch", **_mismatch(frame, declared, shape, star_text(name), known, sizes)
            )


def star_text(name: str) -> str:
    """How a star is written."""
    return "*" if name == ANONYMOUS else f"*{name}"


def _match_axis(frame: Frame, declared: tree.TensorDecl, axis: tree.Axis, size: Dim, shape: Shape) -> None:
    if isinstance(axis, tree.Wild):
        return
    if isinstance(axis, tree.Name) and axis.name not in frame.names:
        frame.bind(axis, axis.name, size, "an axis")
        if is_composite(frame.layer):
            frame.context.name_size(axis.name, size)
        return
    assert not isinstance(axis, tree.Star)
    expected = expressions.evaluate_dim(frame, axis)
    if equal(_caller(frame), _call(frame, declared), size, expected):
        return
    source = frame.definition.source.text
    _at_caller(
        frame,
        declared,
        "shape-mismatch",
        **_mismatch(frame, declared, shape, source[axis.start : axis.end], expected, size),
    )


def _mismatch(
    frame: Frame, declared: tree.TensorDecl, shape: Shape, axis: str, wanted: object, found: object
) -> dict[str, Any]:
    return {
        "layer": frame.layer.name,
        "input": declared.name,
        "axis": axis,
        "wanted": shape_text(wanted) if isinstance(wanted, tuple) else show(wanted),
        "found": shape_text(found) if isinstance(found, tuple) else show(found),
        "shape": shape_text(shape),
    }


def _wrong_rank(frame: Frame, declared: tree.TensorDecl, shape: Shape, wanted: str) -> None:
    _at_caller(
        frame,
        declared,
        "wrong-rank",
        layer=frame.layer.name,
        input=declared.name,
        wanted=wanted,
        found=len(shape),
        shape=shape_text(shape),
    )


def shape_text(shape: object) -> str:
    """A shape as `[B, S, 3*d]`."""
    assert isinstance(shape, tuple)
    return "[" + ", ".join(show(size) for size in shape) + "]"


def _caller(frame: Frame) -> Frame:
    return frame.caller if frame.caller is not None and frame.call is not None else frame


def _call(frame: Frame, node: tree.Node) -> tree.Node:
    return frame.call if frame.caller is not None and frame.call is not None else node


def _at_caller(frame: Frame, node: tree.Node, kind: str, **fields: Any) -> None:
    """An input that does not fit is the caller's: show the call, and the signature beside it."""
    note = Note(f"the signature of `{frame.layer.name}`", frame.place(node))
    _caller(frame).fault(_call(frame, node), kind, notes=(note,), **fields)


# --- outputs ----------------------------------------------------------------------------------------


def output_shape(frame: Frame, declared: tree.TensorDecl) -> Shape:
    """The shape that a declaration gives, every axis of it being known."""
    shape: list[Dim] = []
    for axis in declared.axes:
        if isinstance(axis, tree.Star):
            shape.extend(_star_sizes(frame, axis))
        elif isinstance(axis, tree.Wild):
            frame.fault(axis, "open-axis", name=declared.name)
        else:
            shape.append(expressions.evaluate_dim(frame, axis))
    return tuple(shape)


def _star_sizes(frame: Frame, star: tree.Star) -> Shape:
    if star.arguments is not None:
        if star.name != "broadcast":
            frame.fault(
                star, "unknown-shape-function", name=star.name, fix=did_you_mean(star.name or "", ["broadcast"])
            )
        return broadcast(frame, star, [_star_named(frame, star, name) for name in star.arguments])
    return _star_named(frame, star, star.name or ANONYMOUS)


def _star_named(frame: Frame, node: tree.Node, name: str) -> Shape:
    if name in frame.stars:
        return frame.stars[name]
    value = frame.names.get(name)
    if isinstance(value, tuple):
        return tuple(_listed_size(frame, node, size) for size in value)
    frame.fault(node, "unbound-star", name=star_text(name))


def _listed_size(frame: Frame, node: tree.Node, size: Value) -> Dim:
    """One entry of a list of sizes that was given as a parameter, as in `Reshape(shape)`."""
    if isinstance(size, bool) or not isinstance(size, int | Poly):
        frame.fault(node, "not-an-integer", found=describe(size))
    return size


def broadcast(frame: Frame, node: tree.Node, shapes: list[Shape]) -> Shape:
    """The shape of an element-wise operation: aligned at the right, an axis of 1 stretches."""
    rank = max(len(shape) for shape in shapes)
    result: list[Dim] = []
    for position in range(rank):
        size: Dim = 1
        for shape in shapes:
            index = position - rank + len(shape)
            if index >= 0:
                size = _broadcast_axis(frame, node, size, shape[index], shapes)
        result.append(size)
    return tuple(result)


def _broadcast_axis(frame: Frame, node: tree.Node, one: Dim, other: Dim, shapes: list[Shape]) -> Dim:
    if other == 1:
        return one
    if one == 1 or one == other:
        return other
    if equal(_caller(frame), _call(frame, node), one, other):
        return one
    _caller(frame).fault(
        _call(frame, node),
        "cannot-broadcast",
        one=shape_text(shapes[0]),
        other=shape_text(shapes[-1]),
        axis=f"{show(one)} and {show(other)}",
    )


def check_outputs(frame: Frame, signature: tree.Signature) -> tuple[Tensor, ...]:
    """The outputs of a composite: assigned, and of the declared shape; open axis names are bound."""
    outputs: list[Tensor] = []
    for declared in signature.outputs:
        value = frame.names.get(declared.name)
        if value is UNKNOWN:
            raise Fault(declared.name)
        if not isinstance(value, Tensor):
            notes = tuple(
                Note("it is assigned here, but not on every path", frame.place(target))
                for target in assignments(frame.layer.body, declared.name)[:1]
            )
            frame.fault(declared, "output-not-assigned", layer=frame.layer.name, name=declared.name, notes=notes)
        _check_output(frame, declared, value)
        outputs.append(value)
    return tuple(outputs)


def _check_output(frame: Frame, declared: tree.TensorDecl, tensor: Tensor) -> None:
    """Like an input, but a wrong one is the fault of this body."""
    stars = [index for index, axis in enumerate(declared.axes) if isinstance(axis, tree.Star)]
    named = len(declared.axes) - len(stars)
    if len(tensor.shape) < named or (not stars and len(tensor.shape) != named):
        text = frame.definition.source.text[declared.start : declared.end]
        _mismatched_output(frame, declared, "[" + text.partition("[")[2].rpartition("]")[0] + "]", tensor)
    expected: list[Dim | None] = []
    for axis in declared.axes:
        if isinstance(axis, tree.Star):
            name = axis.name or ANONYMOUS
            if axis.arguments is None and name not in frame.stars:
                frame.stars[name] = tensor.shape[len(expected) : len(tensor.shape) - (named - len(expected))]
            expected.extend(_star_sizes(frame, axis))
        elif isinstance(axis, tree.Wild):
            expected.append(None)
        elif isinstance(axis, tree.Name) and axis.name not in frame.names:
            position = len(expected)
            if position >= len(tensor.shape):
                break
            frame.bind(axis, axis.name, tensor.shape[position], "an axis")
            expected.append(None)
        else:
            expected.append(expressions.evaluate_dim(frame, axis))
    fits = len(expected) == len(tensor.shape) and all(
        want is None or equal(frame, declared, size, want) for want, size in zip(expected, tensor.shape, strict=True)
    )
    if not fits:
        shown = "[" + ", ".join("_" if want is None else show(want) for want in expected) + "]"
        _mismatched_output(frame, declared, shown, tensor)


def _mismatched_output(frame: Frame, declared: tree.TensorDecl, wanted: str, tensor: Tensor) -> NoReturn:
    """An output of another shape than declared: show where it was assigned last, too."""
    found = shape_text(tensor.shape)
    notes = tuple(
        Note(f"`{declared.name}` is assigned here", frame.place(target))
        for target in assignments(frame.layer.body, declared.name)[-1:]
    )
    frame.fault(
        declared, "output-mismatch", layer=frame.layer.name, name=declared.name, wanted=wanted, found=found, notes=notes
    )


def is_float(dtype: str) -> bool:
    """Whether tensors of a dtype or dtype class can need a gradient."""
    return dtype in FLOATS
