"""What a Keras model holds and gives, its kernels in torch's layout: outputs first, then channels, then positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from math import prod
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
}
_STEPS = {"kernel": "weight_ih", "recurrent_kernel": "weight_hh"}
RECURRENT = {"SimpleRNNCell": _STEPS, "GRUCell": _STEPS, "LSTMCell": _STEPS}
"""The names that torch has for the weights of one step."""


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
        model(*symbols)  # the first call builds it, and may run each layer several times
        with _recorded(keras.layers.Layer, calls):
            result = model(*symbols)
    record.outputs = [_shape(one.shape, batch) for one in _several(result)]
    paths: dict[int, str] = {}
    first: dict[int, str] = {}
    for path, layer in _walk(model, ""):
        if id(layer) in paths:
            continue
        paths[id(layer)] = path
        own = [*layer._trainable_variables, *layer._non_trainable_variables]
        for variable in own:
            held = _held(path, layer, variable)
            record.held.extend(replace(one, tied=first.get(id(variable))) for one in held)
            first.setdefault(id(variable), held[0].name)
        if own and functional:
            calls.append((layer, _output(layer)))
    attentions = _attentions(model)
    record.held = packed(record.held, [paths[id(one)] for one in attentions])
    paths |= {id(one.output_dense): _joined(paths[id(one)], "out_proj") for one in attentions if one.built}
    for layer, output in calls:
        if layer._trainable_variables and id(layer) in paths:
            shapes = tuple(_shape(one.shape, batch) for one in _several(output) if hasattr(one, "shape"))
            if shapes:
                record.made.append(Made(paths[id(layer)], type(layer).__name__, shapes))
    return record


def paths_of(model: Any) -> dict[int, str]:
    """The path of each layer of a model, as records have it, by the layer's `id`."""
    found: dict[int, str] = {}
    for path, layer in _walk(model, ""):
        found.setdefault(id(layer), path)
    return found


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


def _attentions(model: Any) -> list[Any]:
    import keras

    return [layer for _, layer in _walk(model, "") if isinstance(layer, keras.layers.MultiHeadAttention)]


def packed(held: list[Held], attentions: list[str]) -> list[Held]:
    """Parameters with those of `MultiHeadAttention` as torch packs them: queries, keys and values in one matrix.

    Keras has a kernel [d, heads, width] and a bias [heads, width] for each of the three, and one kernel
    [heads, width, d] for the output.
    """
    found = list(held)
    for path in attentions:
        own = {one.name.removeprefix(f"{path}."): one for one in found if one.name.startswith(f"{path}.")}
        for leaf in ("weight", "bias"):
            parts = [own.get(f"{name}.{leaf}") for name in ("query", "key", "value")]
            first = parts[0]
            if first is None or any(one is None or one.shape != first.shape for one in parts):
                continue
            rows = 3 * prod(first.shape[-2:])
            shape: Shape = (rows, first.shape[0]) if leaf == "weight" else (rows,)
            place = found.index(first)
            found[place] = replace(first, name=_joined(path, f"in_proj_{leaf}"), layer=path, shape=shape)
            found = [one for one in found if one not in parts]
        for leaf in ("weight", "bias"):
            output = own.get(f"attention_output.{leaf}")
            if output is not None:
                whole: Shape = (output.shape[-1], prod(output.shape[:-1])) if leaf == "weight" else output.shape
                layer = _joined(path, "out_proj")
                found[found.index(output)] = replace(output, name=f"{layer}.{leaf}", layer=layer, shape=whole)
    return found


def _several(result: Any) -> list[Any]:
    if isinstance(result, dict):
        return list(result.values())
    return list(result) if isinstance(result, list | tuple) else [result]


def _walk(layer: Any, path: str) -> Iterator[tuple[str, Any]]:
    """A layer and those inside, with the paths of their attributes; Keras's own are told apart by their names."""
    yield path, layer
    if type(layer).__module__.partition(".")[0] == "keras":
        for inner in layer._layers:
            # The cell of a recurrent layer has its weights; the spec has one layer for both.
            yield from _walk(inner, path if type(inner).__name__ in RECURRENT else _joined(path, inner.name))
        return
    inside = {id(inner): inner for inner in layer._layers}
    # With torch under Keras, layers are modules, which torch keeps apart from other attributes.
    for name, value in {**vars(layer), **vars(layer).get("_modules", {})}.items():
        entries = value if isinstance(value, list | tuple) else [value]
        for place, inner in enumerate(entries):
            if id(inner) in inside and not name.startswith("_"):
                yield from _walk(
                    inside.pop(id(inner)), _joined(path, _as_in_spec(name) + (f".{place}" if entries is value else ""))
                )
    for inner in inside.values():
        yield from _walk(inner, _joined(path, inner.name))


_MADE_LATER = frozenset(
    [
        *("optimizer", "name", "activity_regularizer", "pop", "autocast", "inputs", "outputs", "built", "compiled"),
        *("supports_jit", "state", "stateless", "input_shape", "output_shape"),
    ]
)
"""What Keras's layers have for themselves besides what their class has."""


def _as_in_spec(name: str) -> str:
    """The name that the spec has for a layer: `output_` stands for `output`, which Keras has for itself."""
    import keras

    plain = name.removesuffix("_")
    return plain if hasattr(keras.Model, plain) or plain in _MADE_LATER else name


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _output(layer: Any) -> Any:
    """The output of a layer of a functional model; nothing where the layer was called in code."""
    try:
        return layer.output
    except (AttributeError, ValueError):
        return []


def _held(path: str, layer: Any, variable: Any) -> list[Held]:
    """A variable; the bias of a GRU is two, as torch has it, in one tensor [2, 3·hidden]."""
    role = "buffer" if any(variable is one for one in layer._non_trainable_variables) else "param"
    kind, stored = type(layer).__name__, tuple(int(size) for size in variable.shape)
    leaves, shape = [LEAVES.get(variable.name, variable.name)], _layout(kind, variable.name, stored)
    if kind in RECURRENT:
        leaves = [RECURRENT[kind].get(variable.name, leaves[0])]
        if variable.name == "bias" and len(stored) == 2:
            leaves, shape = ["bias_ih", "bias_hh"], stored[1:]
    trainable, dtype = bool(variable.trainable), str(variable.dtype)
    return [Held(_joined(path, leaf), path, role, shape, 1, trainable, dtype=dtype) for leaf in leaves]


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
