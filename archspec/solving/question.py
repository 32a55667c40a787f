"""What is asked: for which values of one symbol a quantity of a model stays within a budget.

The size at a value is always what the engine says of the model at that value, structure and all; what is derived with
the unknown as a symbol only helps to find the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from archspec.algebra import AlgebraError, Dim, evaluate, free_symbols, substitute
from archspec.elaborate.bounds import settled
from archspec.errors.suggest import did_you_mean
from archspec.ledger.quantities import check_known, find_quantity
from archspec.ledger.terms import Term
from archspec.report.units import with_unit
from archspec.solving.problems import fail

if TYPE_CHECKING:
    from archspec.derivation import Derivation
    from archspec.elaborate.entry import GivenValue
    from archspec.model import Model
    from archspec.policy import Policy
    from archspec.solving.budget import Budget


class Question:
    """A model under a policy, with values for its symbols but one, the quantity, and the budget.

    Raises `SpecError` when the question makes no sense: the unknown is no symbol or was given, others have no value.
    """

    def __init__(
        self,
        model: Model,
        policy: Policy,
        given: Mapping[str, GivenValue],
        unknown: str,
        quantity: str | None,
        budget: Budget,
    ) -> None:
        self.model, self.policy, self.given, self.unknown = model, policy, dict(given), unknown
        self.quantity = quantity or usual_quantity(policy)
        self.budget = budget
        self.entry = find_quantity(self.quantity)
        check_known(self.entry, policy)
        self._moded = policy if self.entry.mode is None else policy.with_(mode=self.entry.mode)
        self._dims: dict[int, tuple[Derivation, Dim, bool]] = {}
        self._sizes: dict[int, int] = {}
        self._check()

    # --- with the unknown as a symbol ---------------------------------------------------------------

    @cached_property
    def base(self) -> Derivation:
        """The derivation at the default of the unknown."""
        return self.model.derive(self._moded, self.given)

    @cached_property
    def known(self) -> dict[str, int]:
        """The numbers of all other symbols that have one."""
        values = self.model.values(self.base, self.given)
        return {name: value for name, value in values.items() if name != self.unknown}

    @cached_property
    def symbolic(self) -> Dim:
        """The quantity in all symbols."""
        return self._dim(self.base)[0]

    @cached_property
    def reduced(self) -> Dim:
        """The quantity with all numbers but the unknown put in. Raises `SpecError` where that makes no sense."""
        return self.put_in(self.symbolic)

    def put_in(self, dim: Dim) -> Dim:
        """An expression with all numbers but the unknown put in."""
        try:
            return substitute(dim, dict(self.known), self.base.program.facts)
        except AlgebraError as error:
            fail("arithmetic", reason=str(error))

    @property
    def structural(self) -> bool:
        """Whether the wiring hangs on the unknown, so that there is no expression in it."""
        return any(one.symbol == self.unknown for one in self.base.program.fixed)

    @property
    def shares(self) -> bool:
        """Whether the unknown is a number of devices, of which the fewest are wanted."""
        return self.unknown in self.policy.mesh.sizes()

    # --- at a number --------------------------------------------------------------------------------

    def at(self, value: int) -> dict[str, GivenValue]:
        """All that is given, with the unknown at a value."""
        return {**self.given, self.unknown: value}

    def check(self, value: int) -> None:
        """Raise `SpecError` where the model cannot have this value."""
        given = self.at(value)
        self.model.check_requirements(self.model.derive(self._moded, given), given)

    def size(self, value: int) -> int:
        """The quantity at a value that the model can have."""
        if value not in self._sizes:
            given = self.at(value)
            derivation = self.model.derive(self._moded, given)
            dim, _ = self._dim(derivation)
            try:
                self._sizes[value] = evaluate(dim, self.model.values(derivation, given))
            except AlgebraError as error:
                fail("arithmetic", reason=str(error))
        return self._sizes[value]

    def fits(self, value: int) -> bool:
        """Whether the quantity at a value stays within the budget."""
        return self.size(value) <= self.budget.bytes

    def likely_fits(self, value: int) -> bool:
        """The same by the expression in the unknown, which is quicker, and wrong where the structure is another one."""
        try:
            return evaluate(self.reduced, {self.unknown: value}) <= self.budget.bytes
        except AlgebraError:
            return self.fits(value)

    def exact(self, value: int) -> bool:
        """Whether the quantity at a value is exact, or a bound."""
        return self._dim(self.model.derive(self._moded, self.at(value)))[1]

    def shown(self, number: int) -> str:
        """A number of the quantity's unit, for people."""
        return with_unit(number, self.entry.unit)

    def _dim(self, derivation: Derivation) -> tuple[Dim, bool]:
        # The derivation is held with its expression, so that no other one gets its id.
        if id(derivation) not in self._dims:
            read = self.entry.read(derivation.program, derivation.ledger, self._moded.bits, _every)
            self._dims[id(derivation)] = (derivation, *settled(read))
        return self._dims[id(derivation)][1:]

    # --- bad questions ------------------------------------------------------------------------------

    def _check(self) -> None:
        name, model = self.unknown, self.model
        if name in self.given:
            fail("asked-and-given", name=name)
        symbols = self.base.program.symbols
        if name not in symbols:
            parameters = [one.name for one in model.definition.layer.formals]
            entries = [one for one in symbols if one.startswith(f"{name}[")]
            if name in parameters:
                fail("not-a-number", name=name, model=model.name, fix=did_you_mean(f"{name}[0]", entries))
            fail("unknown-symbol", model=model.name, name=name, fix=did_you_mean(name, symbols))
        missing = sorted(free_symbols(self.symbolic) - self.known.keys() - {name})
        if missing:
            fix = "give it, as in " + " ".join(f"--set {one}=8" for one in missing)
            fail("needs-values", names=", ".join(f"`{one}`" for one in missing), quantity=self.quantity, fix=fix)


def usual_quantity(policy: Policy) -> str:
    """What a budget is for, where nothing else is said: training with an optimizer, else inference."""
    return "memory.training" if policy.optimizer else "memory.inference"


def _every(_: Term) -> bool:
    return True
