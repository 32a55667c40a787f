"""The table of rules for Keras: from layers and operations, by class, to what writes the calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.importing.graphs.keras_lift import KerasLift
from archspec.importing.graphs.keras_names import activations
from archspec.importing.graphs.settings import named_axis
from archspec.importing.lift.rules.registry import Refused

Node = dict[str, Any]
Rule = Callable[[KerasLift, Node], None]
RULES: dict[tuple[bool, str], Rule] = {}


def layer(*names: str) -> Callable[[Rule], Rule]:
    """Register a rule for layers of these classes."""
    return _registered(True, names)


def operation(*names: str) -> Callable[[Rule], Rule]:
    """Register a rule for operations of these classes."""
    return _registered(False, names)


def _registered(is_layer: bool, names: tuple[str, ...]) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        for name in names:
            if (is_layer, name) in RULES:
                raise ValueError(f"{name} has a rule already")
            RULES[is_layer, name] = function
        return function

    return register


def activate(k: KerasLift, value: int, name: Any, *, own: bool = False) -> int:
    """A value after an activation that is named. Channels stay where they are."""
    if name is None or name == "linear":
        return value
    known = activations().get(str(name)) or activations().get(str(name).lower())
    if not known:
        raise Refused(f"with the activation `{str(name)[:60]}`")
    arguments: dict[str, Any] = {}
    if known in ("Softmax", "LogSoftmax"):
        arguments["dim"] = named_axis(k, value, -1)
    if known == "LeakyReLU":
        arguments["negative_slope"] = 0.2
    made = k.apply(known, (value,), k.shape(value), arguments, own=own)
    if k.is_moved(value):
        k.moved.add(made)
    return made


from archspec.importing.graphs import (  # noqa: E402
    keras_attention,
    keras_dense,
    keras_merge,
    keras_norms,
    keras_ops,
    keras_spatial,
)

_MODULES = (keras_attention, keras_dense, keras_merge, keras_norms, keras_ops, keras_spatial)
"""They fill the table when they are imported."""
