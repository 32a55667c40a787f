"""What there is to compare, as plain values. Both sides fill these in; nothing is computed here."""

from __future__ import annotations

from dataclasses import dataclass, field

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Held:
    """A parameter or buffer. `copies`: how many there are of it, stacked in front of `shape`.

    role: `param` or `buffer`. layer: who owns it. tied: the name of the parameter whose storage it shares. operation:
    the kind of its layer, and term: its shape in symbols, on the side that has them.
    """

    name: str
    layer: str
    role: str
    shape: Shape
    copies: int = 1
    trainable: bool = True
    tied: str | None = None
    dtype: str = ""
    operation: str = ""
    term: str = ""

    @property
    def leaf(self) -> str:
        """The last part of the name: `weight`."""
        return self.name.rpartition(".")[2]

    @property
    def elements(self) -> int:
        """How many elements it adds to the model; none where it is tied."""
        if self.tied is not None:
            return 0
        total = self.copies
        for size in self.shape:
            total *= size
        return total


@dataclass(frozen=True)
class Made:
    """The outputs of one call of a layer that has parameters of its own."""

    layer: str
    operation: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Kept:
    """A storage kept for the backward pass. `bytes` are those of the storage, whatever part of it is looked at.

    where: the line of the spec that keeps it, on the side that has one. called: the function of torch that its
    operation stands for, where that is known.
    """

    layer: str
    operation: str
    dtype: str
    shape: Shape
    bytes: int
    where: str = ""
    called: str = ""


@dataclass(frozen=True)
class Cost:
    """Multiply-adds × 2 of one operation."""

    layer: str
    operation: str
    flops: int


@dataclass
class Record:
    """One side of a comparison. What a side cannot know is None, with the reason in `notes`.

    kept: by precision (`fp32`, `bf16`). refused: precisions that it did not run in, with what was said, where that was
    allowed. order_of_axes: whether the axes of outputs come in the spec's order, which
    they do not where channels are last.
    """

    held: list[Held] = field(default_factory=list)
    outputs: list[Shape] | None = None
    made: list[Made] | None = None
    forward: list[Cost] | None = None
    backward: list[Cost] | None = None
    kept: dict[str, list[Kept]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    order_of_axes: bool = True

    def elements(self, role: str) -> int:
        """Elements of all parameters, or all buffers."""
        return sum(one.elements for one in self.held if one.role == role)
