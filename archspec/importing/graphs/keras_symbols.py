"""Symbols, variables and arrays of Keras as numbers and plain data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from archspec.importing.errors import CannotImport
from archspec.importing.graphs.keras_settings import plain


class Symbols:
    """Numbers for symbols and variables, which are held: the address of one that is gone would be used again."""

    def __init__(self) -> None:
        self.values: list[dict[str, Any]] = []
        self.numbers: dict[int, int] = {}
        self.held: dict[str, dict[str, Any]] = {}
        self._kept: list[Any] = []

    def same(self, one: Any, other: Any) -> None:
        """A symbol is another one under another name."""
        self._kept.append(one)
        self.numbers[id(one)] = self.numbers[id(other)]

    def number(self, symbol: Any) -> int:
        """The number of a symbol. Raises `CannotImport` where an axis has no size."""
        known = self.numbers.get(id(symbol))
        if known is not None:
            return known
        number = self.numbers[id(symbol)] = len(self.values)
        self._kept.append(symbol)
        if any(size is None for size in symbol.shape):
            raise CannotImport("the size of a tensor hangs on values")
        self.values.append({"shape": [int(size) for size in symbol.shape], "dtype": str(symbol.dtype)})
        return number

    def encode(self, value: Any) -> Any:
        """Whatever a call takes, as plain data."""
        if is_symbol(value):
            return {"v": self.numbers[id(value)]} if id(value) in self.numbers else {"x": "symbol"}
        if type(value).__name__ in ("Variable", "KerasVariable") or hasattr(value, "regularizer"):
            return self.variable(value)
        if isinstance(value, list | tuple):
            return [self.encode(one) for one in value]
        if isinstance(value, dict):
            return {"d": {str(key): self.encode(one) for key, one in value.items()}}
        if isinstance(value, slice):
            return {"s": [self.encode(one) for one in (value.start, value.stop, value.step)]}
        if value is Ellipsis:
            return {"e": 1}
        if hasattr(value, "shape") and hasattr(value, "dtype"):
            return {"c": [int(size) for size in value.shape], "t": _dtype(value)}
        return plain(value)

    def variable(self, variable: Any) -> dict[str, Any]:
        """A variable that an operation uses directly."""
        number = self.numbers.get(id(variable))
        if number is None:
            number = self.numbers[id(variable)] = len(self.values)
            self._kept.append(variable)
            shape = [int(size) for size in variable.shape]
            self.values.append({"shape": shape, "dtype": str(variable.dtype)})
            name = str(getattr(variable, "path", variable.name)).replace("/", ".")
            while name in self.held:
                name += "_"
            role = "param" if variable.trainable else "buffer"
            self.held[name] = {"v": number, "role": role, "shape": shape, "dtype": str(variable.dtype)}
        return {"v": number}


@contextmanager
def arrays_as_symbols(table: Symbols) -> Iterator[None]:
    """Layers that are called on arrays alone, such as positions, get symbols in their place, made from nothing."""
    import keras

    original = keras.layers.Layer.__call__

    def symbol(one: Any) -> Any:
        if not _is_array(one):
            return one
        made = keras.Input(batch_shape=tuple(one.shape), dtype=_dtype(one))
        table.values[table.number(made)]["made"] = True
        return made

    def called(layer: Any, *arguments: Any, **keywords: Any) -> Any:
        flat = keras.tree.flatten((arguments, keywords))
        if not any(is_symbol(one) for one in flat) and any(_is_array(one) for one in flat):
            arguments, keywords = keras.tree.map_structure(symbol, (arguments, keywords))
        return original(layer, *arguments, **keywords)

    keras.layers.Layer.__call__ = called
    try:
        yield
    finally:
        keras.layers.Layer.__call__ = original


def is_symbol(value: Any) -> bool:
    """Whether a value is a symbol of a graph."""
    import keras

    return isinstance(value, keras.KerasTensor)


def _is_array(value: Any) -> bool:
    variable = hasattr(value, "regularizer") or hasattr(value, "assign")
    return not is_symbol(value) and not variable and hasattr(value, "shape") and hasattr(value, "dtype")


def _dtype(value: Any) -> str:
    import keras

    return str(keras.backend.standardize_dtype(value.dtype))
