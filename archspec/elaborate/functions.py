"""The builtin functions of the language, exact on integers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from archspec.algebra import AlgebraError, Dim, Poly, ceildiv, log2, maximum, minimum, roundup
from archspec.elaborate.bounds import at_most
from archspec.elaborate.frame import Frame, product
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Pack, Value, describe
from archspec.syntax import tree

MAX_RANGE = 10_000
"""`range(n)` gives at most this many numbers."""


MAX_FACTORS = 1000
"""`prod` multiplies at most this many formulas: the time grows with the square of it."""


@dataclass(frozen=True)
class Builtin:
    """A function of the language: how it is called, and what it does."""

    usage: str
    least: int
    most: int | None
    apply: Callable[[Frame, tree.Node, list[Value]], Value]

    def takes(self, count: int) -> bool:
        """Whether it takes that many arguments."""
        return self.least <= count and (self.most is None or count <= self.most)


def _dims(frame: Frame, node: tree.Node, values: list[Value]) -> list[Dim]:
    if len(values) == 1 and isinstance(values[0], tuple):
        values = list(values[0])
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | Poly):
            frame.fault(node, "not-an-integer", found=describe(value))
    return cast(list[Dim], values)


def _minimum(frame: Frame, node: tree.Node, values: list[Value]) -> Value:
    return minimum(_nonempty(frame, node, _dims(frame, node, values)), frame.context.facts)


def _maximum(frame: Frame, node: tree.Node, values: list[Value]) -> Value:
    return maximum(_nonempty(frame, node, _dims(frame, node, values)), frame.context.facts)


def _nonempty(frame: Frame, node: tree.Node, dims: list[Dim]) -> list[Dim]:
    if not dims:
        frame.fault(node, "empty-list")
    return dims


def _two(frame: Frame, node: tree.Node, values: list[Value]) -> tuple[Dim, Dim]:
    first, second = _dims(frame, node, values)
    if second == 0:
        frame.fault(node, "division-by-zero")
    return first, second


def _one(frame: Frame, node: tree.Node, values: list[Value]) -> Dim:
    if isinstance(values[0], tuple):
        frame.fault(node, "not-an-integer", found=describe(values[0]))
    return _dims(frame, node, values)[0]


def _ceil_div(frame: Frame, node: tree.Node, values: list[Value]) -> Value:
    return ceildiv(*_two(frame, node, values), frame.context.facts)


def _round_up(frame: Frame, node: tree.Node, values: list[Value]) -> Value:
    return roundup(*_two(frame, node, values), frame.context.facts)


def _size(frame: Frame, node: tree.Node, values: list[Value]) -> Value:
    value = values[0]
    if isinstance(value, Pack) and value.outputs:
        value = value.tensors[0]
    if not isinstance(value, Tensor):
        frame.fault(node, "not-a-tensor", found=describe(value))
    return product(value.shape)


def _length(frame: Frame, node: tree.Node, values: list[Value]) -> Value:
    value = values[0]
    if not isinstance(value, tuple):
        frame.fault(node, "not-a-list", found=describe(value))
    return len(value)


def _sum(frame: Frame, node: tree.Node, values: list[Value]) -> Value:
    total: Dim = 0
    for dim in _dims(frame, node, values):
        total = total + dim
    return total


def _product(frame: Frame, node: tree.Node, values: list[Value]) -> Value:
    factors = _dims(frame, node, values)
    if sum(isinstance(factor, Poly) for factor in factors) > MAX_FACTORS:
        frame.fault(node, "formula-too-large", limit=MAX_FACTORS)
    return product(tuple(factors))


def _range(frame: Frame, node: tree.Node, values: list[Value]) -> Value:
    from archspec.elaborate.conditions import number

    count = number(frame, node, _one(frame, node, values))
    if not 0 <= count <= MAX_RANGE:
        frame.fault(node, "list-too-long", limit=MAX_RANGE)
    return tuple(range(count))


def _log2(frame: Frame, node: tree.Node, values: list[Value]) -> Value:
    try:
        return log2(_one(frame, node, values))
    except AlgebraError as error:
        frame.fault(node, "arithmetic", reason=str(error))


def _axis(frame: Frame, node: tree.Node, values: list[Value]) -> Value:
    """`axis(v, i)`: v for every axis if it is one integer, else its i-th entry."""
    value, index = values
    if not isinstance(value, tuple):
        return value
    if not isinstance(index, int) or not 0 <= index < len(value):
        frame.fault(node, "index-out-of-range", index=index, length=len(value))
    return value[index]


def _at_most(frame: Frame, node: tree.Node, values: list[Value]) -> Value:
    bound = _one(frame, node, values)
    # What is run turn by turn is compared with a model that is built: as large as it may be.
    return bound if frame.context.unrolled else at_most(bound)


FUNCTIONS = {
    "min": Builtin("min(a, b, …) or min(list)", 1, None, _minimum),
    "max": Builtin("max(a, b, …) or max(list)", 1, None, _maximum),
    "ceil_div": Builtin("ceil_div(n, m)", 2, 2, _ceil_div),
    "round_up": Builtin("round_up(n, m)", 2, 2, _round_up),
    "size": Builtin("size(tensor)", 1, 1, _size),
    "len": Builtin("len(list)", 1, 1, _length),
    "sum": Builtin("sum(list)", 1, 1, _sum),
    "prod": Builtin("prod(list)", 1, 1, _product),
    "range": Builtin("range(n)", 1, 1, _range),
    "log2": Builtin("log2(n)", 1, 1, _log2),
    "at_most": Builtin("at_most(n)", 1, 1, _at_most),
    "axis": Builtin("axis(value, i)", 2, 2, _axis),
}
