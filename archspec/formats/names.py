"""The parameters of a model one by one, under the names that a framework's `state_dict` gives them.

The order is that of the spec: loops turn by turn, what one layer owns in the order in which it is declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from archspec.algebra import evaluate, free_symbols
from archspec.elaborate.program import Loop, Parameter, Program


@dataclass(frozen=True)
class Tensor:
    """One parameter or buffer of one turn of every loop.

    owner: the path of its layer, with numbers. turns: the number of each turn, by the loop's index. stacked: how many
    experts it holds, where they are one tensor.
    """

    parameter: Parameter
    owner: str
    leaf: str
    shape: tuple[int, ...]
    turns: Mapping[str, int]
    stacked: int | None = None

    @property
    def name(self) -> str:
        """Its whole name."""
        return f"{self.owner}.{self.leaf}" if self.owner else self.leaf


class NeedsNumbers(ValueError):
    """Something that is counted tensor by tensor has no formula: a symbol has no value."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(names)
        super().__init__(f"a number is needed for {', '.join(self.names)}")


def tensors(program: Program, values: Mapping[str, int], stacked: bool = False) -> Iterator[Tensor]:
    """Every parameter and buffer, tied ones too. stacked: the experts of a bank are one tensor, not one each.

    Raises `NeedsNumbers`.
    """
    yield from _walk(program.parameters, 0, dict(values), stacked)


def _walk(parameters: list[Parameter], depth: int, values: dict[str, int], stacked: bool) -> Iterator[Tensor]:
    for loop, group in groupby(parameters, lambda one: _loop_at(one, depth)):
        if loop is None:
            for parameter in group:
                yield _tensor(parameter, values, None)
            continue
        inside = list(group)
        count = number(loop.count, values)
        if loop.active is not None and stacked:
            for parameter in inside:
                yield _tensor(parameter, values, count)
            continue
        for turn in range(count):
            yield from _walk(inside, depth + 1, {**values, loop.index: turn}, stacked)


def _loop_at(parameter: Parameter, depth: int) -> Loop | None:
    return parameter.loops[depth] if depth < len(parameter.loops) else None


def _tensor(parameter: Parameter, values: dict[str, int], stacked: int | None) -> Tensor:
    turns = {loop.index: values[loop.index] for loop in parameter.loops if loop.index in values}
    owner = parameter.path.removesuffix(leaf_of(parameter)).removesuffix(".")
    shape = tuple(number(size, values) for size in parameter.tensor.shape)
    for after, turn in reversed(parameter.numbers):
        if stacked is not None and free_symbols(turn) - values.keys():
            continue  # the expert that this would number is one of a stack
        text = f"{number(turn, values)}"
        owner = f"{owner[:after]}.{text}{owner[after:]}" if after else ".".join(filter(None, (text, owner)))
    whole = shape if stacked is None else (stacked, *shape)
    return Tensor(parameter, owner, leaf_of(parameter), whole, turns, stacked)


def leaf_of(parameter: Parameter) -> str:
    """The name of a parameter in its layer."""
    return parameter.path.rpartition(".")[2]


def number(dim: object, values: Mapping[str, int]) -> int:
    """The number of an expression. Raises `NeedsNumbers`."""
    if isinstance(dim, int):
        return dim
    missing = free_symbols(dim) - values.keys()  # type: ignore[arg-type]  # a Poly
    if missing:
        raise NeedsNumbers(missing)
    return evaluate(dim, values)  # type: ignore[arg-type]
