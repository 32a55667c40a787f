"""Before a text is given out: what it says against what the model does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archspec.importing.factories import in_lists

if TYPE_CHECKING:
    from archspec.model import Model

QUANTITIES = ("params", "buffers", "activations.saved", "flops.forward", "flops.backward")


@dataclass(frozen=True)
class Gap:
    """A quantity that differs at some values: what the text says, and what was measured."""

    quantity: str
    values: Mapping[str, int]
    said: int | None
    measured: int
    words: str = ""

    @property
    def text(self) -> str:
        """The gap in words."""
        if self.words:
            return self.words
        at = ", ".join(f"{name} = {value}" for name, value in self.values.items()) or "its own size"
        said = "no number" if self.said is None else f"{self.said:,}"
        return f"{self.quantity}: {said} here, {self.measured:,} in the model, at {at}"


def compare(model: Model, measured: Sequence[tuple[Mapping[str, int], Mapping[str, Any]]]) -> list[Gap]:
    """The quantities that differ, at each of the configurations that were measured. Raises `SpecError`."""
    gaps: list[Gap] = []
    for values, found in measured:
        if "record" in found:  # of a graph, whose kept tensors and FLOPs nobody knows
            from archspec.importing.graphs.gate import differences

            if gaps:
                break  # the same, with other numbers
            told = differences(model, in_lists(values), found["record"])
            gaps += [Gap(one.partition(":")[0], values, None, 0, one) for one in told]
            continue
        report = model.size(backend="cpu", **in_lists(values))
        for quantity in QUANTITIES:
            said = report[quantity]
            if said != found[quantity]:
                gaps.append(Gap(quantity, values, said, found[quantity]))
    return gaps
