"""The syntax tree: frozen records that say what was written and where (`start`, `end`: offsets in the source).

No node holds its source: a `Definition` does, and everything inside one definition lies in one source.
The records have no `__slots__`: unpickling a plain record is several times faster, and the parsed
library is loaded from a cache at every start.
"""

from __future__ import annotations

from fractions import Fraction

from archspec.syntax.record import Record
from archspec.syntax.source import Source

# --- expressions ------------------------------------------------------------------------------------


class Node(Record):
    """Whatever has a place in a source."""

    start: int
    end: int


class Number(Node):
    """`124_439_808`, `0.1`, `80GiB`. An exact value; `unit` is "" or a unit of bytes, already multiplied in."""

    value: int | Fraction
    text: str
    unit: str = ""


class Text(Node):
    """`"tanh"`, escapes resolved."""

    value: str


class Flag(Node):
    """`true` or `false`."""

    value: bool


class Name(Node):
    """A name standing alone."""

    name: str


class Unary(Node):
    """`op` is `-`, `+` or `not`."""

    op: str
    operand: Expression


class Binary(Node):
    """`op` is one of `+ - * / // % ** == != < <= > >= and or`."""

    op: str
    left: Expression
    right: Expression


class Choice(Node):
    """`then if condition else other`."""

    then: Expression
    condition: Expression
    other: Expression


class Argument(Node):
    """One argument of a call; `name` is None where it is given by position."""

    name: str | None
    value: Expression


class Call(Node):
    """`function(arguments)`."""

    function: Expression
    arguments: tuple[Argument, ...]


class Attribute(Node):
    """`value.name`."""

    value: Expression
    name: str


class Index(Node):
    """`value[index]`."""

    value: Expression
    index: Expression


class Slice(Node):
    """`value[lower:upper]`; a bound may be absent."""

    value: Expression
    lower: Expression | None
    upper: Expression | None


class Group(Node):
    """`(a, b)`: two or more expressions. One in parentheses is just that expression."""

    items: tuple[Expression, ...]


class ListLiteral(Node):
    """`[a, b]`."""

    items: tuple[Expression, ...]


class Stage(Node):
    """One step of a pipe: `layer as name`."""

    layer: Expression
    name: str | None


class Pipe(Node):
    """`value -> stage -> stage`: one flat record for a chain of any length."""

    value: Expression
    stages: tuple[Stage, ...]


Expression = (
    Number
    | Text
    | Flag
    | Name
    | Unary
    | Binary
    | Choice
    | Call
    | Attribute
    | Index
    | Slice
    | Group
    | ListLiteral
    | Pipe
)

# --- tensors and signatures -------------------------------------------------------------------------


class Star(Node):
    """`*`, `*rest` or `*broadcast(s, t)`: any number of axes. `arguments` is None unless it is a call."""

    name: str | None
    arguments: tuple[str, ...] | None = None


class Wild(Node):
    """`_`: one axis of any size."""


Axis = Star | Wild | Expression


class TensorDecl(Node):
    """`name[axes]: dtype`; `dtype` is None where it is not written."""

    name: str
    axes: tuple[Axis, ...]
    dtype: str | None


class Signature(Node):
    """`inputs -> outputs`."""

    inputs: tuple[TensorDecl, ...]
    outputs: tuple[TensorDecl, ...]


# --- statements -------------------------------------------------------------------------------------


class Require(Node):
    """`require condition, "message"`."""

    condition: Expression
    message: str | None


class Where(Node):
    """`where name = value`."""

    name: str
    value: Expression


class ParamDecl(Node):
    """`param …` or `buffer …` (`kind`); `buffer … transient` is in no checkpoint."""

    kind: str
    tensors: tuple[TensorDecl, ...]
    transient: bool
    when: Expression | None


class SaveItem(Node):
    """A kept tensor: a name in scope, or `decl` for one that comes into being here; `contiguous(name)`."""

    name: str
    decl: TensorDecl | None
    contiguous: bool


class Save(Node):
    """`save items for targets when condition`; empty `targets`: any input or parameter."""

    items: tuple[SaveItem, ...]
    targets: tuple[str, ...]
    when: Expression | None


class ViewDecl(Node):
    """`view x`, `strided x`, `inplace x` (`kind`)."""

    kind: str
    name: str
    when: Expression | None


class FlopsDecl(Node):
    """`flops value`, `backward value` or `scratch value` (`kind`)."""

    kind: str
    value: Expression
    when: Expression | None


class Passes(Node):
    """`passes a, b`: the gradient of the output is that of these inputs, in the same memory."""

    names: tuple[str, ...]
    when: Expression | None


class Autocast(Node):
    """`autocast half` or `autocast float32`: what autocast does with this primitive's inputs and parameters."""

    to: str
    when: Expression | None


class Unverified(Node):
    """`unverified quantity when condition, "reason"`: what a framework shows of it in this layer is no reference."""

    quantity: Path
    when: Expression | None
    reason: str


class Binding(Node):
    """`torch call`, `keras call`, `sklearn call`, or `keras none "reason"` (then `call` is None)."""

    framework: str
    call: Expression | None
    reason: str | None
    when: Expression | None


class Assign(Node):
    """`a, b = value`."""

    targets: tuple[Name, ...]
    value: Expression


class Repeat(Node):
    """`repeat count as name at index { body }`."""

    count: Expression
    name: str | None
    index: str | None
    body: tuple[Statement, ...]


class Each(Node):
    """`each targets in values as name at index { body }`."""

    targets: tuple[str, ...]
    values: Expression
    name: str | None
    index: str | None
    body: tuple[Statement, ...]


class If(Node):
    """`if condition { then } else { other }`."""

    condition: Expression
    then: tuple[Statement, ...]
    other: tuple[Statement, ...]


class Path(Node):
    """`a.b.c`."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.names)


class Tie(Node):
    """`tie left = right`."""

    left: Path
    right: Path


class Cache(Node):
    """`cache k, v last window`: tensors, or new ones such as `state[B, d]`. `last`: how many positions are needed."""

    items: tuple[Name | TensorDecl, ...]
    last: Expression | None


class Sharded(Node):
    """A parameter with the axis that is cut, or a layer."""

    path: Path
    axis: str | None


class Shard(Node):
    """`shard columns c_attn, c_fc` in a composite; `shard columns weight[out], bias[out]` in a primitive (`kind`)."""

    kind: str
    items: tuple[Sharded, ...]


Statement = (
    Require
    | Where
    | ParamDecl
    | Save
    | ViewDecl
    | FlopsDecl
    | Passes
    | Autocast
    | Unverified
    | Binding
    | Assign
    | Repeat
    | Each
    | If
    | Tie
    | Cache
    | Shard
)

# --- items ------------------------------------------------------------------------------------------


class Formal(Node):
    """A parameter: `name: kind = default`."""

    name: str
    kind: str | None
    default: Expression | None


class Layer(Node):
    """`layer NAME(…) { … }` or `model NAME(…) { … }` (`keyword`). `name_start`, `name_end`: where its name stands."""

    keyword: str
    external: bool
    name: str
    formals: tuple[Formal, ...]
    doc: str | None
    signature: Signature | None
    body: tuple[Statement, ...]
    name_start: int
    name_end: int


class Variant(Node):
    """`model NAME = MODEL(arguments)`; `call.function` names the model (a `Name` or `Attribute`)."""

    keyword: str
    name: str
    call: Call
    name_start: int
    name_end: int


class Use(Node):
    """`use "file" as alias`."""

    path: str
    alias: str | None


class Condition(Node):
    """`path op value` in a test."""

    path: Path
    op: str
    value: Expression


class Test(Node):
    """`test "title" given … { conditions }`."""

    title: str
    given: tuple[Argument, ...]
    doc: str | None
    conditions: tuple[Condition, ...]


class Comment(Node):
    """`# text`, kept for the formatter."""

    text: str


class Chosen(Node):
    """`precision mixed-bf16`, `optimizer adamw`, `device H100` (`key` and `value`)."""

    key: str
    value: str


class Counted(Node):
    """`accumulate 4` (`key`)."""

    key: str
    count: Number


class Picked(Node):
    """`checkpoint Block`, `freeze h.*` (`key`): layers or parameters by patterns of names."""

    key: str
    patterns: tuple[str, ...]


class Adapters(Node):
    """`lora rank = 16 on q_proj, v_proj`."""

    settings: tuple[Argument, ...]
    patterns: tuple[str, ...]


class Share(Node):
    """`tensor = 8 sequence`: an axis of the mesh, its size, and options, each with a number or None."""

    axis: str
    count: Number
    options: tuple[tuple[str, Number | None], ...]


class Shares(Node):
    """`shard data = 64 zero = 1, tensor = 8`."""

    shares: tuple[Share, ...]


PlanLine = Chosen | Counted | Picked | Adapters | Shares


class Plan(Node):
    """`plan NAME for MODEL { … }`: how a model is trained or run."""

    name: str
    target: Expression
    doc: str | None
    lines: tuple[PlanLine, ...]
    name_start: int
    name_end: int


Item = Layer | Variant | Use | Test | Plan


class File(Node):
    """One parsed file."""

    source: Source
    doc: str | None
    items: tuple[Item, ...]
    comments: tuple[Comment, ...]
