"""The difference of two models: always the second less the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archspec.algebra import AlgebraError, Dim, Inverse, evaluate, free_symbols, substitute, symbol
from archspec.algebra.division import quotient
from archspec.comparing.aligning import Pair, Place, align
from archspec.comparing.settings import settings_of
from archspec.comparing.sides import Side, reports
from archspec.report.layers import PER_LAYER
from archspec.report.totals import worth_showing

if TYPE_CHECKING:
    from archspec.elaborate.entry import GivenValue
    from archspec.formulas import Formula
    from archspec.model import Model
    from archspec.report.report import Report

SCHEMA = "archspec/diff/1"
_LARGE = 1 << 10


@dataclass(frozen=True)
class Change:
    """One quantity. left, right: with all numbers put in, so an `int` unless a symbol is free.

    symbolic: the difference of the formulas, in the symbols that both share by name; 0 where the formulas are equal.
    """

    quantity: str
    unit: str
    left: Dim
    right: Dim
    symbolic: Dim
    exact: bool

    @property
    def amount(self) -> Dim:
        """The second less the first, each at its own sizes."""
        return self.right - self.left


class Diff:
    """What two models differ in. `diff["params"]` is a number, or None where a symbol has no value.

    quantities: those compared; without any, those that say something about one of the models.
    """

    def __init__(self, left: Report, right: Report, quantities: Iterable[str] = ()) -> None:
        self.left, self.right = left, right
        self.asked = list(dict.fromkeys(quantities))

    # --- quantities ---------------------------------------------------------------------------------

    @cached_property
    def changes(self) -> dict[str, Change]:
        """The quantities in the order of a report."""
        names = self.asked
        if not names:
            shown = {*worth_showing(self.left), *worth_showing(self.right)}
            both = [name for name in self.left.known if name in self.right.known or name in shown]
            names = [name for name in [*both, *(n for n in self.right.known if n not in both)] if name in shown]
            names = [name for name in names if self._known(name)]
        return {name: self._change(name) for name in names}

    def _known(self, name: str) -> bool:
        """Whether both have it: the memory of training only where both are trained."""
        from archspec.ledger.quantities import QUANTITIES

        return not QUANTITIES[name].trained or bool(self.left.policy.optimizer and self.right.policy.optimizer)

    def _change(self, name: str) -> Change:
        left, right = self.left.dim(name), self.right.dim(name)
        return Change(
            name,
            self.left.unit(name),
            self.left.reduced(left),
            self.right.reduced(right),
            right - left,
            self.left.is_exact(name) and self.right.is_exact(name),
        )

    def __getitem__(self, quantity: str) -> int | None:
        change = self.changes.get(quantity) or self._change(quantity)
        return change.amount if isinstance(change.amount, int) else None

    # --- symbols ------------------------------------------------------------------------------------

    @cached_property
    def settings(self) -> tuple[dict[str, str], dict[str, str]]:
        """What each model is set to: symbols, flags, texts; a default that is an expression as it is written."""
        return settings_of(self.left), settings_of(self.right)

    @property
    def differing(self) -> dict[str, tuple[str, str]]:
        """What both have and is set differently."""
        left, right = self.settings
        return {name: (value, right[name]) for name, value in left.items() if right.get(name, value) != value}

    @property
    def alone(self) -> tuple[dict[str, str], dict[str, str]]:
        """What only one of them has, of each."""
        left, right = self.settings
        return (
            {name: value for name, value in left.items() if name not in right},
            {name: value for name, value in right.items() if name not in left},
        )

    @property
    def same(self) -> dict[str, str]:
        """What both have and is set to the same."""
        left, right = self.settings
        return {name: value for name, value in left.items() if right.get(name) == value}

    # --- formulas -----------------------------------------------------------------------------------

    def shown(self, dim: Dim) -> Formula:
        """An expression over the symbols of both."""
        from archspec.formulas import Formula

        left, right = self.left, self.right
        programs = left.derivation.program, right.derivation.program
        order = dict.fromkeys(name for program in programs for name in program.symbols)
        counts = dict.fromkeys([*left.counts, *right.counts])
        names: dict[Dim, str] = {}
        for program in programs:
            for name, size in program.named.items():
                if name not in order:
                    names.setdefault(size, name)
        named = {name: size for size, name in names.items()}
        return Formula(dim, counts, order, named)

    def written(self, dim: Dim) -> str:
        """As text; a size that has a name stands before the bracket where this spares a fraction:
        `head_dim*(kv_heads - heads)`, not `d*(kv_heads/heads - 1)`.
        """
        from archspec.formulas import to_text

        shown = self.shown(dim)
        if isinstance(dim, int) or "/" not in shown.text.partition(", where ")[0]:
            return shown.text
        for name, size in shown.named.items():
            rest = quotient(dim, size) if _has_fraction(size) else dim
            if not _has_fraction(rest):
                where = to_text(size, shown.counts, shown.order)
                return f"{to_text(rest * symbol(name), shown.counts, shown.order)}, where {name} = {where}"
        return shown.text

    def partly(self, change: Change) -> Dim:
        """The difference with numbers only for what is set differently; the rest stays symbols."""
        left, right = self.left, self.right
        sides = []
        for report, dim in ((left, left.dim(change.quantity)), (right, right.dim(change.quantity))):
            moved = {
                name: value
                for name, value in report.values.items()
                if name in left.values and name in right.values and left.values[name] != right.values[name]
            }
            sides.append(substitute(dim, moved, report.derivation.program.facts))
        return sides[1] - sides[0]

    def falls(self, dim: Dim) -> bool:
        """Whether a difference is below 0 at the second's sizes, with a large number for each free symbol. It decides
        how a formula is written, not what it is.
        """
        values = {**dict.fromkeys(free_symbols(dim), _LARGE), **self.left.values, **self.right.values}
        try:
            return evaluate(dim, values) < 0
        except AlgebraError:  # a division that does not come out even at those numbers
            return False

    def at_right(self, dim: Dim) -> int | None:
        """An expression at the second's sizes, the first's where the second has no such symbol; else None."""
        values = {**self.left.values, **self.right.values}
        if not free_symbols(dim) <= values.keys():
            return None
        try:
            return evaluate(dim, values)
        except AlgebraError:  # sizes of both together, at which a division does not come out even
            return None

    # --- layers -------------------------------------------------------------------------------------

    @cached_property
    def pairs(self) -> list[Pair]:
        """All places, those of the two models side by side."""
        return align(self.left, self.right)

    def amounts(self, pair: Pair, quantity: str) -> tuple[Dim, Dim]:
        """A quantity of both places, with all numbers put in; 0 where there is none."""
        return _part(self.left, pair.left, quantity), _part(self.right, pair.right, quantity)

    def equal(self, pair: Pair) -> bool:
        """Whether two places are of one kind and alike in every quantity at these sizes."""
        if pair.left is None or pair.right is None or pair.left.kind != pair.right.kind:
            return False
        return all(left == right for left, right in (self.amounts(pair, name) for name in PER_LAYER))

    # --- as data ------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The difference as JSON (`grammar/diff.schema.json`)."""
        from archspec.comparing.as_data import as_data

        return as_data(self)

    def __str__(self) -> str:
        from archspec.comparing.show import diff_text

        return diff_text(self, 100)

    def __repr__(self) -> str:
        return f"<archspec diff of {self.left.model.name} and {self.right.model.name}>"


def _part(report: Report, place: Place | None, quantity: str) -> Dim:
    amount: Dim = 0
    for layer in place.layers if place else ():
        amount = amount + layer.quantities.get(quantity, 0)
    return report.reduced(amount)


def _has_fraction(dim: Dim) -> bool:
    """Whether a term has a symbol or a sum below the line."""
    if isinstance(dim, int):
        return False
    return any(exponent < 0 or isinstance(atom, Inverse) for monomial in dim.by_monomial for atom, exponent in monomial)


def diff(
    a: Model | str,
    b: Model | str,
    quantities: str | Iterable[str] = (),
    *,
    only_a: Mapping[str, Any] | None = None,
    only_b: Mapping[str, Any] | None = None,
    **choices: Any,
) -> Diff:
    """What model `b` differs in from model `a`; each is a model, or what `archspec.load` takes.

    quantities: those compared; without any, all that say something. choices: values and policy as for `Model.size`,
    for both; `only_a` and `only_b` are for one of them, and count more. Raises `SpecError`.
    """
    from archspec.choices import split_choices
    from archspec.loading import load

    sides: list[Side] = []
    own: list[Mapping[str, GivenValue]] = []
    shared: dict[str, GivenValue] = {}
    for one, only in ((a, only_a), (b, only_b)):
        model = load(one) if isinstance(one, str) else one
        policy, shared = split_choices(choices, model.base)
        policy, given = split_choices(only or {}, policy)
        sides.append((model, policy))
        own.append(given)
    names = [quantities] if isinstance(quantities, str) else quantities
    return Diff(*reports(sides[0], sides[1], shared, own[0], own[1]), names)
