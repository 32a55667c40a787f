"""The library's `torch nn.…` spellings, read backwards: from a module of `torch.nn` to a layer and its arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from archspec.importing.lift.lifter import Axis
from archspec.library import standard
from archspec.syntax import tree

BY_HAND = ("MultiheadAttention", "RNN", "GRU", "LSTM")
"""Modules with several inputs or outputs: see `lift.modules`."""
_NOT_TAKEN = (
    "TransformerEncoderLayer",
    "TransformerDecoderLayer",
    "Transformer",
    "Identity",
    "ChannelShuffle",
    "Flatten",
    "Unflatten",
)
"""Modules that are looked into: their own pieces say more, or there is nothing to say."""


@dataclass(frozen=True)
class Spelling:
    """One spelling of a layer: the call that makes the module, and which flags of the layer it is for."""

    layer: tree.Layer
    call: tree.Call
    flags: tuple[tuple[str, bool], ...]


@cache
def spellings() -> dict[str, list[Spelling]]:
    """The spellings by class of `torch.nn`, in the library's order."""
    found: dict[str, list[Spelling]] = {}
    library = standard()
    for name in library.names("layer"):
        definition = library.find(name)
        if definition is None or not isinstance(definition.node, tree.Layer):
            continue
        for statement in definition.node.body:
            if isinstance(statement, tree.Binding) and statement.framework == "torch":
                made = _module(statement.call)
                if made is not None:
                    found.setdefault(made[0], []).append(
                        Spelling(definition.node, made[1], tuple(_flags(statement.when, definition.node)))
                    )
    return found


@cache
def leaves() -> tuple[str, ...]:
    """The classes of `torch.nn` that are taken as a whole."""
    return tuple(sorted((set(spellings()) | set(BY_HAND)) - set(_NOT_TAKEN)))


@cache
def formals(layer: str) -> dict[str, tree.Formal]:
    """The parameters of a layer of the library, by name, in order."""
    definition = standard().find(layer)
    if definition is None or not isinstance(definition.node, tree.Layer):
        return {}
    return {formal.name: formal for formal in definition.node.formals}


@cache
def has_parameters(layer: str) -> bool:
    """Whether instances of a layer of the library own parameters or buffers, themselves or in what they are made of."""
    return _owns(layer, frozenset())


@cache
def features_last(layer: str) -> bool | None:
    """Whether a layer of the library has its features on the last axis (`x[*, d]`) or on the second (`x[B, c, *s]`), as
    its signature says; None where they may be anywhere, or it has no weights by which to tell them.
    """
    definition = standard().find(layer)
    if definition is None or not isinstance(definition.node, tree.Layer) or definition.node.signature is None:
        return None
    inputs = definition.node.signature.inputs
    axes = inputs[0].axes if inputs else ()
    if len(axes) == 2 and isinstance(axes[0], tree.Star):
        return True if has_parameters(layer) or len(inputs) > 1 else None
    named = sum(isinstance(one, tree.Name) for one in axes[:2]) == 2
    return False if named and (len(axes) > 3 or isinstance(axes[-1], tree.Star)) else None


def _owns(layer: str, above: frozenset[str]) -> bool:
    definition = standard().find(layer)
    if definition is None or not isinstance(definition.node, tree.Layer) or layer in above:
        return False
    names = set(_names(definition.node.body))
    if any(isinstance(one, tree.ParamDecl) for one in _statements(definition.node.body)):
        return True
    return any(_owns(name, above | {layer}) for name in names if name[:1].isupper())


def _statements(body: tuple[Any, ...]) -> Iterator[Any]:
    for one in body:
        yield one
        for inside in ("then", "other", "body"):
            yield from _statements(getattr(one, inside, ()) if not isinstance(one, tree.Layer) else ())


def _names(node: object) -> Iterator[str]:
    if isinstance(node, tree.Binding):
        return
    if isinstance(node, tree.Name):
        yield node.name
    if isinstance(node, tree.Node):
        for value in vars(node).values():
            yield from _names(value)
    elif isinstance(node, tuple):
        for value in node:
            yield from _names(value)


def arguments(spelling: Spelling, settings: dict[str, Any]) -> dict[str, Any] | None:
    """The layer's arguments for a module made with these settings; None where it is another layer's module."""
    names = list(settings)
    own = {formal.name: formal for formal in spelling.layer.formals}
    found: dict[str, Any] = {}
    said: set[str] = set()
    for place, argument in enumerate(spelling.call.arguments):
        name = argument.name or (names[place] if place < len(names) else "")
        said.add(name)
        if name not in settings:
            continue
        value = settings[name]
        parameter = _parameter(argument.value, own)
        if parameter is not None:
            if isinstance(value, dict):
                return None
            if value is not None:
                found[parameter] = plain(own[parameter], value)
        elif not _agrees(argument.value, value):
            return None
    for name, flag in spelling.flags:
        if name in own and found.get(name, flag) != flag:
            return None
        if name in own:
            found[name] = flag
    if isinstance(settings.get("padding"), str) and not any(name == "same" for name, flag in spelling.flags if flag):
        return None
    order = [name for name in own if name in found]
    return {name: found[name] for name in order}


def plain(formal: tree.Formal, value: Any) -> Any:
    """A setting as the argument of a parameter: sizes that are the same for all axes as one, reals as such."""
    if formal.kind == "real" or _is_real(formal.default):
        return float(value)
    if isinstance(value, list) and formal.kind == "dims" and len(value) > 0 and all(one == value[0] for one in value):
        value = value[0]
    if formal.kind == "dims" and isinstance(value, float) and value.is_integer():
        return int(value)  # `nn.Upsample` remembers its factor as a real number
    if formal.kind == "int" or _is_negative(formal.default):
        return Axis(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return value


def _module(call: tree.Expression | None) -> tuple[str, tree.Call] | None:
    if not isinstance(call, tree.Call) or not isinstance(call.function, tree.Attribute):
        return None
    space = call.function.value
    if isinstance(space, tree.Name) and space.name == "nn":
        return call.function.name, call
    return None


def _flags(when: tree.Expression | None, layer: tree.Layer) -> Iterator[tuple[str, bool]]:
    own = {formal.name for formal in layer.formals}
    if isinstance(when, tree.Name) and when.name in own:
        yield when.name, True
    elif isinstance(when, tree.Unary) and when.op == "not" and isinstance(when.operand, tree.Name):
        yield when.operand.name, False
    elif isinstance(when, tree.Binary) and when.op == "and":
        yield from _flags(when.left, layer)
        yield from _flags(when.right, layer)


def _parameter(node: tree.Expression, own: dict[str, tree.Formal]) -> str | None:
    if isinstance(node, tree.Name) and node.name in own:
        return node.name
    if isinstance(node, tree.Call) and isinstance(node.function, tree.Name) and node.function.name == "axis":
        return _parameter(node.arguments[0].value, own)
    return None


def _agrees(node: tree.Expression, value: Any) -> bool:
    """Whether a setting is the literal that the spelling has; what is no literal is a size of the input."""
    if isinstance(node, tree.Text | tree.Flag):
        return bool(node.value == value)
    if isinstance(node, tree.Number):
        return bool(Fraction(node.value) == value) if isinstance(value, int | float) else False
    return not (isinstance(value, list) and len(value) > 1)


def _is_real(node: tree.Expression | None) -> bool:
    return isinstance(node, tree.Number) and ("." in node.text or "e" in node.text)


def _is_negative(node: tree.Expression | None) -> bool:
    return isinstance(node, tree.Unary) and node.op == "-"
