"""The graph of a Keras model as plain data: operations in order, nested models and layers of others as blocks.

A layer that is not Keras's own is looked into: its `call` on symbols is a graph of Keras's layers and operations.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from archspec.importing.errors import CannotImport
from archspec.importing.graphs.keras_settings import plain, settings_of

LARGEST = 20_000
"""Operations of a graph."""
DEEPEST = 30
"""Layers inside layers."""
Node = dict[str, Any]


class Walk:
    """Calls a model on symbols, and follows what comes out back to them."""

    def __init__(self, model: Any, title: str) -> None:
        from archspec.verify.traced.keras import paths_of

        self._model = model
        self._title = title
        self._paths = paths_of(model)
        self._values: list[dict[str, Any]] = []
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []
        self._held: dict[str, dict[str, Any]] = {}
        self._inputs: dict[str, Any] = {}
        self._outputs: list[int] = []
        self._body: list[Node] = []
        self._count = 0
        self._variables: dict[int, str] = {}
        self._others: set[int] = set()
        self._called: list[tuple[str, str, tuple[int, ...]]] = []

    def run(self, names: Sequence[str], inputs: Sequence[Any]) -> None:
        """Call the model. Raises whatever its layers raise, and `CannotImport`."""
        import keras

        for name, symbol in zip(names, inputs, strict=True):
            self._inputs[name] = {"v": self._number(symbol)}
        struct = getattr(self._model, "_inputs_struct", None)
        packed = keras.tree.pack_sequence_as(struct, list(inputs)) if struct is not None else None
        arguments = [packed] if struct is not None else list(inputs)
        with self._arrays_as_symbols():
            result = self._call(self._model, arguments, {})
            outputs = [one for one in keras.tree.flatten(result) if _is_symbol(one)]
            if not outputs:
                raise CannotImport("it gives no tensors")
            self._follow(outputs, self._body, "", 0)
        self._outputs = [self._numbers[id(one)] for one in outputs]

    def written(self) -> dict[str, Any]:
        """All of it."""
        return {
            "graph": "keras", "model": self._title, "values": self._values, "held": self._held, "inputs": self._inputs,
            "outputs": [{"v": one} for one in self._outputs], "body": self._body,
        }  # fmt: skip

    def output_shapes(self) -> list[list[int]]:
        """The shapes of what comes out."""
        return [self._values[one]["shape"] for one in self._outputs]

    def made(self) -> list[tuple[str, str, tuple[int, ...]]]:
        """Path, class and shape of what each call of a layer with parameters gives."""
        return self._called

    def loose(self) -> list[str]:
        """Paths of layers whose parameters the library has in tensors of other shapes."""
        return [path for number, path in self._paths.items() if number in self._others]

    def _call(self, layer: Any, arguments: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """What a layer does inside, on symbols."""
        try:
            accepted = inspect.signature(layer.call).parameters
        except (TypeError, ValueError):
            accepted = {}  # type: ignore[assignment]
        extra = {"training": True} if "training" in accepted and keywords.get("training") is None else {}
        return layer.call(*arguments, **{**{k: v for k, v in keywords.items() if k in accepted}, **extra})

    def _follow(self, outputs: Sequence[Any], body: list[Node], path: str, depth: int) -> None:
        """Write down what leads to some symbols, from those that are known."""
        done: set[int] = set()
        stack: list[tuple[Any, bool]] = [(one, False) for one in reversed(outputs)]
        while stack:
            symbol, ready = stack.pop()
            if id(symbol) in self._numbers:
                continue
            history = getattr(symbol, "_keras_history", None)
            if history is None or history.operation is None:
                raise CannotImport("a tensor comes from nowhere")
            operation = history.operation
            node = operation._inbound_nodes[history.node_index]
            if not node.input_tensors:
                self._number(symbol)  # another input than those that it was called with
                raise CannotImport(f"`{operation.name}` is an input of its own inside the model")
            if ready:
                if id(node) not in done:
                    done.add(id(node))
                    self._operation(operation, node, body, path, depth)
                continue
            stack.append((symbol, True))
            stack += [(one, False) for one in reversed(node.input_tensors) if id(one) not in self._numbers]
            if len(stack) > 50 * LARGEST:
                raise CannotImport(f"its graph has more than {LARGEST:,} operations")

    def _operation(self, operation: Any, node: Any, body: list[Node], path: str, depth: int) -> None:
        import keras

        self._count += 1
        if self._count > LARGEST:
            raise CannotImport(f"its graph has more than {LARGEST:,} operations")
        if depth > DEEPEST:
            raise CannotImport(f"its layers are nested more than {DEEPEST} deep")
        arguments, keywords = node.arguments.args, node.arguments.kwargs
        results = [one for one in keras.tree.flatten(node.outputs) if _is_symbol(one)]
        is_layer = isinstance(operation, keras.layers.Layer)
        if is_layer and _has_inside(operation):
            inner = self._inside(operation, arguments, keywords, results, path, depth)
            if inner is not None:
                body.append(inner)
                return
        for one in results:
            self._number(one)
        found: Node = {
            "op": type(operation).__name__,
            "layer": is_layer,
            "path": _joined(path, operation.name) if is_layer else path,
            "name": operation.name,
            "own": type(operation).__module__.partition(".")[0] == "keras",
            "set": settings_of(operation),
            "a": [self._encode(one) for one in arguments],
            "k": {str(key): self._encode(one) for key, one in keywords.items()},
            "o": [self._numbers[id(one)] for one in results],
            "shared": len(operation._inbound_nodes),
        }
        if is_layer and not found["own"]:
            found["variables"] = [
                {**self._variable(one), "trainable": bool(one.trainable)} for one in operation.variables
            ]
        if type(operation).__name__ in ("MultiHeadAttention", "EinsumDense"):
            self._others.add(id(operation))
        elif is_layer and operation._trainable_variables and results:
            shape = tuple(self._values[self._numbers[id(results[0])]]["shape"])
            self._called.append((self._paths.get(id(operation), ""), type(operation).__name__, shape))
        body.append(found)

    def _inside(
        self, layer: Any, arguments: Any, keywords: Any, results: Sequence[Any], path: str, depth: int
    ) -> Node | None:
        """A block of what a layer does; None where it cannot be called on symbols."""
        import keras

        try:
            inner = keras.tree.flatten(self._call(layer, arguments, keywords))
        except Exception:  # it is somebody's code: anything may happen
            return None
        given = [one for one in inner if _is_symbol(one)]
        if len(given) != len(results) or any(
            tuple(one.shape) != tuple(other.shape) for one, other in zip(given, results, strict=True)
        ):
            return None
        own = _joined(path, layer.name)
        body: list[Node] = []
        before = len(self._values)
        try:
            self._follow(given, body, own, depth + 1)
        except CannotImport:
            if before == 0:
                raise
            return None
        for one, other in zip(given, results, strict=True):
            self._kept.append(other)
            self._numbers[id(other)] = self._numbers[id(one)]
        return {"block": type(layer).__name__, "path": own, "name": layer.name, "body": body,
                "open": type(layer).__name__ in ("Functional", "Sequential")}  # fmt: skip

    def _number(self, symbol: Any) -> int:
        known = self._numbers.get(id(symbol))
        if known is not None:
            return known
        number = self._numbers[id(symbol)] = len(self._values)
        self._kept.append(symbol)
        if any(size is None for size in symbol.shape):
            raise CannotImport("the size of a tensor hangs on values")
        self._values.append({"shape": [int(size) for size in symbol.shape], "dtype": str(symbol.dtype)})
        return number

    def _encode(self, value: Any) -> Any:
        if _is_symbol(value):
            return {"v": self._numbers[id(value)]} if id(value) in self._numbers else {"x": "symbol"}
        if type(value).__name__ in ("Variable", "KerasVariable") or hasattr(value, "regularizer"):
            return self._variable(value)
        if isinstance(value, list | tuple):
            return [self._encode(one) for one in value]
        if isinstance(value, dict):
            return {"d": {str(key): self._encode(one) for key, one in value.items()}}
        if isinstance(value, slice):
            return {"s": [self._encode(one) for one in (value.start, value.stop, value.step)]}
        if value is Ellipsis:
            return {"e": 1}
        if hasattr(value, "shape") and hasattr(value, "dtype"):
            return {"c": [int(size) for size in value.shape], "t": _dtype(value)}
        return plain(value)

    def _variable(self, variable: Any) -> dict[str, Any]:
        """A variable that an operation uses directly."""
        number = self._numbers.get(id(variable))
        if number is None:
            number = self._numbers[id(variable)] = len(self._values)
            self._kept.append(variable)
            shape = [int(size) for size in variable.shape]
            self._values.append({"shape": shape, "dtype": str(variable.dtype)})
            name = str(getattr(variable, "path", variable.name)).replace("/", ".")
            while name in self._held:
                name += "_"
            role = "param" if variable.trainable else "buffer"
            self._held[name] = {"v": number, "role": role, "shape": shape, "dtype": str(variable.dtype)}
        return {"v": number}

    @contextmanager
    def _arrays_as_symbols(self) -> Iterator[None]:
        """Layers that are called on arrays alone, such as positions, get symbols in their place."""
        import keras

        original = keras.layers.Layer.__call__
        walk = self

        def called(layer: Any, *arguments: Any, **keywords: Any) -> Any:
            flat = keras.tree.flatten((arguments, keywords))
            if any(_is_symbol(one) for one in flat) or not any(_is_array(one) for one in flat):
                return original(layer, *arguments, **keywords)

            def symbol(one: Any) -> Any:
                if not _is_array(one):
                    return one
                made = keras.Input(batch_shape=tuple(one.shape), dtype=_dtype(one))
                walk._values_made(made)
                return made

            arguments, keywords = keras.tree.map_structure(symbol, (arguments, keywords))
            return original(layer, *arguments, **keywords)

        keras.layers.Layer.__call__ = called
        try:
            yield
        finally:
            keras.layers.Layer.__call__ = original

    def _values_made(self, symbol: Any) -> None:
        """A symbol that stands for an array: made inside, from nothing."""
        number = self._number(symbol)
        self._values[number]["made"] = True


def _has_inside(layer: Any) -> bool:
    import keras

    own = type(layer).__module__.partition(".")[0] == "keras"
    return isinstance(layer, keras.Model) or not own or ".applications." in type(layer).__module__


def _is_symbol(value: Any) -> bool:
    import keras

    return isinstance(value, keras.KerasTensor)


def _is_array(value: Any) -> bool:
    variable = hasattr(value, "regularizer") or hasattr(value, "assign")
    return not _is_symbol(value) and not variable and hasattr(value, "shape") and hasattr(value, "dtype")


def _dtype(value: Any) -> str:
    import keras

    return str(keras.backend.standardize_dtype(value.dtype))


def _joined(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
