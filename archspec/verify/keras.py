"""A spec against a Keras model: parameters, buffers, outputs, and outputs of layers with parameters.

Other numbers are not compared: TensorFlow keeps other tensors for the backward pass than torch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from typing import Any

from archspec.verify.align import parts
from archspec.verify.compare import compare
from archspec.verify.derived import Derived
from archspec.verify.errors import CannotVerify, need
from archspec.verify.outcome import Comparison
from archspec.verify.traced.records import Held, Record, Shape

PORTABLE = ("params", "buffers", "outputs", "layer outputs")
COUNTER = "num_batches_tracked"
"""A batch norm of torch counts its batches in a buffer; one of Keras does not."""


def require_keras() -> None:
    """Raise `CannotVerify` where Keras or the framework under it is missing."""
    import os

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow logs a dozen lines when it is imported
    try:
        import keras  # noqa: F401
    except ImportError:
        raise need("Keras", "keras tensorflow-cpu") from None


def compare_keras(
    derived: Derived, build: Callable[[], Any], name: str, quantities: Sequence[str], *, exported: bool = False
) -> Comparison:
    """Compare with the model that `build` makes. Raises `CannotVerify`."""
    require_keras()
    import keras

    from archspec.verify.traced.keras import measure

    batch = derived.inputs[0][2][0] if derived.inputs and derived.inputs[0][2] else 1
    inputs = [("float32" if dtype == "act" else dtype, _channels_last(shape)) for _, dtype, shape in derived.inputs]
    try:
        try:
            model = build()
        except ValueError as error:
            if exported and _refuses(error):  # a guard of the exported constructor
                return Comparison(derived.report.model.name, name, dict(derived.report.values), notes=[
                    f"nothing compared: {error}"
                ])  # fmt: skip
            raise
        if not isinstance(model, keras.Model | keras.layers.Layer):
            raise CannotVerify(f"the callable returned a {type(model).__name__}, not a keras.Model")
        record = measure(model, inputs, batch)
    except CannotVerify:
        raise
    except Exception as error:  # it is the user's code: anything may happen
        raise CannotVerify(f"the model cannot be built: {type(error).__name__}: {str(error)[:1000]}") from error
    counters = [one for one in derived.record.held if one.role == "buffer" and one.leaf == COUNTER]
    if counters:
        gone = sum(prod((one.copies, *one.shape)) for one in counters)
        held = [one for one in derived.record.held if one not in counters]
        totals = {**derived.totals, "buffers": derived.totals["buffers"] - gone}
        derived = replace(derived, record=replace(derived.record, held=held), totals=totals)
        record.notes.append(f"Keras has no `{COUNTER}`: {gone} elements of buffers are left out")
    stored = as_stored(derived.record.held, record)
    if stored:
        record.notes.append(f"{stored} kernels are stored as the spec has them, inputs first: not as torch does")
    return compare(derived, record, name, exported=exported, only=[one for one in quantities if one in PORTABLE])


def _refuses(error: ValueError) -> bool:
    """Whether exported source raised an error itself: Keras has no equal at the numbers or flags that were drawn."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_code.co_filename.endswith("exported to keras>")


def as_stored(ours: list[Held], record: Record) -> int:
    """Turn kernels back to how Keras stores them where the spec has the weight of the same name that way: the `Conv1D`
    of GPT-2. How many there are.
    """
    shapes: dict[tuple[str, ...], set[Shape]] = defaultdict(set)
    for one in ours:
        shapes[parts(one.name)].add(one.shape)
    turned = 0
    for place, one in enumerate(record.held):
        wanted = shapes[parts(one.name)]
        if len(one.shape) == 2 and one.shape not in wanted and one.shape[::-1] in wanted:
            record.held[place] = replace(one, shape=one.shape[::-1])
            turned += 1
    return turned


def _channels_last(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[0], *shape[2:], shape[1]) if len(shape) > 3 else shape
