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


@dataclass(frozen=True)
class LeftOut:
    """What a layer of the spec declares `unverified`, and how much of the model was left out for it.

    layer: its path in the spec. kind: the layer's name. where: the line that declares it. amount: None where the
    quantity could not be measured at all.
    """

    quantity: str
    layer: str
    kind: str
    reason: str
    where: str
    amount: int | None
    unit: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "quantity": self.quantity,
            "layer": self.layer,
            "kind": self.kind,
            "reason": self.reason,
            "where": self.where,
            "amount": self.amount,
            "unit": self.unit,
        }

    def __str__(self) -> str:
        what = "not measured" if self.amount is None else f"{self.amount:,} {self.unit} of the model left out"
        return f"{self.quantity}: {what} in {self.layer or 'the model'} ({self.kind}): {self.reason} ({self.where})"


@dataclass
class Comparison:
    """One model at one choice of numbers, on both sides.

    against: what the spec was compared with. left_out: what layers declare `unverified`. choices: what is other than
    the defaults and no number, such as flags.
    """

    model: str
    against: str
    values: dict[str, int]
    rows: list[Row] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    choices: dict[str, Any] = field(default_factory=dict)
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
            "choices": {name: _plain(value) for name, value in self.choices.items()},
            "passed": self.passed,
            "rows": [row.to_dict() for row in self.rows],
            "differences": [one.to_dict() for one in self.differences],
            "aligned": {"tensors": self.aligned, "by_name": self.aligned_by_name},
            "notes": self.notes,
            "unverified": [one.to_dict() for one in self.left_out],
        }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@dataclass
class Proof:
    """What was proved for which axes in one trial, and under which conditions of torch's; else why not.

    axes: by name, as `H = 16*n` where only multiples are allowed. symbols: their names alone.
    """

    axes: list[str]
    symbols: list[str] = field(default_factory=list)
    proved: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    failed: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"quantities": self.proved, "axes": self.axes, "conditions": self.conditions, "failed": self.failed}


@dataclass
class Outcome:
    """All comparisons of one command.

    proofs: for each trial that has one, what is equal as a formula in the axes, at the other numbers of the trial.
    sampled: the symbols that are only drawn. chance: how likely a wrong formula passes the trials that have the
    defaults of all flags, by quantity.
    """

    comparisons: list[Comparison] = field(default_factory=list)
    chance: dict[str, float] = field(default_factory=dict)
    sampled: list[str] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)

    @property
    def proved(self) -> list[str]:
        """The quantities that are proved in every trial that has a proof."""
        first = self.proofs[0].proved if self.proofs else []
        return [name for name in first if all(name in one.proved for one in self.proofs)]

    @property
    def unproved(self) -> str:
        """Why a trial has no proof."""
        return next((one.failed for one in self.proofs if one.failed), "")

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
            "proved": [one.to_dict() for one in self.proofs],
            "sampled": self.sampled,
            "chance": self.chance,
        }
