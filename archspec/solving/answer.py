"""The answer to a question, with its formula, what limits it, and what more would need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archspec.report.step import time_points
from archspec.solving.budget import find_budget
from archspec.solving.formulas import Closed, closed_text, deciding_text, symbolic_text
from archspec.solving.question import Question
from archspec.solving.search import Found, search
from archspec.solving.values import conditions

if TYPE_CHECKING:
    from archspec.elaborate.entry import GivenValue
    from archspec.model import Model
    from archspec.policy import Policy
    from archspec.report.report import Report

SCHEMA = "archspec/solve/1"
_TRAINED = ("memory.weights", "memory.gradients", "memory.optimizer")
_PARTS = {
    "memory.training": _TRAINED,
    "memory.inference": ("memory.weights", "kv_cache", "activations.peak"),
}
"""What a quantity has inside that is a quantity too."""


@dataclass(frozen=True)
class Limit:
    """Where most is held at the answer. phase, path: of a training step, else empty; parts: bytes by what they are."""

    phase: str = ""
    path: str = ""
    parts: Mapping[str, int] = field(default_factory=dict)


class Solution:
    """The answer to a question; `int(solution)` is the value. Everything else is worked out when it is asked for."""

    def __init__(self, question: Question, symbolic: bool = False) -> None:
        self.question = question
        self.symbolic = symbolic
        self._conditions = list(conditions(question))
        self._found: Found = search(question, self._conditions)

    def __int__(self) -> int:
        return self.value

    @property
    def value(self) -> int:
        """The largest value that fits; where the quantity falls, the smallest."""
        return self._found.value

    @property
    def falling(self) -> bool:
        """Whether the quantity falls as the unknown grows, so that the value is the smallest that fits."""
        return self._found.falling

    @property
    def method(self) -> str:
        """`closed`: by the formula; `search`: by halving."""
        return "closed" if self._found.pieces else "search"

    @property
    def needs(self) -> int:
        """The quantity at the value."""
        return self.question.size(self.value)

    @property
    def headroom(self) -> int:
        """What is left of the budget."""
        return self.question.budget.bytes - self.needs

    @property
    def beyond(self) -> tuple[int, int] | None:
        """The nearest value that does not fit and what it needs; None where requirements allow none."""
        beyond = self._found.beyond
        return None if beyond is None else (beyond, self.question.size(beyond))

    @cached_property
    def closed(self) -> Closed | None:
        """The closed form with numbers, as text and as Python; None where the answer was searched for."""
        return closed_text(self.question, self._found.pieces) if self._found.pieces else None

    @cached_property
    def formula(self) -> str:
        """The closed form, or the inequality that the value was searched for by."""
        return self.closed.text if self.closed else deciding_text(self.question, self._found)

    @cached_property
    def symbolic_formula(self) -> str | None:
        """The closed form in all symbols; None where there is none."""
        return symbolic_text(self.question, self._found)

    @cached_property
    def restricted(self) -> list[str]:
        """The requirements that rule out the value next to the answer."""
        if self.falling and self._found.beyond is None:
            return []  # no value is smaller
        beside = self.value + (-1 if self.falling else 1)
        return [one.text for one in self._conditions if not one.holds(self.question.unknown, beside)]

    @cached_property
    def limit(self) -> Limit:
        """Where most is held at the answer."""
        report = self.report
        points = time_points(report) if self.question.quantity == "memory.training" else []
        most = max(points, key=lambda point: point.value or 0, default=None)
        parts = {name: report.value(name) or 0 for name in _PARTS.get(self.question.quantity, ())}
        if most is not None:
            # Of the gradients, those made so far: at most all of them.
            parts.pop("memory.gradients") if most.phase != "step" else None
            parts["rest"] = self.needs - sum(parts.values())
        shown = {name: size for name, size in parts.items() if size > 0}
        return Limit(most.phase if most else "", most.path if most else "", shown)

    @cached_property
    def report(self) -> Report:
        """The model at the answer."""
        from archspec.report.report import Report

        return Report(self.question.model, self.question.policy, self.question.at(self.value))

    @property
    def exact(self) -> bool:
        """Whether the quantity is exact at the answer, or a bound."""
        return self.question.exact(self.value)

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON (`grammar/solve.schema.json`)."""
        question, limit, beyond = self.question, self.limit, self.beyond
        device = {"device": question.budget.device} if question.budget.device else {}
        entry: dict[str, Any] = {
            "schema": SCHEMA,
            "model": question.model.name,
            "file": self.report.file,
            "for": question.unknown,
            "value": self.value,
            "formula": self.formula,
            "method": self.method,
            "largest": not self.falling,
            "quantity": question.quantity,
            "unit": question.entry.unit,
            "exact": self.exact,
            "budget": {"value": question.budget.bytes, **device},
            "needs": self.needs,
            "headroom": self.headroom,
            "limit": {"phase": limit.phase, "path": limit.path, "parts": dict(limit.parts)},
            "restricted": self.restricted,
            "next": beyond and {"value": beyond[0], "needs": beyond[1], "over": beyond[1] - question.budget.bytes},
            "symbols": dict(self.report.values),
            "policy": self.report.policy_dict,
            "assumptions": self.report.assumptions,
        }
        if self.closed:
            entry["python"] = self.closed.python
        if self.symbolic and self.symbolic_formula:
            entry["symbolic"] = self.symbolic_formula
        return entry

    def __str__(self) -> str:
        from archspec.solving.show import solution_text

        return solution_text(self, 100, False)

    def __repr__(self) -> str:
        return f"<archspec solution {self.question.unknown} = {self.value} of {self.question.model.name}>"


def solve(
    model: Model | str, unknown: str, *, budget: str | int | None = None, quantity: str | None = None, **choices: Any
) -> Solution:
    """The largest value of a symbol at which a model fits a budget.

    budget: bytes, or a text such as `"80GiB"`; without it, the memory of the `device`. quantity: `memory.training` with
    an optimizer, else `memory.inference`. choices: as for `Model.size`: values (`S=2048`) and policy (`train="adamw"`).
    Raises `SpecError` where there is no answer.
    """
    from archspec.choices import split_choices

    if isinstance(model, str):
        from archspec.loading import load

        model = load(model)
    policy, given = split_choices(choices, model.base)
    return solved(model, policy, given, unknown, quantity, budget)


def solved(
    model: Model,
    policy: Policy,
    given: Mapping[str, GivenValue],
    unknown: str,
    quantity: str | None,
    budget: str | int | None,
    symbolic: bool = False,
) -> Solution:
    """As `solve`, of a policy and values. symbolic: the closed form in all symbols is wanted too."""
    return Solution(Question(model, policy, given, unknown, quantity, find_budget(budget, policy)), symbolic)
