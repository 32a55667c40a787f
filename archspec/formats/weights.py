"""The bytes of a model's weights in a format: parameter by parameter, as formulas.

What a format does not convert keeps the dtype that it has under the policy. Buffers are counted with the weights, as
`memory.weights` does; a GGUF file keeps none that are not floats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from archspec.algebra import Dim, Facts, substitute
from archspec.elaborate.frame import product
from archspec.elaborate.program import Assumption, Parameter, Program
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.formats.blocks import BLOCKS
from archspec.formats.catalogue import Format
from archspec.formats.copies import copies_of
from archspec.formats.deciding import Deciding
from archspec.formats.names import leaf_of
from archspec.formats.packed import Matrix
from archspec.formats.scope import LINEAR, Layout, rows_and_columns
from archspec.formats.tensors import DTYPE_OF, Piece
from archspec.formats.types import Types
from archspec.ledger.turns import every_turn
from archspec.policy import PRECISIONS, Policy

_FLOATS = frozenset({"F64", "F32", "F16", "BF16"})


@dataclass(frozen=True)
class Part:
    """A parameter or buffer, or those of its copies that are stored in one way.

    owner: the path of its layer. type: the name of a dtype, a format or a GGUF block type. copies: how many there
    are. bytes, file_bytes: of all of them, in memory and in a file without what surrounds them there.
    """

    path: str
    owner: str
    kind: str
    role: str
    type: str
    copies: Dim
    elements: Dim
    bytes: Dim
    file_bytes: Dim


@dataclass(frozen=True)
class Weights:
    """All parts, in the order of the spec, and what the formulas take for granted."""

    parts: list[Part]
    assumptions: list[Assumption] = field(default_factory=list)

    def total(self, keep: Callable[[Part], bool] = lambda part: True) -> Dim:
        """Bytes in memory."""
        return sum((part.bytes for part in self.parts if keep(part)), 0)

    def data(self) -> Dim:
        """Bytes of the tensors in a file, without its header and the texts that bitsandbytes adds for each matrix."""
        return sum((part.file_bytes for part in self.parts), 0)


def weights(
    program: Program, policy: Policy, chosen: Format | None = None, values: Mapping[str, int] | None = None
) -> Weights:
    """The weights of a model in a format, or as the policy has them. values: numbers, for what the rules hang on.

    Raises `SpecError` where a format cannot hold a matrix, `NeedsNumbers` where there is no formula.
    """
    deciding = Deciding(program.facts, values or {})
    parts = list(_parts(program, policy, chosen, deciding))
    if deciding.learned:
        # What was assumed for one parameter makes the formulas of those before it shorter as well.
        parts = list(_parts(program, policy, chosen, deciding))
    return Weights(parts, deciding.assumptions)


def _parts(program: Program, policy: Policy, chosen: Format | None, deciding: Deciding) -> Iterator[Part]:
    if chosen is not None and chosen.recipe is not None:
        types = Types(program, chosen, deciding)
        for parameter in program.parameters:
            yield from _gguf(parameter, types, deciding.facts, policy)
        return
    layout = Layout(program)
    for parameter in program.parameters:
        if parameter.tied_to is not None:
            continue
        adapter = policy.lora is not None and parameter.trainable  # beside what is stored in few bits, it is trained
        if chosen is None or adapter or not layout.chosen(parameter, chosen.scope, chosen.only, chosen.keep):
            yield _as_it_is(parameter, policy, deciding.facts)
        else:
            yield _stored(parameter, chosen, policy, deciding)


def dtype_of(parameter: Parameter, policy: Policy) -> str:
    """The dtype that a parameter is held in under a policy, as safetensors names it."""
    dtype = parameter.tensor.storage.dtype
    if dtype in DTYPE_OF:
        return DTYPE_OF[dtype]
    precision = PRECISIONS[policy.precision]
    return DTYPE_OF[precision.parameter if dtype == "param" else precision.activation]


def pieces(
    parameter: Parameter, chosen: Format, policy: Policy, deciding: Deciding, turns: Mapping[str, Dim]
) -> list[Piece]:
    """What a format stores for one copy of a matrix; turns: which one."""
    rows, columns = (substitute(size, turns, deciding.facts) for size in rows_and_columns(parameter))

    def needs(size: Dim, divisor: int) -> None:
        if not deciding.divides(divisor, size):
            _does_not_fit(parameter, chosen, deciding.shown(size), divisor)

    shape = (columns, rows) if LINEAR[parameter.kind] else (rows, columns)
    matrix = Matrix(leaf_of(parameter), dtype_of(parameter, policy), rows, columns, shape, needs)
    assert chosen.store is not None
    return chosen.store(matrix, chosen.options)


def _does_not_fit(parameter: Parameter, chosen: Format, size: str, divisor: int) -> None:
    diagnostics = Diagnostics()
    fix = f"leave it as it is: keep `{parameter.owner}`"
    diagnostics.error(
        "format-does-not-fit", None, fix=fix, format=chosen.name, path=parameter.path, size=size, divisor=divisor
    )
    raise SpecError(list(diagnostics))


def _as_it_is(parameter: Parameter, policy: Policy, facts: Facts) -> Part:
    piece = Piece(leaf_of(parameter), dtype_of(parameter, policy), parameter.tensor.shape)
    copies = every_turn(1, parameter.loops, facts)
    elements, size = (every_turn(one, parameter.loops, facts) for one in (product(piece.shape), piece.bytes))
    in_file = 0 if parameter.transient else size
    return _part(parameter, piece.dtype, copies, elements, size, in_file)


def _stored(parameter: Parameter, chosen: Format, policy: Policy, deciding: Deciding) -> Part:
    """A matrix in a format. Sizes that hang on the turn of a loop are added up turn by turn where there are numbers."""
    total: Dim = 0
    in_file: Dim = 0
    for turns, loops in copies_of(parameter, deciding):
        made = pieces(parameter, chosen, policy, deciding, turns)
        total = total + every_turn(_bytes(made, "in_memory"), loops, deciding.facts)
        in_file = in_file + every_turn(_bytes(made, "in_file"), loops, deciding.facts)
    copies = every_turn(1, parameter.loops, deciding.facts)
    elements = every_turn(product(parameter.tensor.shape), parameter.loops, deciding.facts)
    return _part(parameter, chosen.name, copies, elements, total, in_file)


def _part(parameter: Parameter, type_: str, copies: Dim, elements: Dim, size: Dim, in_file: Dim) -> Part:
    return Part(parameter.path, parameter.owner, parameter.kind, parameter.role, type_, copies, elements, size, in_file)


def _bytes(made: list[Piece], place: str) -> Dim:
    return sum((piece.bytes for piece in made if getattr(piece, place) and not piece.text), 0)


def _gguf(parameter: Parameter, types: Types, facts: Facts, policy: Policy) -> Iterator[Part]:
    """The parts of a parameter in a GGUF file: one for each type that its copies have."""
    if parameter.tied_to is not None:
        return
    if parameter.role == "buffer" and (parameter.transient or dtype_of(parameter, policy) not in _FLOATS):
        yield replace(_as_it_is(parameter, policy, facts), file_bytes=0)
        return
    for one in types.of(parameter):
        size = BLOCKS[one.type].bytes(one.elements)
        yield _part(parameter, one.type, one.copies, one.elements, size, one.aligned)
