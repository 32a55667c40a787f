"""The library's `keras layers.…` spellings, read backwards: from a layer of Keras to one of the library."""

from __future__ import annotations

from functools import cache

from archspec.importing.lift.spellings import Spelling
from archspec.library import standard
from archspec.syntax import tree

_MORE = {
    "linear": "", "relu": "ReLU", "relu6": "ReLU6", "swish": "SiLU", "elu": "ELU", "softmax": "Softmax",
    "leaky_relu": "LeakyReLU", "exponential": "Exp", "hard_silu": "Hardswish", "tanh": "Tanh", "sigmoid": "Sigmoid",
}  # fmt: skip
"""Activations under names that the library does not write."""


@cache
def spellings() -> dict[str, list[Spelling]]:
    """Plain spellings by class of `keras.layers`, in the library's order."""
    found: dict[str, list[Spelling]] = {}
    for layer, call in _bindings():
        if isinstance(call.function, tree.Attribute):
            found.setdefault(call.function.name, []).append(Spelling(layer, call, ()))
    return found


@cache
def activations() -> dict[str, str]:
    """Layers of the library by the name that Keras has for the function; the empty one does nothing."""
    found = dict(_MORE)
    for layer, call in _bindings():
        if isinstance(call.function, tree.Attribute) and call.function.name == "Activation" and call.arguments:
            name = call.arguments[0].value
            if isinstance(name, tree.Text):
                found.setdefault(name.value, layer.name)
    return found


@cache
def _bindings() -> list[tuple[tree.Layer, tree.Call]]:
    found: list[tuple[tree.Layer, tree.Call]] = []
    library = standard()
    for name in library.names("layer"):
        definition = library.find(name)
        if definition is None or not isinstance(definition.node, tree.Layer):
            continue
        for statement in definition.node.body:
            if isinstance(statement, tree.Binding) and statement.framework == "keras" and _is_layer(statement.call):
                assert isinstance(statement.call, tree.Call), "it was looked at"
                found.append((definition.node, statement.call))
    return found


def _is_layer(call: tree.Expression | None) -> bool:
    if not isinstance(call, tree.Call) or not isinstance(call.function, tree.Attribute):
        return False
    space = call.function.value
    return isinstance(space, tree.Name) and space.name == "layers"
