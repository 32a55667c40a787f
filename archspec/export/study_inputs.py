"""The inputs of a layer that is looked at by itself: their axes as symbols, also those that a star stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.algebra import Dim, symbol
from archspec.elaborate import expressions, signatures
from archspec.elaborate.frame import product
from archspec.elaborate.program import Storage, Tensor
from archspec.export.rebuilding import free, names_in
from archspec.export.sizes import size_hint
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.export.study import Study


def flat_axes(declared: tree.TensorDecl, rank: int) -> list[tree.Axis]:
    """The axes of a declaration, a star as often as it stands for one."""
    missing = rank - len(declared.axes) + 1
    flat: list[tree.Axis] = []
    for axis in declared.axes:
        flat.extend([axis] * missing if isinstance(axis, tree.Star) else [axis])
    return flat


def _axis_of_star(made: Study, declared: tree.TensorDecl, key: str, position: int, rank: int) -> Dim:
    """One of the axes that a star stands for, with a name: `features` is the last one, whatever their number."""
    first = next(index for index, one in enumerate(declared.axes) if isinstance(one, tree.Star))
    name = free(size_hint(position, rank), names_in(made.frame.layer) | set(made.stars))
    made.stars[name] = (key, -1 if position == rank - 1 else position - first)
    return symbol(name, 1)


def input_tensor(made: Study, declared: tree.TensorDecl, rank: int, dtype: str, inner: bool) -> Tensor:
    """An input of so many axes. inner: another layer calls this one, so that axes of a star can be asked for."""
    frame = made.frame
    shape: list[Dim] = []
    for position, axis in enumerate(flat_axes(declared, rank)):
        if isinstance(axis, tree.Star):
            key = axis.name or signatures.ANONYMOUS
            known = frame.stars.get(key, ())
            first = next(index for index, one in enumerate(declared.axes) if isinstance(one, tree.Star))
            if position - first >= len(known):
                size = _axis_of_star(made, declared, key, position, rank) if inner else made.opaque()
                frame.stars[key] = (*known, size)
            shape.append(frame.stars[key][position - first])
        elif isinstance(axis, tree.Wild):
            shape.append(made.opaque())
        elif isinstance(axis, tree.Name) and axis.name not in frame.names:
            shape.append(symbol(axis.name, 1))
        else:
            shape.append(expressions.evaluate_dim(frame, axis))
    for name, sizes in frame.stars.items():
        if name != signatures.ANONYMOUS:
            frame.names[name] = sizes
    return Tensor(tuple(shape), dtype, Storage("input", product(tuple(shape)), dtype, ()), True)
