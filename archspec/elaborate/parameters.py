"""Parameters and buffers: declared in a primitive or a composite, made at the first call of an instance."""

from __future__ import annotations

from archspec.algebra import free_symbols
from archspec.elaborate import expressions, signatures
from archspec.elaborate.adapting import is_trained
from archspec.elaborate.bounds import is_bounded
from archspec.elaborate.conditions import equal
from archspec.elaborate.frame import FORMAL, Frame, product
from archspec.elaborate.program import Parameter, Shape, Storage, Tensor
from archspec.elaborate.wiring import is_composite
from archspec.policy import FLOATS, dtype_named
from archspec.syntax import tree


def declare(frame: Frame, statement: tree.ParamDecl) -> list[Parameter]:
    """Make the parameters of a declaration, or find them where the instance was called before."""
    if not expressions.truth(frame, statement.when):
        return []
    return [_declare_one(frame, statement, declared) for declared in statement.tensors]


def _declare_one(frame: Frame, statement: tree.ParamDecl, declared: tree.TensorDecl) -> Parameter:
    shape = signatures.output_shape(frame, declared)
    block = frame.block
    known = block.parameters.get(declared.name)
    if known is not None:
        _check_same_shape(frame, declared, known, shape)
        _name(frame, declared, known)
        return known
    _check_fixed(frame, declared, shape)
    if not is_bounded(product(shape), frame.context.facts):
        frame.fault(declared, "not-a-bound", name=declared.name, shape=signatures.shape_text(shape))
    dtype = written_dtype(frame, declared) or "param"
    context = frame.context
    path = block.path(declared.name)
    trainable = statement.kind == "param" and is_trained(context, path)
    storage = Storage(statement.kind, product(shape), dtype, block.loops)
    seen_as = dtype
    if dtype == "param":
        seen_as = "float32" if context.policy.regime == "autocast" else "act"
    tensor = Tensor(shape, seen_as, storage, trainable and dtype in FLOATS)
    owner = frame.instance.path
    parameter = Parameter(path, owner, frame.layer.name, statement.kind, tensor, block.loops, trainable)
    parameter.numbers, parameter.transient = block.numbers, statement.transient
    block.parameters[declared.name] = parameter
    context.parameters.append(parameter)
    _name(frame, declared, parameter)
    return parameter


def _name(frame: Frame, declared: tree.TensorDecl, parameter: Parameter) -> None:
    """Put a parameter in scope. `param bias[out] when bias`: a flag of that name goes on deciding the conditions of a
    primitive, which names its tensors only in `save` lines; in a composite the tensor is what expressions mean.
    """
    name = declared.name
    if frame.constants.get(name) == FORMAL:
        if is_composite(frame.layer):
            frame.names[name] = parameter.tensor
        return
    frame.bind(declared, name, parameter.tensor, f"a {parameter.role}")


def written_dtype(frame: Frame, declared: tree.TensorDecl) -> str | None:
    """The dtype written behind a tensor, by its official name."""
    if declared.dtype is None:
        return None
    dtype = dtype_named(declared.dtype)
    if dtype is None:
        frame.fault(declared, "unknown-dtype", name=declared.dtype)
    return dtype


def _check_same_shape(frame: Frame, declared: tree.TensorDecl, known: Parameter, shape: Shape) -> None:
    before = known.tensor.shape
    same = len(before) == len(shape) and all(
        equal(frame, declared, one, other) for one, other in zip(before, shape, strict=True)
    )
    if not same:
        frame.fault(
            declared,
            "shared-shape",
            path=known.path,
            before=signatures.shape_text(before),
            now=signatures.shape_text(shape),
        )


def _check_fixed(frame: Frame, declared: tree.TensorDecl, shape: Shape) -> None:
    """A parameter is made before any input is seen: its axes may not depend on free input axes of the model."""
    context = frame.context
    if not context.checks_parameters:
        return
    for size in shape:
        for name in free_symbols(size):
            info = context.symbols.get(name)
            if info is not None and info.meaning.startswith("axis"):
                frame.fault(
                    declared,
                    "parameter-depends-on-input",
                    parameter=declared.name,
                    layer=frame.layer.name,
                    axis=name,
                    meaning=info.meaning,
                    fix=f"make `{name}` a parameter of the model, or pool it to a fixed size first",
                )
