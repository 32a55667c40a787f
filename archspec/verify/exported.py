"""The model that archspec exports, built from its source."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import ModuleType
from typing import Any

from archspec.elaborate.entry import GivenValue
from archspec.model import Model
from archspec.policy import Policy
from archspec.verify.errors import CannotVerify


def builder(model: Model, to: str, policy: Policy, given: Mapping[str, GivenValue]) -> Callable[[], Any]:
    """A function that makes the model exported to `torch` or `keras`, with a variant's arguments and the values given.

    Raises `SpecError` where the framework has no equal of a layer, and `ImportError` without the framework.
    """
    from archspec.export import export
    from archspec.export.names import identifier

    module = _run(export(model, to, policy), f"<{model.name} exported to {to}>", model.name)
    classes = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
    made = classes[-1]  # a class stands after those that it uses, so that the model is the last one
    formals = [formal.name for formal in model.definition.layer.formals]
    values: dict[str, Any] = {**model.defaults, **given}
    arguments = {identifier(name): _python(values[name]) for name in formals if name in values}
    return lambda: made(**arguments)


def _run(text: str, name: str, model: str) -> ModuleType:
    """Run exported source, so that tracebacks show its lines."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    module = ModuleType(f"archspec_exported_{model}")
    try:
        exec(compile(text, name, "exec"), vars(module))
    except ImportError:
        raise
    except Exception as error:
        raise CannotVerify(f"the exported source of {model} does not run: {type(error).__name__}: {error}") from error
    return module


def _python(value: Any) -> Any:
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, tuple | list):
        return tuple(_python(one) for one in value)
    return value
