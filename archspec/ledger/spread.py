"""What one device has of a model spread over several: tensor, context, expert and pipeline parallelism together.

What copies of a model share among them (ZeRO, FSDP) is a share of sums, and is taken where quantities are read.
"""

from __future__ import annotations

from archspec.algebra import Dim, symbol
from archspec.elaborate.conditions import show
from archspec.elaborate.program import Assumption, Cached, Operation, Parameter, Program, Storage
from archspec.ledger.placement import Placement
from archspec.ledger.stages import Stages
from archspec.policy import Mesh


class Spread:
    """The share of a device, which of a pipeline is in the first stage. None stands for the whole."""

    def __init__(self, program: Program, mesh: Mesh) -> None:
        self.mesh = mesh
        self.alone = mesh.tensor == mesh.context == mesh.expert == mesh.pipeline == 1
        self._placement = Placement(program, mesh)
        self._stages = Stages(program, mesh)

    def held(self, parameter: Parameter, amount: Dim, cut: bool = True) -> Dim | None:
        """Of a parameter, its gradient or its states; `cut`: these are cut where the parameter is."""
        if self.alone:
            return None
        return self._stages.held(parameter, self._placement.parameter(parameter, amount) if cut else amount)

    def kept(self, operation: Operation, storage: Storage, amount: Dim) -> Dim | None:
        """Of what an operation keeps for the backward pass."""
        if self.alone:
            return None
        return self._stages.kept(operation, self._placement.activation(storage, amount))

    def made(self, operation: Operation, storage: Storage, amount: Dim) -> Dim | None:
        """Of what an operation makes."""
        if self.alone:
            return None
        return self._stages.made(operation, self._placement.activation(storage, amount))

    def cached(self, cached: Cached, amount: Dim) -> Dim | None:
        """Of what a decoder keeps between steps."""
        if self.alone:
            return None
        amount = self._placement.activation(cached.tensor.storage, amount)
        return amount if self._stages.loop not in cached.loops else self._stages.turn_share(amount)

    def part(self, storage: Storage, amount: Dim) -> Dim:
        """Of a tensor while it lives, in the stage where it does."""
        return amount if self.alone else self._placement.activation(storage, amount)

    def assumptions(self) -> list[Assumption]:
        """The sizes that must divide evenly."""
        found: list[Assumption] = []
        wanted: list[tuple[Dim, Dim]] = [(size, symbol(name, 1)) for size, name in self._placement.divisors]
        divisor = self._stages.divisor()
        if divisor is not None:
            wanted.append(divisor)
        for size, count in wanted:
            text = (
                f"{show(size)} % {show(count)} == 0"
                if " " not in show(size)
                else f"({show(size)}) % {show(count)} == 0"
            )
            message = "what several devices share must divide evenly among them"
            found.append(Assumption(text, "==", size, 0, count, "require", message))
        return found
