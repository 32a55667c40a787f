"""With what a layer or operation of Keras was made, as plain data."""

from __future__ import annotations

import inspect
from typing import Any

_SKIPPED = ("initializer", "regularizer", "constraint")
_DEEPEST = 8


def settings_of(operation: Any) -> dict[str, Any]:
    """The arguments of the constructor in their order, from the configuration; else plain attributes.

    Activations are their names, where they have one.
    """
    import keras

    if not isinstance(operation, keras.layers.Layer):
        own = {name: value for name, value in vars(operation).items() if not name.startswith("_") and name != "name"}
        return {name: plain(value) for name, value in own.items() if _is_plain(value)}
    try:
        config = dict(operation.get_config())
    except Exception:  # a layer of somebody's, which need not have one
        config = {}
    try:
        order = [name for name in inspect.signature(type(operation).__init__).parameters if name in config]
    except (TypeError, ValueError):
        order = []
    found: dict[str, Any] = {}
    for name in [*order, *(name for name in config if name not in order)]:
        if name in ("name", "dtype", "trainable") or name.endswith(_SKIPPED):
            continue
        value = config[name]
        if "activation" in name or name == "activation":
            found[name] = _activation(value)
        elif _is_plain(value):
            found[name] = plain(value)
    axis = getattr(operation, "axis", None)
    if _is_plain(axis) and axis is not None:
        found["axis"] = plain(axis)
    return found


def _activation(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        inner = value.get("config")
        if isinstance(inner, str):
            return inner
        return str(value.get("class_name", "?"))
    return "?"


def plain(value: Any) -> Any:
    """A value as plain data; what is none by its class."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return plain(value.item())
    return {"x": type(value).__name__}


def _is_plain(value: Any, depth: int = 0) -> bool:
    if isinstance(value, list | tuple):
        return depth < _DEEPEST and all(_is_plain(one, depth + 1) for one in value)
    return value is None or isinstance(value, bool | int | float | str)
