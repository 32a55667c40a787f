"""A training step over time: what is live after each operation of the forward and of the backward pass.

The backward pass runs the operations in reverse. An operation's backward needs the gradients of its outputs and what it
kept; it makes a gradient for each input and parameter that needs one. Then the gradients of its outputs go, and what
nobody else keeps; a second gradient for the same tensor is added to the first in new memory. A gradient of a parameter
stays for the optimizer. Measured with `MemTracker` (tests/training).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from archspec.algebra import Dim
from archspec.elaborate.frame import product
from archspec.elaborate.program import Carry, Checkpoint, Loop, Operation, Program, Region, Storage, Tensor, Turns
from archspec.ledger.hidden import Hidden
from archspec.ledger.live import Live
from archspec.ledger.shadow import Instance, Shadow, Where, loops_of
from archspec.ledger.turns import every_turn
from archspec.syntax import tree

Bits = Callable[[str], Dim]
Part = Callable[[Storage, Dim], Dim]


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


class _Gradient:
    """Memory for a gradient. `users`: how many hold it."""

    def __init__(self, elements: Dim, dtype: str, made: Where) -> None:
        self.elements, self.dtype, self.made = elements, dtype, made
        self.users = 1


Given = list[tuple[Tensor, _Gradient]]
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
        self._carries = {
            id(tensor): carry for carry in _carries(program.region) for tensor in (carry.entry, carry.after)
        }
        self._depth = {id(tensor): len(one.loops) for one in program.region.operations() for tensor in one.outputs}
        self._again: dict[tuple[Checkpoint, tuple[int, ...]], list[int]] = {}
        self._keeps = self._find_keeps()
        self._users: dict[Instance, int] = {}
        self._gradients: dict[object, _Gradient] = {}
        for instances in self._keeps:
            for instance in instances:
                self._users[instance] = self._users.get(instance, 0) + 1
        self._hidden_kept = Hidden(self.shadow, self.facts, self._kept_per_turn(), later=False)
        self._hidden_gradients = Hidden(self.shadow, self.facts, self._gradients_per_turn(), later=True)
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

    def _gradients_per_turn(self) -> dict[Loop, Dim]:
        own: dict[Loop, Dim] = {}
        looped = {turns.loop for turns in loops_of(self.program.region)}
        for parameter in self.program.parameters:
            turns = [loop for loop in parameter.loops if loop in looped]
            if parameter.trainable and parameter.tied_to is None and turns:
                elements = self._gradient_elements(parameter.tensor, turns)
                own[turns[-1]] = own.get(turns[-1], 0) + self.live.bytes(elements, "grad")
        return own

    def _gradient_elements(self, tensor: Tensor, turns: list[Loop]) -> Dim:
        """Of a parameter, with all its copies that are not in turns of their own: those of a bank."""
        others = [loop for loop in tensor.storage.loops if loop not in turns]
        return every_turn(self.part(tensor.storage, tensor.storage.elements), others, self.facts)

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
        wide = (
            "float32" if self.loss == "cross-entropy" and output.dtype == "act" and self._autocast() else output.dtype
        )
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
        gradient = self._new(elements, output.dtype, ())
        self._point("backward", "loss")
        if self.loss == "cross-entropy":
            self.live.free("gradient of the logarithms")
        if self.loss != "none":
            self.live.free("kept by the loss")
        self._give(output, gradient, (), None)

    def _autocast(self) -> bool:
        return self.live.bits("act") != self.live.bits("param")

    def _backward(self) -> None:
        runs = {run[-1]: run for run in self._again.values()}
        for position in range(len(self._moments) - 1, -1, -1):
            moment = self._moments[position]
            if position in runs:
                self._run_again(runs[position])
            self._node(moment, position)

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
        arrived = [self._gradients.pop(self._key(tensor, where), None) for tensor in operation.outputs]
        if any(gradient is not None for gradient in arrived):
            given = self._run_backward(moment, [one for one in arrived if one is not None])
            for gradient in arrived:
                if gradient is not None:
                    self._drop(gradient)
        else:
            given = []
        for instance in self._keeps[position]:
            self._users[instance] -= 1
            if not self._users[instance]:
                self.live.free(instance)
        for tensor, gradient in given:
            self._give(tensor, gradient, where, moment)

    def _run_backward(self, moment: Placed, arrived: list[_Gradient]) -> Given:
        operation, where = moment
        given: Given = []
        extra: list[_Gradient] = []
        output = operation.outputs[0]
        if operation.scratch != 0:
            extra.append(self._new(self.part(output.storage, operation.scratch), output.dtype, where))
        for number, tensor in enumerate(operation.inputs):
            if not tensor.needs_grad:
                continue
            if number < len(operation.passes) and operation.passes[number]:
                arrived[0].users += 1
                given.append((tensor, arrived[0]))
                continue
            if operation.kept and _stretches(operation) and tensor.shape != output.shape:
                extra.append(self._new(self.part(output.storage, product(output.shape)), output.dtype, where))
            given.append((tensor, self._new(self.part(tensor.storage, product(tensor.shape)), tensor.dtype, where)))
        for parameter in operation.parameters:
            if parameter.trainable and parameter.role == "param":
                turns = [at.loop for at in where if at.loop in parameter.tensor.storage.loops]
                elements = self._gradient_elements(parameter.tensor, turns)
                given.append((parameter.tensor, self._new(elements, "grad", where)))
        self._point("backward", moment)
        for one in extra:
            self._drop(one)
        return given

    # --- gradients ----------------------------------------------------------------------------------

    def _new(self, elements: Dim, dtype: str, made: Where) -> _Gradient:
        gradient = _Gradient(elements, dtype, made)
        self.live.add(gradient, elements, dtype, made)
        return gradient

    def _drop(self, gradient: _Gradient) -> None:
        gradient.users -= 1
        if not gradient.users:
            self.live.free(gradient)

    def _give(self, tensor: Tensor, gradient: _Gradient, where: Where, moment: Placed | None) -> None:
        """A gradient arrives at a tensor. What a parameter gets is its own: it is copied where others hold it too."""
        if self.accumulates and tensor.storage.kind == "param":
            self._drop(gradient)
            return
        key = self._key(tensor, where)
        there = self._gradients.get(key)
        if there is None and (tensor.storage.kind != "param" or gradient.users == 1):
            self._gradients[key] = gradient
            return
        whole = self._new(gradient.elements, gradient.dtype, gradient.made)
        if moment is not None:
            self._point("backward", moment)
        for one in (gradient, there):
            if one is not None:
                self._drop(one)
        self._gradients[key] = whole

    def _key(self, tensor: Tensor, where: Where) -> object:
        """What the gradient of a tensor is kept under: the tensor that was made, and in which turns."""
        if tensor.storage.kind == "param":
            turns = tuple(at.position for at in where if at.loop in tensor.storage.loops)
            return id(tensor.storage), turns
        while True:
            carry = self._carries.get(id(tensor))
            if carry is None:
                return id(tensor), tuple(at.position for at in where[: self._depth.get(id(tensor), 0)])
            around = where[: len(carry.after.storage.loops)]
            shown = self.shadow.turns(carry.loop, around)
            if tensor is carry.after:
                tensor, where = (carry.result, (*around, shown[-1])) if shown else (carry.initial, around)
                continue
            position = where[len(around)].position
            if position == 0:
                tensor, where = carry.initial, around
            else:
                tensor, where = carry.result, (*around, shown[position - 1])


def _run_of(scope: Checkpoint, where: Where) -> tuple[Checkpoint, tuple[int, ...]]:
    return scope, tuple(at.position for at in where[: len(scope.loops)])


def _carries(region: Region) -> list[Carry]:
    found: list[Carry] = []
    for step in region.steps:
        if isinstance(step, Turns):
            found += [*step.carries, *_carries(step.body)]
    return found


def _stretches(operation: Operation) -> bool:
    """Whether an operation stretches its inputs to one shape: then a gradient is made whole before it is summed up."""
    signature = operation.layer.signature
    axes = signature.outputs[0].axes if signature is not None and signature.outputs else ()
    return any(isinstance(axis, tree.Star) and axis.name == "broadcast" for axis in axes)
