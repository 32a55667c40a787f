"""Functions that an exported Keras file may need besides its layers."""

from __future__ import annotations

BANK = '''def NAME(experts: Sequence[Any], rows: Any, chosen: Any = None) -> Any:
    """Each expert on its share of the rows, which come in the order of the experts.

    Keras traces a model before it sees data, so that the number of rows of an expert cannot hang on `chosen`: every
    expert takes as many, and what is too much for one goes to the next. Costs are those of the spec.
    """
    flat = keras.ops.reshape(rows, (-1, rows.shape[-1]))
    parts = keras.ops.array_split(flat, len(experts))
    done = [expert(part) for expert, part in zip(experts, parts, strict=True)]
    return keras.ops.reshape(keras.ops.concatenate(done), (*rows.shape[:-1], done[0].shape[-1]))'''
"""Runs a bank of experts."""
