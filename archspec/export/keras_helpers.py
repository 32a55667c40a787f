"""Functions that an exported Keras file may need besides its layers."""

from __future__ import annotations

BANK = '''def NAME(experts: Sequence[Any], rows: Any, chosen: Any = None) -> Any:
    """Each expert on its share of the rows, which come in the order of the experts.

    Keras traces a model before it sees data, so that the number of rows of an expert cannot hang on `chosen`: every
    expert takes as many, and what is too much for one goes to the next. Costs are those of the spec.
    """
    flat = keras.ops.reshape(rows, (-1, rows.shape[-1]))
    total = keras.ops.shape(flat)[0]
    cuts = [total * place // len(experts) for place in range(len(experts) + 1)]
    done = [expert(flat[start:stop]) for expert, start, stop in zip(experts, cuts, cuts[1:], strict=False)]
    return keras.ops.reshape(keras.ops.concatenate(done), (*keras.ops.shape(rows)[:-1], done[0].shape[-1]))'''
"""Runs a bank of experts."""


def late(text: str) -> str:
    """How a size is read that includes the batch: it has none yet when Keras traces `fit`, only a number that comes."""
    ident, _, index = text.partition(".shape[")
    return f"keras.ops.shape({ident})[{index}" if index.startswith(("0]", ":")) else text
