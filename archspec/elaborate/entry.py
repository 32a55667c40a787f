"""From a model and what was given for it to an elaborated program."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import NoReturn, cast

from archspec.algebra import AlgebraError, Dim, Poly, free_symbols, symbol
from archspec.elaborate import calls, expressions, layers
from archspec.elaborate.adapting import check_plan
from archspec.elaborate.conditions import require
from archspec.elaborate.frame import (
    FORMAL,
    LOOP_MARK,
    MAX_DEPTH,
    MAX_STEPS,
    Context,
    Fault,
    FixSymbol,
    Frame,
    Stop,
    product,
)
from archspec.elaborate.parameters import written_dtype
from archspec.elaborate.program import Fixed, Program, Shape, Storage, SymbolInfo, Tensor
from archspec.elaborate.signatures import ANONYMOUS
from archspec.elaborate.values import Block, Definition, Instance, Pack, Value, exactly
from archspec.errors.diagnostic import Diagnostics, Note
from archspec.errors.suggest import did_you_mean
from archspec.policy import FLOATS, Policy
from archspec.syntax import tree
from archspec.syntax.source import Source

RECURSION_LIMIT = 20_000
"""A call of a layer takes some ten Python frames; calls and expressions are limited to depths far below this."""
ANONYMOUS_AXIS = "N"
"""A layer sized by itself has one axis for an anonymous `*`: everything element-wise hangs on its size alone."""

Given = Mapping[str, "GivenValue"]
GivenValue = int | float | bool | str | Fraction | list["GivenValue"] | tuple["GivenValue", ...]

Assumed = tuple[Source, tree.Require]
"""A condition that does not stand in the spec, and the source that it stands in."""

Run = Callable[[Frame, tuple[Tensor, ...]], Value]
"""How a layer is called on tensors."""


def elaborate(
    definition: Definition,
    given: Given,
    defaults: dict[str, Value],
    policy: Policy,
    diagnostics: Diagnostics,
    fixed: dict[str, Fixed] | None = None,
    unrolled: bool = False,
    assumed: tuple[Assumed, ...] = (),
    run: Run | None = None,
) -> Program | None:
    """Elaborate a model; None where errors were found (they are in `diagnostics`).

    given: values for parameters and axes, by name. defaults: the arguments of a variant, which stand in for defaults.
    fixed: symbols to be numbers from the start. unrolled: run each `repeat` with a number of turns turn by turn, which
    no user wants and every test of the closed forms does. assumed: conditions besides those of the spec.
    run: calls layers instead of `layers.run`, to watch.
    A condition that hangs on a symbol with a value fixes that symbol, and the elaboration starts again.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    fixed = dict(fixed or {})
    spent = 0
    while True:
        context = Context(policy, Diagnostics(), fixed=dict(fixed), unrolled=unrolled, run=run)
        context.checks_parameters = definition.layer.keyword == "model"
        root = Instance(definition, {}, "", Block("", ()))
        frame = Frame(context, definition, root, None, None, 0)
        try:
            program = _run(frame, given, defaults, assumed)
        except FixSymbol as fix:
            value = context.symbols[fix.symbol].value
            assert value is not None and fix.symbol not in fixed
            fixed[fix.symbol] = Fixed(fix.symbol, value, fix.place)
            spent += context.steps
            if spent > 4 * MAX_STEPS:
                place = frame.place(layers.layer_name(frame.layer))
                diagnostics.error("too-many-calls", place, limit=MAX_STEPS)
                return None
            continue
        except Fault:
            program = None
        except AlgebraError as error:
            context.diagnostics.error("arithmetic", frame.place(layers.layer_name(frame.layer)), reason=str(error))
            program = None
        except Stop as stop:
            context.diagnostics.add(stop.diagnostic)
            program = None
        except RecursionError:
            context.diagnostics.error("too-deep-calls", frame.place(layers.layer_name(frame.layer)), limit=MAX_DEPTH)
            program = None
        for diagnostic in context.diagnostics:
            diagnostics.add(diagnostic)
        return program if not context.diagnostics.errors else None


def _run(frame: Frame, given: Given, defaults: dict[str, Value], assumed: tuple[Assumed, ...]) -> Program | None:
    context, layer = frame.context, frame.layer
    _bind_parameters(frame, given, defaults)
    signature = layer.signature
    if signature is None:
        frame.fault(layers.layer_name(layer), "no-signature", name=layer.name)
    if layer.external:
        frame.fault(layers.layer_name(layer), "external-alone", name=layer.name)
    inputs = tuple(_make_input(frame, declared, given) for declared in signature.inputs)
    _check_given(frame, given)
    _assume(frame, assumed)
    result = layers.run_body(frame, signature, inputs)
    check_plan(frame)
    _name_mesh(context)
    outputs = result.tensors if isinstance(result, Pack) else (result,)
    names = [declared.name for declared in signature.outputs]
    return Program(
        layer.name,
        layer,
        context.region,
        {declared.name: tensor for declared, tensor in zip(signature.inputs, inputs, strict=True)},
        dict(zip(names, outputs, strict=True)),
        context.parameters,
        context.cached,
        context.symbols,
        context.assumptions,
        list(context.fixed.values()),
        context.facts,
        _sizes_with_names(context),
        context.unverified,
    )


def _name_mesh(context: Context) -> None:
    """The numbers of devices are symbols, like every other integer."""
    for name, size in context.policy.mesh.sizes().items():
        context.symbols.setdefault(name, SymbolInfo(name, size, size, "devices", 1))


def _assume(frame: Frame, assumed: tuple[Assumed, ...]) -> None:
    """Take conditions for granted, over parameters and axes of the inputs. Their places are in their own source."""
    names: dict[str, Value] = dict(frame.names)
    for name, info in frame.context.symbols.items():
        fixed = frame.context.fixed.get(name)
        names.setdefault(name, fixed.value if fixed else symbol(name, info.lower))
    for source, statement in assumed:
        definition = Definition(frame.layer, source, frame.definition.scope)
        require(Frame(frame.context, definition, frame.instance, None, None, 0, names), statement, expressions.evaluate)


def _sizes_with_names(context: Context) -> dict[str, Dim]:
    """The names of sizes that may stand in formulas: one for each size, the outermost; no other name of a symbol, and
    nothing that hangs on the index of a loop, which no formula of a whole model knows.
    """
    names: dict[Dim, str] = {}
    for name, size in context.named.items():
        if size is None or name in context.symbols:
            continue
        used = free_symbols(size)
        if any(LOOP_MARK in one for one in used) or any(size == _written(context, one) for one in used):
            continue
        names.setdefault(size, name)
    return {name: size for size, name in names.items()}


def _written(context: Context, name: str) -> Dim:
    info = context.symbols.get(name)
    return symbol(name, info.lower if info is not None else 1)


# --- parameters -------------------------------------------------------------------------------------


def _bind_parameters(frame: Frame, given: Given, defaults: dict[str, Value]) -> None:
    for formal in frame.layer.formals:
        value = _parameter(frame, formal, given, defaults)
        calls.check_kind(frame, formal, formal, value, frame.layer)
        frame.bind(formal, formal.name, value, FORMAL)


def _parameter(frame: Frame, formal: tree.Formal, given: Given, defaults: dict[str, Value]) -> Value:
    name = formal.name
    kind = calls.kind_of(formal)
    default: Value | None = None
    derived = False
    if name in defaults:
        default = defaults[name]
    elif formal.default is not None:
        default = calls.argument_value(frame, formal.default)
        derived = isinstance(default, int | Poly) and _mentions_names(formal.default)
    if name in given:
        value = from_python(given[name])
        if not calls.fits(kind, value):
            _wrong_value(frame, formal, kind, value)
        return _symbolic(frame, name, value, kind, default)
    if default is not None:
        return default if derived else _symbolic(frame, name, default, kind, default)
    if kind in (None, "dim", "nat", "int", "dims"):
        return _symbol(frame, name, None, None, {"nat": 0, "int": None}.get(kind or "dim", 1), "parameter")
    frame.fault(formal, "missing-value", layer=frame.layer.name, name=name, kind=calls.KINDS.get(kind or "", kind))


def _mentions_names(node: tree.Expression) -> bool:
    """Whether a default is an expression of other parameters, and so no symbol of its own."""
    if isinstance(node, tree.Name):
        return True
    parts = (part for part in vars(node).values() if isinstance(part, tree.Node | tuple))
    return any(_mentions_names(one) for part in parts for one in (part if isinstance(part, tuple) else (part,)))


def _wrong_value(frame: Frame, formal: tree.Formal, kind: str | None, value: Value) -> NoReturn:
    """A value from outside does not fit: that is not the spec's fault, which only tells what would fit."""
    note = Note("the parameter is declared here", frame.place(formal))
    wanted = calls.KINDS.get(kind or "", kind)
    fields = {"name": formal.name, "model": frame.layer.name, "wanted": wanted, "found": exactly(value)}
    frame.context.diagnostics.error("wrong-value", None, notes=(note,), **fields)
    raise Fault(formal.name)


def from_python(value: GivenValue) -> Value:
    """A Python value as a value of the language; floats as the decimal that they show."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)  # a text is no number: what needs one says so
    if isinstance(value, float):
        return Fraction(repr(value))
    if isinstance(value, list | tuple):
        return tuple(from_python(entry) for entry in value)
    return value


def _symbolic(frame: Frame, name: str, value: Value, kind: str | None, default: Value | None) -> Value:
    """Integers as symbols, entries of lists too; everything else as it is."""
    if isinstance(value, bool) or kind == "real":
        return value
    if isinstance(value, tuple):
        entries = default if isinstance(default, tuple) and len(default) == len(value) else (None,) * len(value)
        return tuple(
            _symbolic(frame, f"{name}[{position}]", entry, None, entries[position])
            for position, entry in enumerate(value)
        )
    if isinstance(value, int):
        lower: int | None = 1 if value >= 1 else 0 if value == 0 else None
        if kind in ("nat", "dims"):
            lower = 0
        elif kind == "int":
            lower = None
        return _symbol(frame, name, value, default if isinstance(default, int) else None, lower, "parameter")
    return value


def _symbol(frame: Frame, name: str, value: int | None, default: int | None, lower: int | None, meaning: str) -> Dim:
    context = frame.context
    context.symbols[name] = SymbolInfo(name, value, default, meaning, lower)
    if name in context.fixed:
        return context.fixed[name].value
    return symbol(name, lower)


# --- inputs -----------------------------------------------------------------------------------------


def _make_input(frame: Frame, declared: tree.TensorDecl, given: Given) -> Tensor:
    shape: list[Dim] = []
    for axis in declared.axes:
        if isinstance(axis, tree.Star):
            shape.extend(_star_axes(frame, declared, axis, given))
        elif isinstance(axis, tree.Wild):
            shape.append(_axis_symbol(frame, f"{declared.name}_{len(shape)}", declared, given))
        elif isinstance(axis, tree.Name) and axis.name not in frame.names:
            shape.append(_axis_symbol(frame, axis.name, declared, given))
        else:
            shape.append(expressions.evaluate_dim(frame, axis))
    dtype = written_dtype(frame, declared) or "act"
    if dtype == "act" and frame.context.policy.regime == "autocast":
        dtype = "float32"
    needs = frame.context.policy.inputs_grad and dtype in FLOATS
    return Tensor(tuple(shape), dtype, Storage("input", product(tuple(shape)), dtype, ()), needs)


def _star_axes(frame: Frame, declared: tree.TensorDecl, star: tree.Star, given: Given) -> Shape:
    key = star.name or ANONYMOUS
    if key in frame.stars:
        return frame.stars[key]
    name = star.name or ANONYMOUS_AXIS
    value = given.get(name)
    if isinstance(value, list | tuple):
        for size in value:
            _check_axis(frame, declared, name, size)
        sizes = tuple(
            _symbol(frame, f"{name}[{index}]", cast(int, size), None, 1, f"axis of {declared.name}")
            for index, size in enumerate(value)
        )
    else:
        sizes = (_axis_symbol(frame, name, declared, given),)
    frame.stars[key] = sizes
    if star.name is not None:
        frame.bind(star, name, sizes, "axes of an input")
    return sizes


def _axis_symbol(frame: Frame, name: str, declared: tree.TensorDecl, given: Given) -> Dim:
    context = frame.context
    known = context.symbols.get(name)
    if known is not None:
        return context.fixed[name].value if name in context.fixed else symbol(name, known.lower)
    value = given.get(name)
    if value is not None:
        _check_axis(frame, declared, name, value)
    return _symbol(frame, name, cast("int | None", value), None, 1, f"axis of {declared.name}")


def _check_axis(frame: Frame, declared: tree.TensorDecl, name: str, value: GivenValue) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        frame.fault(declared, "wrong-axis-value", name=name, value=value)


def _check_given(frame: Frame, given: Given) -> None:
    known = {formal.name for formal in frame.layer.formals} | set(frame.context.symbols)
    known |= {name.partition("[")[0] for name in frame.context.symbols} | set(frame.stars)
    for name in given:
        if name not in known:
            where = Note("parameters and axes are declared here", frame.place(layers.layer_name(frame.layer)))
            frame.context.diagnostics.error(
                "unknown-symbol", None, notes=(where,), fix=did_you_mean(name, known), name=name, model=frame.layer.name
            )
            raise Fault(name)
