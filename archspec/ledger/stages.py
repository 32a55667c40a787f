"""A pipeline: consecutive turns of the model's main loop on different devices.

The first stage is the worst of the one-forward-one-backward schedule: it has as many microbatches under way as there
are stages, so that its share of the turns keeps what all turns keep for one. Interleaved, with v pieces on each
device, it keeps 1 + (p − 1)/(p·v) times as much (Narayanan et al., 2021; Korthikanti et al., 2022).
"""

from __future__ import annotations

from archspec.algebra import Dim, evaluate, free_symbols, symbol
from archspec.algebra.division import quotient
from archspec.elaborate.program import Loop, Operation, Parameter, Program, Turns
from archspec.policy import Mesh

PP = "pp"


class Stages:
    """What the first stage of a pipeline has. Without a pipeline: everything, once."""

    def __init__(self, program: Program, mesh: Mesh) -> None:
        self.mesh = mesh
        self.turns = _main_loop(program) if mesh.pipeline > 1 else None
        self._after: set[int] = set()
        if self.turns is None:
            return
        self._peeled = _peeled(program, self.turns.loop)
        steps = program.region.steps
        for step in steps[steps.index(self.turns) + 1 :]:
            operations = step.body.operations() if isinstance(step, Turns) else [step]
            self._after.update(id(one) for one in operations)
        self._early = {
            id(parameter)
            for operation in program.region.operations()
            if id(operation) not in self._after
            for parameter in operation.parameters
        }

    @property
    def loop(self) -> Loop | None:
        """The loop whose turns are shared out."""
        return self.turns.loop if self.turns is not None else None

    def divisor(self) -> tuple[Dim, Dim] | None:
        """The number of turns, and what must divide it."""
        return None if self.loop is None else (self.loop.count + self._peeled, symbol(PP, 1) * self.mesh.interleave)

    def held(self, parameter: Parameter, amount: Dim) -> Dim:
        """What the first stage has of a parameter."""
        if self.turns is None:
            return amount
        if self.loop in parameter.loops:
            return self.turn_share(amount)
        return amount if id(parameter) in self._early else 0

    def kept(self, operation: Operation, amount: Dim) -> Dim:
        """What it keeps for the backward passes of all microbatches under way, of what one microbatch keeps."""
        if self.turns is None:
            return amount
        if id(operation) in self._after:
            return 0
        under_way = self._under_way()
        if self.loop in operation.loops:
            return self.turn_share(amount * under_way)
        return amount * under_way

    def made(self, operation: Operation, amount: Dim) -> Dim:
        """What it makes for one microbatch."""
        if self.turns is None:
            return amount
        if id(operation) in self._after:
            return 0
        return self.turn_share(amount) if self.loop in operation.loops else amount

    def turn_share(self, amount: Dim) -> Dim:
        """Its share of what all turns of the loop have. The stage begins with the turns that were peeled off."""
        if self.loop is None:
            return amount
        if not self._peeled:
            return quotient(amount, symbol(PP, 1))
        turns = quotient(self.loop.count + self._peeled, symbol(PP, 1)) - self._peeled
        return quotient(amount * turns, self.loop.count)

    def _under_way(self) -> Dim:
        """Microbatches, each of all the turns of a stage."""
        stages, pieces = symbol(PP, 1), self.mesh.interleave
        if self.mesh.microbatches:
            return min(self.mesh.microbatches, self.mesh.pipeline)
        return stages if pieces == 1 else stages + quotient(stages - 1, pieces)


def _peeled(program: Program, loop: Loop) -> int:
    """The turns that run by themselves before a loop, because they differ: their parameters have the same paths."""
    path = next(one.path for one in program.parameters if loop in one.loops)
    return sum(one.path == path for one in program.parameters) - 1


def _main_loop(program: Program) -> Turns | None:
    """The outermost loop with the most parameters, at the default sizes."""
    values = {name: info.value for name, info in program.symbols.items() if info.value is not None}
    best: tuple[int, Turns] | None = None
    for step in program.region.steps:
        if not isinstance(step, Turns):
            continue
        held: Dim = 0
        for one in program.parameters:
            if step.loop in one.loops and one.tied_to is None:
                held = held + one.tensor.storage.elements
        whole = held * step.loop.count
        known = evaluate(whole, values) if free_symbols(whole) <= values.keys() else 1
        if held != 0 and (best is None or known > best[0]):
            best = (known, step)
    return best[1] if best is not None else None
