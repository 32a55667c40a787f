"""What an expression of the language can be while a model is elaborated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from archspec.algebra import Dim, Poly
from archspec.elaborate.program import Loop, Parameter, Tensor
from archspec.syntax import tree
from archspec.syntax.source import Source

if TYPE_CHECKING:
    from archspec.elaborate.frame import Frame
    from archspec.scope import FileScope


class Unknown:
    """The value of what could not be worked out: an error was reported, everything that uses it stays silent."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Precision:
    """A dtype or dtype class by name."""

    name: str


@dataclass(frozen=True)
class Definition:
    """A layer or model where it is defined."""

    layer: tree.Layer
    source: Source
    scope: FileScope


@dataclass(eq=False)
class Pack:
    """Several tensors. `outputs`: they are the outputs of one layer, of which the first alone may be meant."""

    tensors: tuple[Tensor, ...]
    outputs: bool = False


@dataclass(eq=False)
class Template:
    """A layer with its arguments, not made yet: made anew at each place of use."""

    definition: Definition
    arguments: dict[str, Value]
    node: tree.Node
    frame: Frame


@dataclass(eq=False)
class Block:
    """The instances made in one body, by name. A second call of a shared layer finds them here again.

    sole: the body of a named loop does nothing but call one layer, which then has the loop's own path.
    numbers: where a framework's paths show the turn of a loop: after so many characters of `prefix`, this number.
    """

    prefix: str
    loops: tuple[Loop, ...]
    sole: bool = False
    children: dict[str, Instance] = field(default_factory=dict)
    blocks: dict[tuple[int, int], Block] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    used: dict[str, tree.Node | None] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    numbers: tuple[tuple[int, Dim], ...] = ()

    def path(self, name: str) -> str:
        """The dotted path of something named `name` in this block."""
        return f"{self.prefix}.{name}" if self.prefix else name


@dataclass(eq=False)
class Instance:
    """A layer that was made: it has a path and, after its first call, parameters. sharded: how its weights are cut."""

    definition: Definition
    arguments: dict[str, Value]
    path: str
    block: Block
    called: bool = False
    sharded: str | None = None


@dataclass(frozen=True)
class Function:
    """A builtin function of the language."""

    name: str
    apply: Callable[..., Value]


@dataclass(frozen=True)
class PolicyView:
    """`policy`, of which `mode`, `backend`, `attention`, `precision` and `regime` can be asked."""

    answers: dict[str, str]


Value = (
    int
    | Poly
    | Fraction
    | str
    | bool
    | tuple["Value", ...]
    | Precision
    | Tensor
    | Pack
    | Template
    | Instance
    | PolicyView
    | Unknown
)


def exactly(value: object) -> str:
    """A value as it is written where that is short, else what it is."""
    if isinstance(value, str):
        return f'`"{value}"`' if len(value) <= 30 else "a text"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, int) and value.bit_length() <= 100:
        return f"`{value}`"
    return f"`{float(value):g}`" if isinstance(value, Fraction) else describe(value)


def describe(value: object) -> str:
    """What a value is, in the user's words."""
    if isinstance(value, bool):
        return "a flag"
    if isinstance(value, int | Poly):
        return "an integer"
    if isinstance(value, Fraction):
        return "a real number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, tuple):
        return "a list"
    if isinstance(value, Tensor):
        return "a tensor"
    if isinstance(value, Pack):
        return f"{len(value.tensors)} tensors"
    if isinstance(value, Template | Instance):
        return f"the layer `{value.definition.layer.name}`"
    if isinstance(value, Precision):
        return "a precision"
    return "something else"
