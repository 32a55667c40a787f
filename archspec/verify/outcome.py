"""The outcome of a verification, as values: rows of numbers, and the differences with the place that each has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One quantity on both sides. `derived` and `traced` are numbers, or texts where there are shapes to compare."""

    quantity: str
    formula: str
    derived: int
    traced: int | None
    unit: str = ""

    @property
    def delta(self) -> int | None:
        """What the model has more than the formula says; None where it was not measured."""
        return None if self.traced is None else self.traced - self.derived

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "quantity": self.quantity,
            "unit": self.unit,
            "formula": self.formula,
            "derived": self.derived,
            "traced": self.traced,
            "delta": self.delta,
        }


@dataclass(frozen=True)
class Difference:
    """Something that the two sides have otherwise: of which quantity, in which layer and operation, and what."""

    quantity: str
    layer: str
    operation: str
    message: str
    derived: int | None = None
    traced: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "quantity": self.quantity,
            "layer": self.layer,
            "operation": self.operation,
            "message": self.message,
            "derived": self.derived,
            "traced": self.traced,
        }

    def __str__(self) -> str:
        place = f"{self.layer or 'the model'}" + (f" ({self.operation})" if self.operation else "")
        return f"{self.quantity}: {place}: {self.message}"


@dataclass
class Comparison:
    """One model at one choice of numbers, on both sides.

    against: what the spec was compared with. error: why there was nothing to compare.
    """

    model: str
    against: str
    values: dict[str, int]
    rows: list[Row] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    aligned: int = 0
    aligned_by_name: int = 0

    @property
    def passed(self) -> bool:
        """Whether both sides agree in everything that was compared."""
        return not self.differences and all(not row.delta for row in self.rows)

    def has(self, quantity: str) -> bool:
        """Whether a quantity was compared, in any precision if none is named."""
        return any(quantity in (row.quantity, row.quantity.partition("[")[0]) for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "model": self.model,
            "against": self.against,
            "symbols": self.values,
            "passed": self.passed,
            "rows": [row.to_dict() for row in self.rows],
            "differences": [one.to_dict() for one in self.differences],
            "aligned": {"tensors": self.aligned, "by_name": self.aligned_by_name},
            "notes": self.notes,
        }


@dataclass
class Outcome:
    """All comparisons of one command. chance: how likely a wrong formula passes, by quantity, where it was sampled.

    proved: the quantities that are equal as formulas in `axes`, at the other numbers of the first trial, where torch's
    `conditions` on the axes hold. unproved: why there is no proof.
    """

    comparisons: list[Comparison] = field(default_factory=list)
    chance: dict[str, float] = field(default_factory=dict)
    proved: list[str] = field(default_factory=list)
    axes: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    unproved: str = ""

    @property
    def passed(self) -> bool:
        """Whether something was compared, and there is no difference anywhere."""
        return any(one.rows for one in self.comparisons) and all(one.passed for one in self.comparisons)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "schema": "archspec/verify/1",
            "passed": self.passed,
            "comparisons": [one.to_dict() for one in self.comparisons],
            "chance": self.chance,
            "proved": {"quantities": self.proved, "axes": self.axes, "conditions": self.conditions},
        }
