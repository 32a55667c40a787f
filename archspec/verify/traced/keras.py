"""What a Keras model holds and gives, its kernels in torch's layout: outputs first, then channels, then positions."""

from __future__ import annotations

from collections.abc import Sequence
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
    """The record of a model. It is called on symbols of these dtypes and shapes, if it has not been built.

    batch: stands for axes that the model leaves open.
    """
    import keras

    record = Record(order_of_axes=False)
    result: Any = None
    if not model.built or not getattr(model, "outputs", None):
        symbols = [keras.Input(batch_shape=shape, dtype=dtype) for dtype, shape in inputs]
        result = model(symbols[0] if len(symbols) == 1 else symbols)
    else:
        result = model.outputs
    outputs = result if isinstance(result, list | tuple) else [result]
    record.outputs = [_shape(one.shape, batch) for one in outputs]
    record.made = []
    for layer in model._flatten_layers(include_self=True):
        own = [*layer._trainable_variables, *layer._non_trainable_variables]
        for variable in own:
            record.held.append(_held(layer, variable))
        if own:
            shapes = _outputs(layer, batch)
            if shapes:
                record.made.append(Made(_path(layer), type(layer).__name__, shapes))
    return record


def _path(layer: Any) -> str:
    return str(layer.path if hasattr(layer, "path") else layer.name).replace("/", ".")


def _held(layer: Any, variable: Any) -> Held:
    role = "buffer" if any(variable is one for one in layer._non_trainable_variables) else "param"
    leaf = LEAVES.get(variable.name, variable.name)
    shape = _layout(type(layer).__name__, variable.name, tuple(int(size) for size in variable.shape))
    path = _path(layer)
    return Held(f"{path}.{leaf}", path, role, shape, 1, bool(variable.trainable), dtype=str(variable.dtype))


def _layout(kind: str, name: str, shape: Shape) -> Shape:
    """The shape that torch gives to the same weight."""
    if name not in ("kernel", "recurrent_kernel") or len(shape) < 2:
        return shape
    if kind.startswith("DepthwiseConv"):
        return shape[-2] * shape[-1], 1, *shape[:-2]
    if kind.endswith("Transpose") or kind.startswith("Conv"):
        return shape[-1], shape[-2], *shape[:-2]
    return shape[::-1] if len(shape) == 2 else shape


def _outputs(layer: Any, batch: int) -> tuple[Shape, ...]:
    """The outputs of a layer of a functional model; none where the layer was called in code."""
    try:
        result = layer.output
    except (AttributeError, ValueError):
        return ()
    return tuple(_shape(one.shape, batch) for one in (result if isinstance(result, list | tuple) else [result]))


def _shape(shape: Sequence[int | None], batch: int) -> Shape:
    return tuple(batch if size is None else int(size) for size in shape)
