"""What a file of weights holds: its tensors one by one, with names, dtypes and shapes as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from math import prod

from archspec.elaborate.program import Parameter, Program
from archspec.formats.catalogue import Format
from archspec.formats.deciding import Deciding
from archspec.formats.names import Tensor, number, tensors
from archspec.formats.scope import Layout
from archspec.formats.tensors import DTYPE_BITS
from archspec.formats.weights import dtype_of, pieces
from archspec.policy import Policy


@dataclass(frozen=True)
class Entry:
    """A tensor in a file. role: of the parameter that it stands for. tied: the name that it has besides, where it is
    the same tensor as another one.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    role: str = "param"
    tied: str | None = None
    exact: bool = True

    @property
    def bytes(self) -> int:
        """Its data."""
        return -(-prod(self.shape) * DTYPE_BITS[self.dtype] // 8)


@dataclass(frozen=True)
class FileSize:
    """The size of a file, or of several that belong together.

    data: bytes of tensors; the rest is headers, names and alignment. files: name and size of each. exact: False where
    the size hangs on what no spec says, such as the modules without parameters that a pickle lists.
    """

    total: int
    data: int
    files: tuple[tuple[str, int], ...]
    exact: bool = True


@dataclass(frozen=True)
class Names:
    """How a file calls things. prefixes: what is put before paths that fit a pattern, the first that does
    (`model.` before `layers.*` in a checkpoint of Hugging Face). stacked: the experts of a bank are one tensor.
    """

    prefixes: tuple[tuple[str, str], ...] = field(default=())
    stacked: bool = False

    def of(self, name: str) -> str:
        """The name that a tensor has in the file."""
        return next((prefix + name for pattern, prefix in self.prefixes if fnmatchcase(name, pattern)), name)


def entries(
    program: Program,
    policy: Policy,
    values: Mapping[str, int],
    chosen: Format | None = None,
    names: Names | None = None,
) -> Iterator[Entry]:
    """The tensors of a checkpoint in the order of the spec, those that are tied too.

    Raises `NeedsNumbers` and, where a format cannot hold a matrix, `SpecError`.
    """
    names = names or Names()
    layout = Layout(program)
    deciding = Deciding(program.facts, values)
    first: dict[tuple[Parameter, tuple[int, ...]], str] = {}
    for one in tensors(program, values, names.stacked):
        parameter = one.parameter
        if parameter.transient:
            continue
        key = tuple(one.turns.values())
        name = names.of(one.name)
        if parameter.tied_to is not None:
            dtype = dtype_of(parameter.tied_to, policy)
            yield Entry(
                name, dtype, one.shape, parameter.role, first.get((parameter.tied_to, key), parameter.tied_to.path)
            )
            continue
        first[parameter, key] = name
        if chosen is None or not layout.chosen(parameter, chosen.scope, chosen.only, chosen.keep):
            yield Entry(name, dtype_of(parameter, policy), one.shape, parameter.role)
            continue
        yield from _stored(one, chosen, policy, deciding, names)


def _stored(one: Tensor, chosen: Format, policy: Policy, deciding: Deciding, names: Names) -> Iterator[Entry]:
    """The tensors of a format for one matrix, all of whose sizes are numbers; experts that are stacked are stored one
    after the other.
    """
    symbols = frozenset[str]().union(*(_symbols(size) for size in one.parameter.tensor.shape))
    known = {**deciding.values, **one.turns}
    for piece in pieces(one.parameter, chosen, policy, deciding, {name: known[name] for name in symbols}):
        if not piece.in_file:
            continue
        shape = tuple(number(size, known) for size in piece.shape)
        shape = shape if one.stacked is None else (one.stacked, *shape)
        owner = f"{one.owner}." if one.owner else ""
        yield Entry(names.of(f"{owner}{piece.name}"), piece.dtype, shape, exact=piece.exact)


def _symbols(size: object) -> frozenset[str]:
    return frozenset() if isinstance(size, int) else size.symbols  # type: ignore[attr-defined]  # a Poly
