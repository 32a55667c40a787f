"""The tensor data of a GGUF file: the blocks of each tensor, from one multiple of 32 bytes to the next.

Not counted is what stands before: the list of tensors, and the metadata, most of which is the vocabulary of the
tokenizer that no spec knows of (about 700 KiB for Llama 2). Source: docs/gguf.md of ggml.
"""

from __future__ import annotations

from collections.abc import Mapping

from archspec.elaborate.program import Program
from archspec.formats.catalogue import Format
from archspec.formats.weights import Weights, weights
from archspec.policy import Policy


def gguf(program: Program, policy: Policy, chosen: Format, values: Mapping[str, int] | None = None) -> Weights:
    """The weights as a recipe has them: `data()` of the result is the formula of the file's tensor data.

    Raises `ValueError` for a format that is no recipe of GGUF.
    """
    if chosen.recipe is None:
        raise ValueError(f"{chosen.name} is not a file type of GGUF")
    return weights(program, policy, chosen, values)
