"""What is drawn over a training step: what is held at each moment, and how wide each phase is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from archspec.ledger.quantities import QUANTITIES, check_known
from archspec.report.parts import Held, Parts

if TYPE_CHECKING:
    from archspec.elaborate.entry import Given
    from archspec.model import Model
    from archspec.policy import Policy

LEAST = 0.05
"""A phase is at least so much of the picture wide, so that its name can be read."""


@dataclass(frozen=True)
class Step:
    """A training step in order, moment by moment."""

    held: list[Held]
    names: tuple[str, ...]

    @cached_property
    def peak(self) -> int:
        """The position of the largest moment, the first of several."""
        return max(range(len(self.held)), key=lambda at: (self.held[at].total, -at))

    @property
    def largest(self) -> Held:
        """The largest moment."""
        return self.held[self.peak]

    @property
    def where(self) -> str:
        """The path of the largest moment, with its turns where it is in loops: `h.mlp (turn 12)`."""
        turns = ", ".join(str(turn + 1) for turn in self.largest.turns)
        return f"{self.largest.path} (turn {turns})" if turns else self.largest.path

    @cached_property
    def phases(self) -> list[tuple[str, int, int]]:
        """The phases, each with its first moment and the one after its last."""
        found: list[tuple[str, int, int]] = []
        first = 0
        for phase, group in groupby(self.held, lambda one: one.phase):
            end = first + len(list(group))
            found.append((phase, first, end))
            first = end
        return found

    @cached_property
    def edges(self) -> list[float]:
        """Where each moment begins and the last one ends, from 0 on: moments are equally wide, but for short phases."""
        least = LEAST * len(self.held)
        edges = [0.0]
        for _, first, end in self.phases:
            width = max(1.0, least / (end - first))
            edges += [edges[-1] + width * (place + 1) for place in range(end - first)]
        return edges


def step(model: Model, policy: Policy, given: Given) -> Step:
    """The moments of a training step. Raises `SpecError`, also where there are none."""
    check_known(QUANTITIES["memory.training"], policy)
    parts = Parts(model, policy)
    model.check_requirements(model.derive(parts.policy, given), given)
    held = parts.step(given)
    return Step(held, tuple(name for name in parts.names if any(one.parts[name] for one in held)))
