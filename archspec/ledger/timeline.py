"""A training step over time: what is live after each operation of the forward and of the backward pass.

The backward pass runs the operations in reverse. An operation's backward needs the gradients of its outputs and what it
kept; it makes a gradient for each input and parameter that needs one. Then the gradients of its outputs go, and what
nobody else keeps. Where gradients go to is said in `gradients`. Measured with `MemTracker` (tests/training).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from archspec.algebra import Dim
from archspec.elaborate.frame import product
from archspec.elaborate.program import Checkpoint, Loop, Operation, Program, Storage, Tensor
from archspec.ledger.gradients import Gradient, Gradients, Part, stretches
from archspec.ledger.hidden import Hidden
from archspec.ledger.live import Bits, Live
from archspec.ledger.shadow import Instance, Shadow, Where


@dataclass(frozen=True)
class Point:
    """Bytes that are live besides what always is, in some turns. phase: `forward`, `loss` or `backward`."""

    phase: str
    path: str
    kind: str
    size: Dim
    where: Where


class Placed(NamedTuple):
    """An operation in some turns."""

    operation: Operation
    where: Where


Given = list[tuple[Tensor, Gradient]]
BYTES = "int8"
"""What a few numbers are counted in."""


def loss_output(program: Program) -> Tensor | None:
    """The output that a loss is computed from: the one called `logits`, else the last; None if none has a gradient."""
    outputs = {name: tensor for name, tensor in program.outputs.items() if tensor.needs_grad}
    return outputs.get("logits") or next(reversed(outputs.values()), None)


class Timeline:
    """The points of a step of a program. `loss`: the kind of loss. Bytes by `bits`; `part`: what a device has.

    accumulates: gradients of parameters are there already, and each new one is added to them and goes.
    """

    def __init__(self, program: Program, bits: Bits, part: Part, loss: str, accumulates: bool = False) -> None:
        self.accumulates = accumulates
        self.program, self.facts, self.part, self.loss = program, program.facts, part, loss
        self.shadow = Shadow(program, program.facts)
        self.live = self._start(bits)
        self.points: list[Point] = []
        self._moments = [Placed(*one) for one in self.shadow.moments()]
        self._again: dict[tuple[Checkpoint, tuple[int, ...]], list[int]] = {}
        self._keeps = self._find_keeps()
        self._users: dict[Instance, int] = {}
        self._gradients = Gradients(program, self.shadow, self.live, part, accumulates)
        for instances in self._keeps:
            for instance in instances:
                self._users[instance] = self._users.get(instance, 0) + 1
        self._hidden_kept = Hidden(self.shadow, self.facts, self._kept_per_turn(), later=False)
        self._hidden_gradients = Hidden(self.shadow, self.facts, self._gradients.per_turn(), later=True)
        self._forward()
        self._loss()
        self._backward()

    def _start(self, bits: Bits) -> Live:
        """What is live before the step: nothing."""
        return Live(bits, self.facts)

    # --- what is kept -------------------------------------------------------------------------------

    def _find_keeps(self) -> list[list[Instance]]:
        """What each moment keeps; the first moment of a checkpointed call keeps the call's inputs."""
        keeps: list[list[Instance]] = []
        for position, (operation, where) in enumerate(self._moments):
            scope = operation.checkpoint
            if scope is None:
                keeps.append(self._kept(operation.kept, where))
                continue
            run = self._again.setdefault(_run_of(scope, where), [])
            run.append(position)
            keeps.append([])
        for (scope, _), run in self._again.items():
            operations = [self._moments[position].operation for position in run]
            if any(tensor.needs_grad for operation in operations for tensor in operation.outputs):
                where = self._moments[run[0]].where
                keeps[run[0]] = self._kept(tuple(tensor.storage for tensor in scope.inputs), where)
        return keeps

    def _kept(self, storages: tuple[Storage, ...], where: Where) -> list[Instance]:
        found = (self.shadow.instance(storage, where) for storage in storages)
        return [instance for instance in dict.fromkeys(found) if instance[0].kind == "new"]

    def _kept_per_turn(self) -> dict[Loop, Dim]:
        own: dict[Loop, Dim] = {}
        for storage, where in self._users:
            if where and all(at.middle for at in where):
                size = self.live.bytes(self.part(storage, storage.elements), storage.dtype)
                own[where[-1].loop] = own.get(where[-1].loop, 0) + size
        return own

    # --- the passes ---------------------------------------------------------------------------------

    def _point(self, phase: str, at: Placed | str) -> None:
        operation, where = (None, ()) if isinstance(at, str) else at
        size = self.live.size(where) + self._hidden_kept.at(operation, where)
        if phase == "backward" and operation is not None and not self.accumulates:
            size = size + self._hidden_gradients.at(operation, where)
        path, kind = (operation.path, operation.kind) if operation is not None else (str(at), "")
        self.points.append(Point(phase, path, kind, size, where))

    def _add(self, instance: Instance) -> None:
        storage, made = instance
        self.live.add(instance, self.part(storage, storage.elements), storage.dtype, made)

    def _forward(self) -> None:
        uses: list[list[Instance]] = []
        last: dict[Instance, int] = {}
        for position, (operation, where) in enumerate(self._moments):
            tensors = (*operation.inputs, *operation.outputs)
            found = (self.shadow.instance(tensor.storage, where) for tensor in tensors)
            touched = [instance for instance in dict.fromkeys(found) if instance[0].kind == "new"]
            last.update(dict.fromkeys(touched, position))
            uses.append(touched)
        for tensor in self.program.outputs.values():
            last[self.shadow.instance(tensor.storage, ())] = len(uses)
        for position, moment in enumerate(self._moments):
            for instance in (*uses[position], *self._keeps[position]):
                self._add(instance)
            dying = [one for one in uses[position] if last[one] == position and one not in self._users]
            if dying:
                self._point("forward", moment)
            for instance in dying:
                self.live.free(instance)

    def _loss(self) -> None:
        """The loss, and the gradient of the output that it is computed from.

        Cross-entropy keeps the logarithms of the probabilities, and makes their gradient before that of the output.
        """
        output = loss_output(self.program)
        if output is None:
            self._point("loss", "loss")
            return
        elements = self.part(output.storage, product(output.shape))
        wider = self.loss == "cross-entropy" and output.dtype == "act" and self._autocast()
        wide = "float32" if wider else output.dtype
        self.live.add("number", 4, BYTES, ())
        if self.loss != "none":
            self.live.add("kept by the loss", elements, wide, ())
            self.live.add("weight", 4, BYTES, ())
        self._point("loss", "loss")
        instance = self.shadow.instance(output.storage, ())
        if instance in self.live and instance not in self._users:
            self.live.free(instance)
        self.live.add("gradient of the loss", 4, BYTES, ())
        if self.loss == "cross-entropy":
            self.live.add("gradient of the logarithms", elements, wide, ())
            self._point("backward", "loss")
            self.live.free("weight")
        gradient = self._gradients.new(elements, output.dtype, ())
        self._point("backward", "loss")
        if self.loss == "cross-entropy":
            self.live.free("gradient of the logarithms")
        if self.loss != "none":
            self.live.free("kept by the loss")
        self._gradients.give(output, gradient, ())

    def _autocast(self) -> bool:
        return self.live.bits("act") != self.live.bits("param")

    def _backward(self) -> None:
        runs = {run[-1]: run for run in self._again.values()}
        for position in range(len(self._moments) - 1, -1, -1):
            if position in runs:
                self._run_again(runs[position])
            self._node(self._moments[position], position)

    def _run_again(self, run: list[int]) -> None:
        """A checkpointed call is run forward again, and now keeps what it would have kept."""
        for position in run:
            operation, where = self._moments[position]
            fresh = self._kept(operation.kept, where)
            self._keeps[position] = [*self._keeps[position], *fresh]
            for instance in fresh:
                self._users[instance] = self._users.get(instance, 0) + 1
                self._add(instance)
            self._point("backward", self._moments[position])

    def _node(self, moment: Placed, position: int) -> None:
        operation, where = moment
        arrived = [self._gradients.take(tensor, where) for tensor in operation.outputs]
        if any(gradient is not None for gradient in arrived):
            given = self._run_backward(moment, [one for one in arrived if one is not None])
            for gradient in arrived:
                if gradient is not None:
                    self._gradients.drop(gradient)
        else:
            given = []
        for instance in self._keeps[position]:
            self._users[instance] -= 1
            if not self._users[instance]:
                self.live.free(instance)
        for tensor, gradient in given:
            self._gradients.give(tensor, gradient, where, lambda: self._point("backward", moment))

    def _run_backward(self, moment: Placed, arrived: list[Gradient]) -> Given:
        operation, where = moment
        new = self._gradients.new
        given: Given = []
        extra: list[Gradient] = []
        output = operation.outputs[0]
        if operation.scratch != 0:
            extra.append(new(self.part(output.storage, operation.scratch), output.dtype, where))
        for number, tensor in enumerate(operation.inputs):
            if not tensor.needs_grad:
                continue
            if number < len(operation.passes) and operation.passes[number]:
                arrived[0].users += 1
                given.append((tensor, arrived[0]))
                continue
            if operation.kept and stretches(operation) and tensor.shape != output.shape:
                extra.append(new(self.part(output.storage, product(output.shape)), output.dtype, where))
            given.append((tensor, new(self.part(tensor.storage, product(tensor.shape)), tensor.dtype, where)))
        for parameter in operation.parameters:
            if parameter.trainable and parameter.role == "param":
                turns = [at.loop for at in where if at.loop in parameter.tensor.storage.loops]
                elements = self._gradients.elements_of(parameter.tensor, turns)
                given.append((parameter.tensor, new(elements, "grad", where)))
        self._point("backward", moment)
        for one in extra:
            self._gradients.drop(one)
        return given


def _run_of(scope: Checkpoint, where: Where) -> tuple[Checkpoint, tuple[int, ...]]:
    return scope, tuple(at.position for at in where[: len(scope.loops)])
