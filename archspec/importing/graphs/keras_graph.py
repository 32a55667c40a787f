"""The graph of a Keras model as plain data: operations in order, nested models and layers of others as blocks.

A layer that is not Keras's own is looked into: its `call` on symbols is a graph of Keras's layers and operations.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from archspec.importing.errors import CannotImport
from archspec.importing.graphs.keras_settings import settings_of
from archspec.importing.graphs.keras_symbols import Symbols, arrays_as_symbols, is_symbol

LARGEST = 20_000
"""Operations of a graph."""
DEEPEST = 30
"""Layers inside layers."""
Node = dict[str, Any]


class _TooLarge(CannotImport):
    """A limit was reached, wherever it was."""


class Walk:
    """Calls a model on symbols, and follows what comes out back to them."""

    def __init__(self, model: Any, title: str, turned: Sequence[str]) -> None:
        from archspec.verify.traced.keras import paths_of

        self._model = model
        self._title = title
        self._turned = list(turned)
        self._paths = paths_of(model)
        self._symbols = Symbols()
        self._inputs: dict[str, Any] = {}
        self._outputs: list[int] = []
        self._body: list[Node] = []
        self._count = 0
        self._others: set[int] = set()
        self._called: list[tuple[str, str, tuple[int, ...]]] = []

    def run(self, names: Sequence[str], inputs: Sequence[Any]) -> None:
        """Call the model. Raises whatever its layers raise, and `CannotImport`."""
        import keras

        for name, symbol in zip(names, inputs, strict=True):
            self._inputs[name] = {"v": self._symbols.number(symbol)}
        struct = getattr(self._model, "_inputs_struct", None)
        packed = keras.tree.pack_sequence_as(struct, list(inputs)) if struct is not None else None
        arguments = [packed] if struct is not None else list(inputs)
        with arrays_as_symbols(self._symbols):
            result = self._call(self._model, arguments, {})
            outputs = [one for one in keras.tree.flatten(result) if is_symbol(one)]
            if not outputs:
                raise CannotImport("it gives no tensors")
            self._follow(outputs, self._body, "", 0)
        self._outputs = [self._symbols.numbers[id(one)] for one in outputs]

    def written(self) -> dict[str, Any]:
        """All of it."""
        return {
            "graph": "keras", "model": self._title, "values": self._symbols.values, "held": self._symbols.held,
            "inputs": self._inputs, "outputs": [{"v": one} for one in self._outputs],
            "body": self._body, "turned": self._turned,
        }  # fmt: skip

    def output_shapes(self) -> list[list[int]]:
        """The shapes of what comes out."""
        return [self._symbols.values[one]["shape"] for one in self._outputs]

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
            if id(symbol) in self._symbols.numbers:
                continue
            history = getattr(symbol, "_keras_history", None)
            if history is None or history.operation is None:
                raise CannotImport("a tensor comes from nowhere")
            operation = history.operation
            node = operation._inbound_nodes[history.node_index]
            if not node.input_tensors:
                self._symbols.number(symbol)  # another input than those that it was called with
                raise CannotImport(f"`{operation.name}` is an input of its own inside the model")
            if ready:
                if id(node) not in done:
                    done.add(id(node))
                    self._operation(operation, node, body, path, depth)
                continue
            stack.append((symbol, True))
            stack += [(one, False) for one in reversed(node.input_tensors) if id(one) not in self._symbols.numbers]
            if len(stack) > 50 * LARGEST:
                raise _TooLarge(f"its graph has more than {LARGEST:,} operations")

    def _operation(self, operation: Any, node: Any, body: list[Node], path: str, depth: int) -> None:
        import keras

        self._count += 1
        if self._count > LARGEST:
            raise _TooLarge(f"its graph has more than {LARGEST:,} operations")
        if depth > DEEPEST:
            raise _TooLarge(f"its layers are nested more than {DEEPEST} deep")
        arguments, keywords = node.arguments.args, node.arguments.kwargs
        results = [one for one in keras.tree.flatten(node.outputs) if is_symbol(one)]
        is_layer = isinstance(operation, keras.layers.Layer)
        if is_layer and _has_inside(operation):
            inner = self._inside(operation, arguments, keywords, results, path, depth)
            if inner is not None:
                body.append(inner)
                return
        for one in results:
            self._symbols.number(one)
        found: Node = {
            "op": type(operation).__name__,
            "layer": is_layer,
            "path": self._place(operation, path) if is_layer else path,
            "name": operation.name,
            "own": type(operation).__module__.partition(".")[0] == "keras",
            "set": settings_of(operation),
            "a": [self._symbols.encode(one) for one in arguments],
            "k": {str(key): self._symbols.encode(one) for key, one in keywords.items()},
            "o": [self._symbols.numbers[id(one)] for one in results],
            "shared": len(operation._inbound_nodes),
        }
        if is_layer and not found["own"]:
            found["variables"] = [
                {**self._symbols.variable(one), "trainable": bool(one.trainable)} for one in operation.variables
            ]
        if type(operation).__name__ in ("MultiHeadAttention", "EinsumDense"):
            self._others.add(id(operation))
        elif is_layer and operation._trainable_variables and results:
            shape = tuple(self._symbols.values[self._symbols.numbers[id(results[0])]]["shape"])
            self._called.append((self._paths.get(id(operation), ""), type(operation).__name__, shape))
        body.append(found)

    def _place(self, layer: Any, path: str) -> str:
        """The path of a layer: by the attributes that hold it, where there are any."""
        return self._paths.get(id(layer)) or (f"{path}/{layer.name}" if path else str(layer.name))

    def _inside(
        self, layer: Any, arguments: Any, keywords: Any, results: Sequence[Any], path: str, depth: int
    ) -> Node | None:
        """A block of what a layer does; None where it cannot be called on symbols."""
        import keras

        try:
            inner = keras.tree.flatten(self._call(layer, arguments, keywords))
        except Exception:  # it is somebody's code: anything may happen
            return None
        given = [one for one in inner if is_symbol(one)]
        if len(given) != len(results) or any(
            tuple(one.shape) != tuple(other.shape) for one, other in zip(given, results, strict=True)
        ):
            return None
        own = self._place(layer, path)
        body: list[Node] = []
        try:
            self._follow(given, body, own, depth + 1)
        except _TooLarge:
            raise
        except CannotImport:
            return None
        for one, other in zip(given, results, strict=True):
            self._symbols.same(other, one)
        return {"block": type(layer).__name__, "path": own, "name": layer.name, "body": body,
                "open": type(layer).__name__ in ("Functional", "Sequential")}  # fmt: skip


def _has_inside(layer: Any) -> bool:
    import keras

    own = type(layer).__module__.partition(".")[0] == "keras"
    return isinstance(layer, keras.Model) or not own or ".applications." in type(layer).__module__
