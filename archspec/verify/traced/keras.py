"""What a Keras model holds and gives, its kernels in torch's layout: outputs first, then channels, then positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from archspec.verify.traced.records import Held, Made, Record, Shape

LEAVES = {
    "kernel": "weight",
    "gamma": "weight",
    "scale": "weight",
    "embeddings": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
    "recurrent_kernel": "weight_hh",
}


def measure(model: Any, inputs: Sequence[tuple[str, Shape]], batch: int) -> Record:
    """The record of a model. A functional one has its outputs; any other is called on symbols of `inputs`.

    inputs: dtypes and shapes. batch: stands for axes that the model leaves open.
    """
    import keras

    record = Record(order_of_axes=False, made=[])
    assert record.made is not None
    functional = bool(getattr(model, "outputs", None))
    calls: list[tuple[Any, Any]] = []
    result: Any = model.outputs if functional else None
    if not functional:
        symbols = [keras.Input(batch_shape=shape, dtype=dtype) for dtype, shape in inputs]
        fed = symbols[0] if len(symbols) == 1 else symbols
        model(fed)  # the first call builds it, and may run each layer several times
        with _recorded(keras.layers.Layer, calls):
            result = model(fed)
    record.outputs = [_shape(one.shape, batch) for one in _several(result)]
    paths: dict[int, str] = {}
    for path, layer in _walk(model, ""):
        if id(layer) in paths:
            continue
        paths[id(layer)] = path
        own = [*layer._trainable_variables, *layer._non_trainable_variables]
        record.held.extend(_held(path, layer, variable) for variable in own)
        if own and functional:
            calls.append((layer, _output(layer)))
    for layer, output in calls:
        if layer._trainable_variables and id(layer) in paths:
            shapes = tuple(_shape(one.shape, batch) for one in _several(output) if hasattr(one, "shape"))
            if shapes:
                record.made.append(Made(paths[id(layer)], type(layer).__name__, shapes))
    return record


@contextmanager
def _recorded(base: Any, calls: list[tuple[Any, Any]]) -> Iterator[None]:
    """Notes each layer that is called, with what it gives."""
    original = base.__call__

    def called(layer: Any, *arguments: Any, **keywords: Any) -> Any:
        result = original(layer, *arguments, **keywords)
        calls.append((layer, result))
        return result

    base.__call__ = called
    try:
        yield
    finally:
        base.__call__ = original


def _several(result: Any) -> list[Any]:
    if isinstance(result, dict):
        return list(result.values())
    return list(result) if isinstance(result, list | tuple) else [result]


def _walk(layer: Any, path: str) -> Iterator[tuple[str, Any]]:
    """A layer and those inside, with the paths of their attributes; Keras's own are told apart by their names."""
    yield path, layer
    if type(layer).__module__.partition(".")[0] == "keras":
        for inner in layer._layers:
            yield from _walk(inner, _joined(path, inner.name))
        return
    inside = {id(inner): inner for inner in layer._layers}
    for name, value in vars(layer).items():
        entries = value if isinstance(value, list | tuple) else [value]
        for place, inner in enumerate(entries):
            if id(inner) in inside and not name.startswith("_"):
                yield from _walk(
                    inside.pop(id(inner)), _joined(path, name if entries is not value else f"{name}.{place}")
                )
    for inner in inside.values():
        yield from _walk(inner, _joined(path, inner.name))


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _output(layer: Any) -> Any:
    """The output of a layer of a functional model; nothing where the layer was called in code."""
    try:
        return layer.output
    except (AttributeError, ValueError):
        return []


def _held(path: str, layer: Any, variable: Any) -> Held:
    role = "buffer" if any(variable is one for one in layer._non_trainable_variables) else "param"
    leaf = LEAVES.get(variable.name, variable.name)
    shape = _layout(type(layer).__name__, variable.name, tuple(int(size) for size in variable.shape))
    return Held(_joined(path, leaf), path, role, shape, 1, bool(variable.trainable), dtype=str(variable.dtype))


def _layout(kind: str, name: str, shape: Shape) -> Shape:
    """The shape that torch gives to the same weight."""
    if name not in ("kernel", "recurrent_kernel") or len(shape) < 2:
        return shape
    if kind.startswith("DepthwiseConv"):
        return shape[-2] * shape[-1], 1, *shape[:-2]
    if kind.endswith("Transpose") or kind.startswith("Conv"):
        return shape[-1], shape[-2], *shape[:-2]
    return shape[::-1] if len(shape) == 2 else shape


def _shape(shape: Sequence[int | None], batch: int) -> Shape:
    return tuple(batch if size is None else int(size) for size in shape)
