"""The defaults that parameters of a model have in its spec."""

from __future__ import annotations

from archspec.algebra import AlgebraError, Poly, evaluate, free_symbols
from archspec.elaborate.calls import argument_value
from archspec.elaborate.frame import Context, Fault, Frame
from archspec.elaborate.values import Block, Instance, Value
from archspec.errors.diagnostic import Diagnostics
from archspec.model import Model
from archspec.policy import Policy


def written_default(model: Model, name: str) -> Value | None:
    """The default of a parameter that hangs on no other one; None where there is no such default."""
    if name in model.defaults:
        return model.defaults[name]
    for formal in model.definition.layer.formals:
        if formal.name == name and formal.default is not None:
            instance = Instance(model.definition, {}, "", Block("", ()))
            frame = Frame(Context(Policy(), Diagnostics()), model.definition, instance, None, None, 0)
            try:
                return argument_value(frame, formal.default)
            except Fault:
                return None
    return None


def derived_defaults(model: Model, known: dict[str, int]) -> dict[str, int]:
    """Parameters whose default is computed from others (`hidden = 4*d`), with its number at known symbols."""
    from archspec.elaborate.entry import _parameter  # the same rules as those of the elaboration

    found: dict[str, int] = {}
    context = Context(Policy(), Diagnostics())
    instance = Instance(model.definition, {}, "", Block("", ()))
    frame = Frame(context, model.definition, instance, None, None, 0)
    for formal in model.definition.layer.formals:
        try:
            value = _parameter(frame, formal, {}, model.defaults)
        except Fault:
            continue
        frame.names[formal.name] = value
        if not isinstance(value, Poly) or formal.name in context.symbols or formal.name in model.defaults:
            continue
        if free_symbols(value) <= known.keys():
            try:
                found[formal.name] = evaluate(value, known)
            except AlgebraError:
                continue
    return found
