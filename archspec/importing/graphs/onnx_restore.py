"""A graph of PyTorch's exporter as it was before the exporter made it smaller: each tensor of the model is there once.

The exporter stores transposed weights, keeps equal small tensors once, drops biases that are zero, and multiplies batch
norms into convolutions. What it says of each operator tells all of this: it is undone here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archspec.importing.graphs.onnx_file import FLOATING
from archspec.importing.graphs.onnx_pairs import Slot, paired, recurrent
from archspec.importing.graphs.onnx_pieces import Pieces
from archspec.importing.graphs.onnx_signature import (
    Known,
    Meant,
    function_of,
    line_of,
    scope_path,
    signature,
    taken_by,
)
from archspec.importing.graphs.onnx_unfuse import batch_norm, is_fused

_BIASED = frozenset({"Gemm", "Conv", "ConvTranspose"})


class Restoring:
    """Goes through the lines of the program once; `model` is changed."""

    def __init__(self, model: Any, tensors: dict[str, Known]) -> None:
        self.graph = model.graph
        self.tensors = tensors
        self.first = {one.name: one for one in self.graph.initializer}
        self.targets = {one.target: one for one in tensors.values()}
        self.dims: dict[str, tuple[int, ...]] = {
            name: tuple(one.dims) for name, one in self.first.items() if name in self.targets
        }
        self.taken = {name for node in self.graph.node for name in (*node.input, *node.output)}
        self.names: dict[str, str] = {}
        self.seen: set[str] = set()
        self.made: dict[str, Any] = {}
        self.roles: dict[str, str] = {}
        self.nodes: list[Any] = []

    def run(self) -> Meant:
        """All of it, and what the initialisers are."""
        lines: dict[str, list[Any]] = {}
        for place, node in enumerate(self.graph.node):
            lines.setdefault(line_of(node) or f"{place}", []).append(node)
        loose: list[Slot] = []
        for line, nodes in lines.items():
            loose += self._line(line, nodes)
        pieces = Pieces(self, self._left(lines))
        for slot in loose:
            pieces.settle(slot)
        idle = [*pieces.dropped(), *self._idle()]
        found = Meant(self.roles, idle=idle, notes=pieces.notes, told=pieces.told(), lost=pieces.lost)
        self.graph.ClearField("node")
        self.graph.node.extend(self.nodes)
        kept = [one for one in self.graph.initializer if one.name not in self.made]
        self.graph.ClearField("initializer")
        self.graph.initializer.extend([*self.made.values(), *kept])
        for one in kept:
            found.roles.setdefault(one.name, "constant")
        return found

    def _line(self, line: str, nodes: Sequence[Any]) -> list[Slot]:
        """Give the operators of a line the tensors that it takes; the initialisers that are none of these."""
        wanted = taken_by(line, self.tensors)
        function = function_of(line)
        if is_fused(function, nodes):
            self.seen.update(one.target for one in wanted)
            self.nodes += [*nodes[:-1], *batch_norm(self, nodes[-1], wanted, line)]
            return []
        self.nodes += nodes
        slots = [
            Slot(node, place, name, tuple(self.first[name].dims), self.first[name].data_type in FLOATING)
            for node in nodes for place, name in enumerate(node.input) if name in self.first
        ]  # fmt: skip
        pairs, loose, missing = recurrent(slots, wanted) or paired(slots, wanted, self.dims)
        for slot, tensor in pairs:
            self.give(slot, tensor, turned=".linear" in function and tensor.target != slot.name)
        self.seen.update(one.target for one in wanted if one not in missing)
        biased = [one for one in nodes if one.op_type in _BIASED and len(one.input) == 2]
        if len(biased) == 1 and len(missing) == 1 and missing[0].role == "param":
            self.add_bias(biased[0], missing[0])
            self.seen.add(missing[0].target)
        return loose

    def give(self, slot: Slot, tensor: Known, *, turned: bool) -> None:
        """Let an operator take a tensor of the model. turned: it has it transposed where that is folded."""
        node, dims = slot.node, slot.dims
        folded = turned and len(dims) == 2 and node.op_type in ("MatMul", "Gemm") and slot.place == 1
        if folded and node.op_type == "Gemm":
            folded = not any(one.name == "transB" and one.i for one in node.attribute)
        folded = folded or (len(dims) == 2 and dims != dims[::-1] and self.dims.get(tensor.target) == dims[::-1])
        name = self.use(tensor, dims[::-1] if folded else dims, self.first[slot.name].data_type)
        if folded:
            name = self._turn(node, name)
        node.input[slot.place] = name

    def _turn(self, node: Any, name: str) -> str:
        import onnx

        turned = self.fresh(f"{name}_turned")
        made = onnx.helper.make_node("Transpose", [name], [turned], perm=[1, 0])
        made.metadata_props.extend(node.metadata_props)
        self.nodes.append(made)
        return turned

    def add_bias(self, node: Any, tensor: Known) -> None:
        """Give an operator the bias that was zero."""
        dims = self.first[node.input[1]].dims if node.input[1] in self.first else self._made_dims(node.input[1])
        own = {one.name: one.i for one in node.attribute}
        if not dims:
            return
        out = dims[0]
        if node.op_type == "ConvTranspose":
            out = dims[1] * (own.get("group") or 1)
        elif node.op_type == "Gemm" and not own.get("transB"):
            out = dims[1]
        node.input.append(self.use(tensor, (out,), 1))

    def _made_dims(self, name: str) -> Sequence[int]:
        """The sizes of what was put in place of an initialiser, as the operator takes it."""
        if name in self.made:
            return tuple(self.made[name].dims)
        before = name.removesuffix("_turned")
        return tuple(self.made[before].dims)[::-1] if before in self.made else ()

    def use(self, tensor: Known, dims: Sequence[int], kind: int) -> str:
        """The name of the initialiser that is a tensor of the model."""
        known = self.names.get(tensor.target)
        if known is not None and tuple(self.made[known].dims) == tuple(dims):
            return known
        return self.new(tensor, dims, kind)

    def new(self, tensor: Known, dims: Sequence[int], kind: int) -> str:
        """A new initialiser that is a tensor of the model, or a part of it: its name."""
        import onnx

        name = tensor.target
        if name in self.made or (name in self.taken and name not in self.first):
            name = self.fresh(name)
        self.made[name] = onnx.TensorProto(name=name, data_type=kind, dims=list(dims))
        if name in self.first and tuple(self.first[name].dims) == tuple(dims):
            self.made[name] = self.first[name]
        self.names.setdefault(tensor.target, name)
        self.dims.setdefault(tensor.target, tuple(dims))
        self.roles[name] = "transient" if tensor.transient else tensor.role
        return name

    def fresh(self, name: str) -> str:
        """A name that nothing has."""
        number = 2
        found = name
        while found in self.taken or found in self.made or found in self.first:
            found = f"{name}_{number}"
            number += 1
        self.taken.add(found)
        return found

    def _left(self, lines: Mapping[str, Sequence[Any]]) -> list[Known]:
        """Parameters that nothing takes, but for second names of those that are taken: of a tie only one is in use."""
        left = [
            one for one in self.tensors.values()
            if one.role == "param" and one.target not in self.seen and one.target not in self.first
        ]  # fmt: skip
        scopes: dict[str, list[Known]] = {}
        for line, nodes in lines.items() if left else ():
            scopes.setdefault(scope_path(nodes[0]), []).extend(taken_by(line, self.tensors))
        return [one for one in left if not any(_is_twin(one, scope, scopes.get(scope, ())) for scope in _around(one))]

    def _idle(self) -> list[str]:
        """Tensors of the model that are in the file, though no operator takes them; no counters of batches."""
        return [
            self.new(one, tuple(self.first[one.target].dims), self.first[one.target].data_type)
            for one in self.tensors.values()
            if one.target in self.first and one.target not in self.names
            and not one.target.endswith("num_batches_tracked")
        ]  # fmt: skip


def _around(one: Known) -> list[str]:
    """The module that has a tensor, and those around it: one may run with the tensors of a module within."""
    parts = one.owner.split(".")
    return [".".join(parts[:depth]) for depth in range(len(parts), 0, -1)]


def _is_twin(one: Known, scope: str, others: Sequence[Known]) -> bool:
    """Whether a tensor may be another's second name: a module runs with the other in place of it."""
    name = one.target.removeprefix(f"{scope}.")
    return any(f".{other.target}".endswith(f".{name}") and not other.target.startswith(f"{scope}.") for other in others)


def restored(model: Any) -> Meant | None:
    """Undo what the exporter did, in place; None where the file says nothing about it."""
    tensors = signature(model.graph)
    return Restoring(model, tensors).run() if tensors else None
