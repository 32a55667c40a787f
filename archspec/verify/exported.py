"""The model that archspec exports, built from its source."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import ModuleType
from typing import TYPE_CHECKING, Any

from archspec.elaborate.entry import GivenValue
from archspec.model import Model
from archspec.policy import Policy
from archspec.verify.errors import CannotVerify

if TYPE_CHECKING:
    from torch import nn


def torch_builder(model: Model, policy: Policy, given: Mapping[str, GivenValue]) -> Callable[[], nn.Module]:
    """A function that makes the exported model with the arguments of a variant and the values given."""
    from torch import nn

    from archspec.export import export
    from archspec.export.names import identifier

    module = _run(export(model, "torch", policy), f"<{model.name} exported to torch>", model.name)
    classes = [
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, nn.Module) and one.__module__ == module.__name__
    ]
    made = classes[-1]  # a class stands after those that it uses, so that the model is the last one
    formals = [formal.name for formal in model.definition.layer.formals]
    values: dict[str, Any] = {**model.defaults, **given}
    arguments = {identifier(name): _python(values[name]) for name in formals if name in values}

    def build() -> nn.Module:
        built: nn.Module = made(**arguments)
        return built

    return build


def _run(text: str, name: str, model: str) -> ModuleType:
    """Run exported source, so that tracebacks show its lines."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    module = ModuleType(f"archspec_exported_{model}")
    try:
        exec(compile(text, name, "exec"), vars(module))
    except Exception as error:
        raise CannotVerify(f"the exported source of {model} does not run: {type(error).__name__}: {error}") from error
    return module


def _python(value: Any) -> Any:
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, tuple | list):
        return tuple(_python(one) for one in value)
    return value
