"""The public face: load a spec, ask for formulas, ask for numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archspec.algebra import Dim, evaluate, free_symbols, substitute
from archspec.algebra.division import quotient
from archspec.choices import split_choices
from archspec.decoding import sequence_axis
from archspec.derivation import Derivation, check_requirements, flatten, wrong_at
from archspec.elaborate.bounds import settled
from archspec.elaborate.entry import Assumed, Given, elaborate
from archspec.elaborate.program import Fixed, Program
from archspec.elaborate.values import Definition, Value
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.ledger.build import build
from archspec.ledger.quantities import GROUPABLE, QUANTITIES, Bits, check_known, find_quantity
from archspec.ledger.terms import Term, symbolic_bits
from archspec.policy import Policy
from archspec.syntax.source import Source

if TYPE_CHECKING:
    import sympy
    from matplotlib.figure import Figure

    from archspec.ledger.training import Training
    from archspec.report.report import Report


class Model:
    """A model or layer of a spec, or a variant of one (`defaults` then hold the variant's arguments)."""

    def __init__(self, name: str, definition: Definition, defaults: dict[str, Value], doc: str | None) -> None:
        self.name = name
        self.definition = definition
        self.defaults = defaults
        self.doc = doc
        self.assumed: tuple[Assumed, ...] = ()
        self.base = Policy()
        self.find: Callable[[str], Model] | None = None
        self._derived: dict[object, Derivation] = {}

    @property
    def source(self) -> Source:
        """The text that defines it."""
        return self.definition.source

    def assuming(self, assumed: Iterable[Assumed]) -> Model:
        """The same model, of which conditions are taken for granted, as if its block began with these `require`s."""
        model = Model(self.name, self.definition, self.defaults, self.doc)
        model.assumed = (*self.assumed, *assumed)
        model.base, model.find = self.base, self.find
        return model

    # --- deriving -----------------------------------------------------------------------------------

    def derive(self, policy: Policy | None = None, given: Given | None = None) -> Derivation:
        """Elaborate under a policy. `given` may hold anything; what is fixed before formulas are derived is used.

        Raises `SpecError` with every error found.
        """
        policy = policy or self.base
        given = dict(given or {})
        derivation, structure = self._base(policy, given)
        force: dict[str, Fixed] = {}
        while True:
            values = self.values(derivation, given)
            wrong = wrong_at(derivation, values)
            if wrong is None:
                return derivation
            # Each round fixes more symbols, or puts a fixed one at its new value: it ends when all are numbers.
            places = {one.symbol: one.place for one in derivation.program.fixed}
            force.update({name: Fixed(name, values[name], places.get(name)) for name in sorted(wrong)})
            key = (policy, tuple(sorted((one.symbol, one.value) for one in force.values())), _frozen(structure))
            if key not in self._derived:
                self._derived[key] = self._elaborate(policy, structure, force)
            derivation = self._derived[key]

    def _base(self, policy: Policy, given: Given) -> tuple[Derivation, Given]:
        """The derivation with integers as symbols, and what of `given` it hangs on: what decides the structure."""
        plain = {name: value for name, value in given.items() if type(value) is int}
        structure = {name: value for name, value in given.items() if name not in plain}
        key = (policy, _frozen(structure))
        if key not in self._derived:
            try:
                self._derived[key] = self._elaborate(policy, structure, {})
            except SpecError:
                if not plain:
                    raise
                return self._elaborate(policy, given, {}), given
        base = self._derived[key]
        unknown = {name: value for name, value in plain.items() if name not in base.program.symbols}
        if not unknown:
            return base, structure
        structure = {**structure, **unknown}
        key = (policy, _frozen(structure))
        if key not in self._derived:
            self._derived[key] = self._elaborate(policy, structure, {})
        return self._derived[key], structure

    def _elaborate(self, policy: Policy, given: Given, fixed: dict[str, Fixed]) -> Derivation:
        diagnostics = Diagnostics()
        program = elaborate(self.definition, given, self.defaults, policy, diagnostics, fixed, assumed=self.assumed)
        if program is None:
            raise SpecError(list(diagnostics))
        ledger = build(program, policy)
        if policy.weights:
            from archspec.formats.stored import store

            values = {name: info.value for name, info in program.symbols.items() if info.value is not None}
            store(ledger, program, policy, values)
        return Derivation(program, ledger, policy)

    def values(self, derivation: Derivation, given: Given) -> dict[str, int]:
        """The number of each symbol that has one: as given, else its default."""
        values = {name: info.value for name, info in derivation.program.symbols.items() if info.value is not None}
        for name, value in given.items():
            values.update(flatten(name, value))
        return {name: value for name, value in values.items() if name in derivation.program.symbols}

    # --- asking -------------------------------------------------------------------------------------

    def dim(
        self,
        quantity: str,
        policy: Policy | None = None,
        given: Given | None = None,
        *,
        path: str | None = None,
        kind: str | None = None,
        dtype: str | None = None,
        bits: Bits | None = None,
    ) -> tuple[Dim, bool]:
        """A quantity as an exact expression, and whether it is exact or a bound."""
        entry = find_quantity(quantity)
        policy = policy or self.base
        check_known(entry, policy)
        if entry.mode is not None:
            policy = policy.with_(mode=entry.mode)
        derivation = self.derive(policy, given)
        if (path is not None or kind is not None or dtype is not None) and quantity not in GROUPABLE:
            raise ValueError(f"`{quantity}` is not a sum over layers: it has no value for a path or kind")

        if entry.of_file:
            return self.file_size(quantity, policy, given)
        if quantity == "memory.decode":
            return self.decode(policy, given, bits)
        if quantity == "memory.training":
            training, program = self.training(policy, given, bits)
            return settled((training.largest(program), training.exact))

        def chosen(term: Term) -> bool:
            return (
                (path is None or term.path == path or term.path.startswith(path + "."))
                and (kind is None or term.kind == kind)
                and (dtype is None or dtype in (term.dtype, term.dtype.partition(":")[0]))
            )

        return settled(entry.read(derivation.program, derivation.ledger, bits or policy.bits, chosen))

    def training(
        self, policy: Policy | None = None, given: Given | None = None, bits: Bits | None = None
    ) -> tuple[Training, Program]:
        """The points of a training step, with those of a teacher, and the program whose symbols they are in.

        Raises `SpecError`, also when no optimizer was chosen.
        """
        policy = (policy or self.base).with_(mode="train")
        check_known(QUANTITIES["memory.training"], policy)
        derivation = self.derive(policy, given)
        found = derivation.ledger.training(derivation.program, bits or policy.bits)
        if policy.teacher:
            found = self._taught(found, policy, given or {}, bits or policy.bits)
        return found, derivation.program

    def decode(
        self, policy: Policy | None = None, given: Given | None = None, bits: Bits | None = None
    ) -> tuple[Dim, bool]:
        """The memory of one more token, with a cache for the whole sequence; 0 where nothing is cached for it."""
        policy = (policy or self.base).with_(mode="eval")
        axis = sequence_axis(self.derive(policy, given).program)
        if axis is None:
            return 0, True
        weights, _ = self.dim("memory.weights", policy, given, bits=bits)
        cache, _ = self.dim("kv_cache", policy, given, bits=bits)
        step, exact = self.dim("activations.peak", policy, {**(given or {}), axis: 1}, bits=bits)
        facts = self.derive(policy, given).program.facts
        return weights + cache + substitute(step, {axis: 1}, facts), exact

    def file_size(self, quantity: str, policy: Policy, given: Given | None = None) -> tuple[int, bool]:
        """The bytes of a file at given sizes, and whether they are exact. Files have names in them, and so no formula.

        Raises `SpecError`, also where a number is missing.
        """
        from archspec.formats.stored import file_size

        derivation = self.derive(policy, given)
        return file_size(quantity, derivation.program, policy, self.values(derivation, given or {}))

    def _taught(self, training: Training, policy: Policy, given: Given, bits: Bits) -> Training:
        """With the teacher beside it: its parameters are numbers, and it sees the same batch."""
        assert self.find is not None, "a model that was loaded can find others"
        teacher = self.find(policy.teacher)
        calm = Policy(policy.precision, policy.backend, policy.attention, "eval")
        program = teacher.derive(calm).program
        axes = {name for name, info in program.symbols.items() if info.meaning.startswith("axis")}
        shared = {name: value for name, value in given.items() if name in axes}
        numbers = {name: info.value for name, info in program.symbols.items() if info.value is not None}
        program = teacher.derive(calm, shared).program

        def told(dim: Dim) -> Dim:
            return substitute(dim, dict(numbers), program.facts)

        weights, _ = teacher.dim("memory.weights", calm, shared, bits=bits)
        peak, exact = teacher.dim("activations.peak", calm, shared, bits=bits)
        outputs: Dim = 0
        for tensor in program.outputs.values():
            outputs = outputs + quotient(tensor.storage.elements * bits(tensor.dtype), 8)
        return training.taught(policy.teacher, told(weights), told(peak), told(outputs), exact)

    def formula(
        self,
        quantity: str,
        *,
        path: str | None = None,
        kind: str | None = None,
        dtype: str | None = None,
        **choices: Any,
    ) -> sympy.Expr:
        """A quantity as a sympy expression in the model's symbols.

        path, kind, dtype: only the part of layers at a path, of a kind, or of tensors of a dtype (or class: `stat`).
        choices: policy (`precision`, `backend`, `attention`, `mode`, …) and values for symbols, which are put in.
        `precision="symbolic"` keeps the bytes per element of each dtype class as symbols `bytes_act`, `bytes_param`, ….
        """
        from archspec.formulas import to_sympy

        return to_sympy(self.expression(quantity, path=path, kind=kind, dtype=dtype, **choices))

    def expression(
        self,
        quantity: str,
        *,
        path: str | None = None,
        kind: str | None = None,
        dtype: str | None = None,
        **choices: Any,
    ) -> Dim:
        """As `formula`, in the engine's own algebra."""
        symbolic = choices.get("precision") == "symbolic"
        if symbolic:
            del choices["precision"]
        policy, given = split_choices(choices, self.base)
        bits = symbolic_bits(policy) if symbolic else None
        dim, _ = self.dim(quantity, policy, given, path=path, kind=kind, dtype=dtype, bits=bits)
        values: dict[str, Dim] = {}
        for name, value in given.items():
            values.update(flatten(name, value))
        derivation = self.derive(policy, given)
        if given:
            self.check_requirements(derivation, given)
        return substitute(dim, values, derivation.program.facts)

    def size(self, **choices: Any) -> Report:
        """Numbers and tables: values for symbols (`B=8, S=1024`) and policy (`precision="bf16"`) as keywords."""
        from archspec.report.report import Report

        policy, given = split_choices(choices, self.base)
        return Report(self, policy, given)

    def plot(
        self,
        over: tuple[str, int, int] | None = None,
        quantity: str | Sequence[str] = (),
        devices: str | Sequence[str] = (),
        scale: str = "auto",
        **choices: Any,
    ) -> Figure:
        """A matplotlib figure of memory, part by part, over a range of a symbol: `over=("S", 512, 131072)`.

        Without `over` it is memory over a training step. quantity: lines of these instead. devices: whose memory is
        marked. scale: of amounts, `linear`, `log` or `auto`. Choices are those of `size`.
        """
        from archspec.plot.figures import figure
        from archspec.plot.values import make_range

        policy, given = split_choices(choices, self.base)
        return figure(
            self,
            policy,
            given,
            None if over is None else make_range(*over),
            [quantity] if isinstance(quantity, str) else quantity,
            [devices] if isinstance(devices, str) else devices,
            scale,
        )

    def lambdify(self, quantity: str, symbols: list[str], **choices: Any) -> Any:
        """A numpy function of some symbols; every other one takes its default.

        Exact for Python integers and object arrays; for int64 arrays as long as results stay below 2**63.
        """
        from archspec.formulas import to_callable

        derivation = self.derive(*split_choices(choices, self.base))
        values = {
            name: info.value
            for name, info in derivation.program.symbols.items()
            if info.value is not None and name not in symbols and name not in choices
        }
        return to_callable(self.expression(quantity, **{**values, **choices}), symbols)

    @cached_property
    def symbols(self) -> dict[str, int | None]:
        """The model's symbols and their default values (None: a free axis)."""
        return {name: info.value for name, info in self.derive().program.symbols.items()}

    def evaluate(self, dim: Dim, derivation: Derivation, given: Given) -> int | None:
        """The number of an expression, or None where a symbol has no value."""
        values = self.values(derivation, given)
        if free_symbols(dim) - values.keys():
            return None
        return evaluate(dim, values)

    def check_requirements(self, derivation: Derivation, given: Given) -> None:
        """Raise `SpecError` if numbers violate a `require`, or are smaller than their symbols may be."""
        check_requirements(derivation, self.values(derivation, given))

    def __repr__(self) -> str:
        return f"<archspec model {self.name}>"

    def _repr_html_(self) -> str:
        from archspec.report.notebook import model_html

        return model_html(self)

    def _repr_latex_(self) -> str:
        from archspec.report.notebook import model_latex

        return model_latex(self)


def _frozen(value: object) -> object:
    if isinstance(value, Mapping):
        return tuple(sorted((name, _frozen(one)) for name, one in value.items()))
    if isinstance(value, list | tuple):
        return tuple(_frozen(one) for one in value)
    return (type(value).__name__, value)
