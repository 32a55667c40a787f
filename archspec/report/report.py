"""The report of a model under a policy: every quantity as a number and a formula, in all and layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archspec.algebra import AlgebraError, Dim, evaluate, free_symbols, substitute
from archspec.elaborate.bounds import at_bound
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.ledger.quantities import QUANTITIES, Quantity
from archspec.optimizers import OPTIMIZERS
from archspec.report.layers import Layer, layers
from archspec.report.step import as_data

if TYPE_CHECKING:
    from archspec.elaborate.entry import Given
    from archspec.formulas import Formula
    from archspec.model import Model
    from archspec.policy import Policy

SCHEMA = "archspec/report/1"


class Report:
    """What a model is and needs. Everything is computed when it is first asked for.

    `report["params"]` is a number, or None where a symbol has no value; `report.formula("params")` always is a formula.
    Raises `SpecError` when the model is wrong, or when numbers violate one of its requirements.
    """

    def __init__(self, model: Model, policy: Policy, given: Given) -> None:
        self.model = model
        self.policy = policy
        self.given = dict(given)
        self.derivation = model.derive(policy, self.given)
        model.check_requirements(self.derivation, self.given)
        self.values: dict[str, int] = model.values(self.derivation, self.given)
        self.files = False
        """Whether the sizes of files are shown."""
        self._dims: dict[str, tuple[Dim, bool]] = {}
        self._numbers: dict[str, int | None] = {}

    # --- quantities ---------------------------------------------------------------------------------

    def dim(self, quantity: str) -> Dim:
        """A quantity as an expression of the engine's algebra, in all symbols."""
        return self._read(quantity)[0]

    def is_exact(self, quantity: str) -> bool:
        """Whether a quantity is exact; otherwise it is a bound."""
        return self._read(quantity)[1]

    def value(self, quantity: str) -> int | None:
        """A quantity as a number; None where a symbol has no value. Raises `SpecError` for an unknown quantity."""
        if quantity not in self._numbers:
            self._numbers[quantity] = self.evaluate(self.dim(quantity))
        return self._numbers[quantity]

    def __getitem__(self, quantity: str) -> int | None:
        return self.value(quantity)

    def formula(self, quantity: str) -> str:
        """A quantity as one line of text, in all symbols."""
        return self.shown(self.dim(quantity)).text

    def latex(self, quantity: str) -> str:
        """A quantity in LaTeX, for math mode."""
        return self.shown(self.dim(quantity)).latex

    def unit(self, quantity: str) -> str:
        """`elements`, `bytes` or `FLOPs`."""
        return _quantity(quantity).unit

    def _read(self, quantity: str) -> tuple[Dim, bool]:
        if quantity not in self._dims:
            self._dims[quantity] = self.model.dim(quantity, self.policy, self.given)
        return self._dims[quantity]

    # --- expressions --------------------------------------------------------------------------------

    def evaluate(self, dim: Dim) -> int | None:
        """The number of an expression; None where a symbol has no value."""
        if isinstance(dim, int):
            return dim
        if not free_symbols(dim) <= self.values.keys():
            return None
        try:
            return evaluate(dim, self.values)
        except AlgebraError as error:
            raise _failed(error) from None

    def reduced(self, dim: Dim) -> Dim:
        """An expression with all numbers put in: what is left are the symbols without a value."""
        if isinstance(dim, int):
            return dim
        try:
            return substitute(
                dim, {name: self.values[name] for name in free_symbols(dim) & self.values.keys()}, self._facts
            )
        except AlgebraError as error:
            raise _failed(error) from None

    def with_given(self, dim: Dim) -> Dim:
        """An expression with what was given put in; defaults stay symbols."""
        given = {
            name: value
            for name, value in self.values.items()
            if name in self.given or name.partition("[")[0] in self.given
        }
        try:
            return substitute(dim, given, self._facts)
        except AlgebraError as error:
            raise _failed(error) from None

    def shown(self, dim: Dim) -> Formula:
        """An expression in the notations that people and programs read, with the model's order of symbols."""
        from archspec.formulas import Formula

        program = self.derivation.program
        return Formula(dim, self.counts, program.symbols, program.named)

    def text(self, dim: Dim) -> str:
        """A short expression as text: a count, or a size of an axis."""
        if isinstance(dim, int):
            return str(dim)
        from archspec.formulas import to_text

        return _without_marks(to_text(at_bound(dim), (), self.derivation.program.symbols))

    @cached_property
    def counts(self) -> tuple[str, ...]:
        """The symbols that say how often something is repeated."""
        counts: dict[str, None] = {}
        for layer in self.layers:
            for name in sorted(free_symbols(layer.count)):
                counts[name] = None
        return tuple(counts)

    @property
    def _facts(self) -> Any:
        return self.derivation.program.facts

    # --- parts --------------------------------------------------------------------------------------

    @cached_property
    def layers(self) -> list[Layer]:
        """Every primitive, with its part of each quantity."""
        return layers(self.derivation.program, self.derivation.ledger, self.policy.bits)

    @property
    def symbols(self) -> dict[str, dict[str, Any]]:
        """The model's symbols: value (None without), default where there is one, and meaning."""
        found: dict[str, dict[str, Any]] = {}
        for name, info in self.derivation.program.symbols.items():
            default = {} if info.default is None else {"default": info.default}
            found[name] = {"value": self.values.get(name), **default, "meaning": info.meaning}
        return found

    @property
    def free(self) -> list[str]:
        """The symbols without a value."""
        return [name for name in self.derivation.program.symbols if name not in self.values]

    @property
    def outputs(self) -> dict[str, list[str]]:
        """The shape of each output."""
        return {
            name: [self.text(size) for size in tensor.shape] for name, tensor in self.derivation.program.outputs.items()
        }

    @property
    def assumptions(self) -> list[str]:
        """What the formulas take for granted."""
        return [assumption.text for assumption in self.derivation.assumptions]

    @property
    def derived(self) -> str:
        """Which numbers were derived and not yet seen: on a backend, with an optimizer. Empty where none are."""
        from archspec.backends import derived

        found = [derived(self.derivation.program, self.policy)]
        optimizer = OPTIMIZERS.get(self.policy.optimizer)
        if optimizer is not None and not optimizer.measured:
            found.append(f"memory.optimizer and memory.training read off {optimizer.source}, not measured")
        return "; ".join(filter(None, found))

    @property
    def fixed(self) -> list[dict[str, Any]]:
        """The symbols that were fixed to a number, because the wiring hangs on them."""
        found: list[dict[str, Any]] = []
        for one in self.derivation.program.fixed:
            at = {} if one.place is None else {"decided_at": str(one.place)}
            found.append({"symbol": one.symbol, "value": one.value, **at})
        return found

    @property
    def file(self) -> str:
        """The file that defines the model; one of the library as a path in a checkout."""
        source, library = self.model.source, self.model.definition.scope.library
        if library is not None and library.texts.get(source.name) == source.text:
            return f"specs/{source.name}"
        return source.name

    # --- as data ------------------------------------------------------------------------------------

    def to_dict(self, formulas: bool = False) -> dict[str, Any]:
        """The JSON report. A formula is there where a symbol has no value, and everywhere with `formulas`."""
        return {
            "schema": SCHEMA,
            "model": self.model.name,
            "file": self.file,
            "symbols": self.symbols,
            "policy": self.policy_dict,
            "outputs": self.outputs,
            "quantities": self.quantities(self.known, formulas),
            **({"time_points": as_data(self, formulas)} if self.policy.optimizer else {}),
            "layers": [self._layer(layer, formulas) for layer in self.layers],
            "assumptions": [*self.assumptions, *([f"derived: {self.derived}"] if self.derived else [])],
            "fixed": self.fixed,
        }

    @property
    def policy_dict(self) -> dict[str, Any]:
        """The policy; what is off by default is there only when it is on."""
        return self.policy.to_dict()

    @cached_property
    def known(self) -> list[str]:
        """The quantities that are known under the policy, without those that few models have and this one has not."""
        names = [name for name, one in QUANTITIES.items() if self.policy.optimizer or not one.trained]
        return [name for name in names if not QUANTITIES[name].optional or self._has(name)]

    def _has(self, quantity: str) -> bool:
        """Whether a quantity that few ask for is to be shown: files when they are asked for."""
        if not QUANTITIES[quantity].of_file:
            return self.dim(quantity) != 0
        if not self.files:
            return False
        recipe = self.policy.weights != "" and self._is_recipe()
        return recipe if quantity == "file.gguf" else not recipe

    def _is_recipe(self) -> bool:
        from archspec.formats import find

        return find(self.policy.weights).recipe is not None

    def quantities(self, names: Iterable[str], formulas: bool = False) -> dict[str, dict[str, Any]]:
        """The entries of some quantities in the JSON report."""
        found: dict[str, dict[str, Any]] = {}
        for name in names:
            value = self.value(name)
            entry: dict[str, Any] = {"value": value, "unit": self.unit(name)}
            if formulas or value is None:
                shown = self.shown(self.dim(name))
                entry |= {"formula": shown.text, "latex": shown.latex}
            found[name] = {**entry, "exact": self.is_exact(name)}
        return found

    def _layer(self, layer: Layer, formulas: bool) -> dict[str, Any]:
        quantities: dict[str, dict[str, Any]] = {}
        for name, dim in layer.quantities.items():
            value = self.evaluate(dim)
            quantities[name] = {"value": value}
            if formulas or value is None:
                quantities[name]["formula"] = self.shown(dim).text
        return {
            "path": layer.path,
            "kind": layer.kind,
            "count": self.text(layer.count),
            "output": [self.text(size) for size in layer.output],
            "quantities": quantities,
        }

    # --- notebooks ----------------------------------------------------------------------------------

    def _repr_html_(self) -> str:
        from archspec.report.html import html

        return html(self)

    def _repr_markdown_(self) -> str:
        from archspec.report.markdown import markdown

        return markdown(self)

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        return {"text/plain": str(self), "text/markdown": self._repr_markdown_(), "text/html": self._repr_html_()}

    def __str__(self) -> str:
        from archspec.report.terminal import terminal

        return terminal(self)

    def __repr__(self) -> str:
        known = ", ".join(f"{name}={value}" for name, value in self.given.items())
        return f"<archspec report of {self.model.name}({known})>"


def _quantity(name: str) -> Quantity:
    from archspec.ledger.quantities import find_quantity

    entry = find_quantity(name)
    assert isinstance(entry, Quantity)
    return entry


def _failed(error: AlgebraError) -> SpecError:
    diagnostics = Diagnostics()
    diagnostics.error("arithmetic", None, reason=str(error))
    return SpecError(list(diagnostics))


def _without_marks(text: str) -> str:
    """A loop index is called `i'3` inside, so that it differs from every symbol; people see `i`."""
    if "'" not in text:
        return text
    pieces = text.split("'")
    return pieces[0] + "".join(piece.lstrip("0123456789") for piece in pieces[1:])
