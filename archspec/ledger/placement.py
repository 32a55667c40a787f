"""Where everything lies when several devices share a model: what each holds of every storage and parameter.

Tensor parallelism is followed through the program: after a layer cut by `columns` each device has a part of the
result, and what is made of it stays a part, until a layer cut by `rows` brings the parts together (Shoeybi et al.,
2019). With `sequence`, what lies between is cut along the sequence (Korthikanti et al., 2022), so that every
activation is a part. Context parallelism cuts every activation along the sequence; expert parallelism cuts banks.
"""

from __future__ import annotations

from archspec.algebra import Dim, symbol
from archspec.algebra.division import quotient
from archspec.elaborate.program import Carry, Operation, Parameter, Program, Region, Storage, Tensor, Turns
from archspec.elaborate.shards import cut_axis, declarations
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.policy import FLOATS, Mesh


class Placement:
    """The parts that one device has. Without tensor, context or expert parallelism these are the whole.

    divisors: sizes that must be multiples of the axis of the mesh that cuts them, by the symbol of that axis.
    """

    def __init__(self, program: Program, mesh: Mesh) -> None:
        self.mesh = mesh
        self.divisors: dict[tuple[Dim, str], None] = {}
        if mesh.expert > 1:
            counts = [loop.count for one in program.parameters for loop in one.loops if loop.active is not None]
            self.divisors.update({(count, "ep"): None for count in counts})
        self._cut: set[Storage] = set()
        self._diagnostics = Diagnostics()
        if mesh.tensor > 1:
            self._region(program.region)
        if self._diagnostics:
            raise SpecError(list(self._diagnostics))

    # --- shares -------------------------------------------------------------------------------------

    def activation(self, storage: Storage, amount: Dim) -> Dim:
        """What a device has of something made while the model runs."""
        mesh = self.mesh
        if isinstance(storage.elements, int):  # the state of a random generator, a count: every device has its own
            return amount
        if mesh.tensor > 1 and (storage in self._cut or mesh.sequence):
            amount = quotient(amount, symbol("tp", 1))
        return quotient(amount, symbol("cp", 1)) if mesh.context > 1 else amount

    def parameter(self, parameter: Parameter, amount: Dim) -> Dim:
        """What a device has of a parameter or buffer, before data parallelism."""
        if self.mesh.tensor > 1 and parameter.tensor.storage in self._cut:
            amount = quotient(amount, symbol("tp", 1))
        if self.mesh.expert > 1 and any(loop.active is not None for loop in parameter.loops):
            amount = quotient(amount, symbol("ep", 1))
        return amount

    # --- following the parts ------------------------------------------------------------------------

    def _region(self, region: Region) -> None:
        for step in region.steps:
            if isinstance(step, Turns):
                self._turns(step)
            else:
                self._operation(step)

    def _turns(self, turns: Turns) -> None:
        for carry in turns.carries:
            self._copy(carry.initial.storage, carry.entry.storage)
        self._region(turns.body)
        for carry in turns.carries:
            self._check(carry)
            self._copy(carry.result.storage, carry.after.storage)

    def _copy(self, source: Storage, target: Storage) -> None:
        if source in self._cut:
            self._cut.add(target)

    def _check(self, carry: Carry) -> None:
        if (carry.result.storage in self._cut) != (carry.entry.storage in self._cut):
            self._diagnostics.error("shard-mismatch", None, name=carry.name)

    def _operation(self, operation: Operation) -> None:
        kind = operation.instance.sharded
        cut = declarations(operation.layer, kind) if kind is not None else {}
        for parameter in operation.parameters:
            name = parameter.path.rpartition(".")[2]
            if name in cut:
                self._cut.add(parameter.tensor.storage)
                self._divides(operation, parameter, cut[name])
        parts = [tensor for tensor in operation.inputs if tensor.storage in self._cut]
        self._check_sum(operation, parts)
        is_part = kind == "columns" or (kind is None and bool(parts))
        for tensor in operation.outputs if is_part else ():
            self._cut.add(tensor.storage)
            if parts:
                self._follow(parts[0], tensor)
        for storage in operation.kept:
            if storage.kind == "new" and storage not in self._made(operation):
                self._place_kept(operation, storage, is_part)

    def _made(self, operation: Operation) -> set[Storage]:
        return {tensor.storage for tensor in (*operation.inputs, *operation.outputs)}

    def _place_kept(self, operation: Operation, storage: Storage, is_part: bool) -> None:
        """A kept tensor of its own is a copy of an operand, or belongs to the result (a mask, a statistic)."""
        operands = [tensor.storage for tensor in operation.inputs]
        operands += [parameter.tensor.storage for parameter in operation.parameters]
        for operand in operands:
            if operand.elements == storage.elements:
                self._copy(operand, storage)
                return
        if is_part:
            self._cut.add(storage)

    def _check_sum(self, operation: Operation, parts: list[Tensor]) -> None:
        """A part and a whole of the same size cannot be combined element by element."""
        if not parts or operation.instance.sharded is not None:
            return
        for tensor in operation.inputs:
            whole = tensor.storage not in self._cut and tensor.dtype in FLOATS
            if whole and tensor.shape == parts[0].shape and tensor.storage.kind not in ("param", "buffer"):
                self._diagnostics.error("shard-mismatch", operation.place, name=operation.path)
                return

    # --- what must divide ---------------------------------------------------------------------------

    def _divides(self, operation: Operation, parameter: Parameter, axis: str | None) -> None:
        position = cut_axis(operation.layer, parameter, axis)
        if position is not None:
            self.divisors[parameter.tensor.shape[position], "tp"] = None

    def _follow(self, source: Tensor, target: Tensor) -> None:
        """An axis that appears where a part is seen in another shape is the one that is cut: the heads of a width."""
        if source.storage is not target.storage or len(source.shape) >= len(target.shape):
            return
        fresh = [size for size in target.shape if size not in source.shape]
        if fresh:
            self.divisors[fresh[0], "tp"] = None
