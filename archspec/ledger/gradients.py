"""The gradients of a backward pass: what memory each takes, who shares it, which tensor of which turn it is for.

A second gradient for the same tensor is added to the first in new memory. A gradient of a parameter stays for the
optimizer. What a loop carries has its gradient where it was made: in the turn before, or outside of the loop.
"""

from __future__ import annotations

from collections.abc import Callable

from archspec.algebra import Dim
from archspec.elaborate.program import Carry, Loop, Operation, Program, Region, Storage, Tensor, Turns
from archspec.ledger.live import Live
from archspec.ledger.shadow import Shadow, Where, loops_of
from archspec.ledger.turns import every_turn
from archspec.syntax import tree

Part = Callable[[Storage, Dim], Dim]
"""Of so many elements of a storage, those that a device has."""


class Gradient:
    """Memory for a gradient. `users`: how many hold it."""

    def __init__(self, elements: Dim, dtype: str, made: Where) -> None:
        self.elements, self.dtype, self.made = elements, dtype, made
        self.users = 1


class Gradients:
    """Those that are there, and what they take of what is `live`.

    accumulates: gradients of parameters are there already, and each new one is added to them and goes.
    """

    def __init__(self, program: Program, shadow: Shadow, live: Live, part: Part, accumulates: bool) -> None:
        self.program, self.shadow, self.live, self.part, self.accumulates = program, shadow, live, part, accumulates
        self._waiting: dict[object, Gradient] = {}
        self._carries = {
            id(tensor): carry for carry in _carries(program.region) for tensor in (carry.entry, carry.after)
        }
        self._depth = {id(tensor): len(one.loops) for one in program.region.operations() for tensor in one.outputs}

    # --- memory -------------------------------------------------------------------------------------

    def new(self, elements: Dim, dtype: str, made: Where) -> Gradient:
        """Memory that one holds."""
        gradient = Gradient(elements, dtype, made)
        self.live.add(gradient, elements, dtype, made)
        return gradient

    def drop(self, gradient: Gradient) -> None:
        """One holds it no longer; when nobody does, it goes."""
        gradient.users -= 1
        if not gradient.users:
            self.live.free(gradient)

    # --- coming and going ---------------------------------------------------------------------------

    def take(self, tensor: Tensor, where: Where) -> Gradient | None:
        """What has arrived at a tensor, for the backward of the operation that made it."""
        return self._waiting.pop(self._key(tensor, where), None)

    def give(self, tensor: Tensor, gradient: Gradient, where: Where, added: Callable[[], None] = lambda: None) -> None:
        """A gradient arrives at a tensor. What a parameter gets is its own: it is copied where others hold it too.

        added: called while a sum stands beside what is added.
        """
        if self.accumulates and tensor.storage.kind == "param":
            self.drop(gradient)
            return
        key = self._key(tensor, where)
        there = self._waiting.get(key)
        if there is None and (tensor.storage.kind != "param" or gradient.users == 1):
            self._waiting[key] = gradient
            return
        whole = self.new(gradient.elements, gradient.dtype, gradient.made)
        added()
        for one in (gradient, there):
            if one is not None:
                self.drop(one)
        self._waiting[key] = whole

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

    # --- of parameters ------------------------------------------------------------------------------

    def elements_of(self, tensor: Tensor, turns: list[Loop]) -> Dim:
        """Of a parameter, with all its copies that are not in turns of their own: those of a bank."""
        others = [loop for loop in tensor.storage.loops if loop not in turns]
        return every_turn(self.part(tensor.storage, tensor.storage.elements), others, self.program.facts)

    def per_turn(self) -> dict[Loop, Dim]:
        """Bytes of those that a turn of each loop leaves."""
        own: dict[Loop, Dim] = {}
        looped = {turns.loop for turns in loops_of(self.program.region)}
        for parameter in self.program.parameters:
            turns = [loop for loop in parameter.loops if loop in looped]
            if parameter.trainable and parameter.tied_to is None and turns:
                elements = self.elements_of(parameter.tensor, turns)
                own[turns[-1]] = own.get(turns[-1], 0) + self.live.bytes(elements, "grad")
        return own


def stretches(operation: Operation) -> bool:
    """Whether an operation stretches its inputs to one shape: then a gradient is made whole before it is summed up."""
    signature = operation.layer.signature
    axes = signature.outputs[0].axes if signature is not None and signature.outputs else ()
    return any(isinstance(axis, tree.Star) and axis.name == "broadcast" for axis in axes)


def _carries(region: Region) -> list[Carry]:
    found: list[Carry] = []
    for step in region.steps:
        if isinstance(step, Turns):
            found += [*step.carries, *_carries(step.body)]
    return found
