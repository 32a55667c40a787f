"""`param` and `buffer`: tensors that a class has itself."""

from __future__ import annotations

from archspec.elaborate import parameters
from archspec.export import names
from archspec.export.code import Group, Line, Node
from archspec.export.scalars import dtype
from archspec.export.writer import Writer
from archspec.syntax import tree


def fresh_tensor(name: str, kind: str, shape: list[str], wanted: str | None) -> str:
    """A new parameter: weights are drawn (deviation 0.02), biases are 0, scales 1. Buffers of floats are 0, those of
    integers count 0, 1, 2, … along their last axis, as tables of positions do.
    """
    sizes = ", ".join(shape)
    more = f", dtype={wanted}" if wanted is not None else ""
    if kind == "buffer":
        if wanted in ("torch.int64", "torch.int32") and shape:
            return f"torch.arange({shape[-1]}{more}).expand({sizes}).clone()"
        return f"torch.zeros({sizes or '()'}{more})"
    if "bias" in name or not shape:
        return f"torch.zeros({sizes or '()'}{more})"
    if len(shape) == 1:
        return f"torch.ones({sizes}{more})"
    return f"torch.randn({sizes}{more}) * 0.02"


def keras_weight(name: str, kind: str, shape: list[str], wanted: str | None) -> tuple[str, str]:
    """The lines that make a weight of a Keras layer, or that there is none."""
    initializer = "zeros" if kind == "buffer" or "bias" in name or not shape else "ones"
    if len(shape) > 1 and kind == "param":
        initializer = "random_normal"
    sizes = ", ".join(shape) + ("," if len(shape) == 1 else "")
    more = f", dtype={names.text(wanted.removeprefix('torch.'))}" if wanted is not None else ""
    fixed = ", trainable=False" if kind == "buffer" else ""
    quoted = names.text(name)
    made = f"self.add_weight(shape=({sizes}), initializer={names.text(initializer)}, name={quoted}{more}{fixed})"
    return f"self.{name} = {made}", f"self.{name} = None"


def declare_parameters(w: Writer, statement: tree.ParamDecl) -> None:
    """Make the tensors of one declaration, in a branch where it has a condition."""
    made: list[Node] = []
    outer, w.init = w.init, made
    try:
        for declared in statement.tensors:
            _parameter(w, statement.kind, declared, statement.transient)
    finally:
        w.init = outer
    if statement.when is None or w.init_scalars.fold(statement.when) is True:
        w.init.extend(made)
        return
    condition = w.init_scalars.write(statement.when)
    torch = w.project.dialect.framework == "torch"
    other: list[Node] = [
        Line(_absent(statement.kind, one.name) if torch else f"self.{names.checked(one.name)} = None")
        for one in statement.tensors
    ]
    w.init.append(Group(f"if {condition.text}:", condition.uses, made, other))


def _absent(kind: str, name: str) -> str:
    how = "register_parameter" if kind == "param" else "register_buffer"
    return f"self.{how}({names.text(name)}, None)"


def _parameter(w: Writer, kind: str, declared: tree.TensorDecl, transient: bool) -> None:
    alone = tree.ParamDecl(declared.start, declared.end, kind, (declared,), transient, None)
    parameter = parameters.declare(w.frame, alone)[0]
    name = w.member(names.checked(declared.name), declared)
    sizes = [w.size(size, declared) for size in parameter.tensor.shape]
    uses = frozenset[str]().union(*(size.uses for size in sizes))
    wanted = dtype(declared.dtype) if declared.dtype is not None else None
    value = fresh_tensor(name, kind, [size.text for size in sizes], wanted)
    if w.project.dialect.framework == "keras":
        line, _ = keras_weight(name, kind, [size.text for size in sizes], wanted)
        w.init.append(Line(line, uses))
    elif kind == "param":
        w.init.append(Line(f"self.{name} = nn.Parameter({value})", uses))
    else:
        w.annotations.append(f"{name}: Tensor")
        how = ", persistent=False" if transient else ""
        w.init.append(Line(f"self.register_buffer({names.text(name)}, {value}{how})", uses))
    w.frame.names[name] = parameter.tensor
    w.kinds[name] = "param"
