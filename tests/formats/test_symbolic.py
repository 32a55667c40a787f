"""Formulas over loops against the same models with every turn of their loops written out."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

import archspec
from archspec.algebra import evaluate
from archspec.formats import FORMATS, find, weights
from archspec.formats.deciding import holds
from archspec.formats.files import safetensors
from archspec.formats.names import tensors
from archspec.verify.derived import unrolled
from tests.formats.models import BF16, program

MODELS: dict[str, dict[str, int]] = {
    "llama3_8b": {},
    "gpt2_medium": {},
    "bert_base": {},
    "resnet18": {},
    "mixtral_8x7b": {"layers": 11},
    "gemma2_9b": {"layers": 18},
}


@pytest.mark.parametrize("name", MODELS)
def test_every_format(name: str) -> None:
    compare(name, FORMATS, **MODELS[name])


def test_widths_that_grow_from_turn_to_turn() -> None:
    compare("densenet121", ("nf4", "q4_k_m", "q8_0", "f16"))


def compare(name: str, formats: Iterable[str], **given: int) -> None:
    """The weights of a model in some formats, from both."""
    elaborated, values = program(name, BF16, **given)
    turn_by_turn = unrolled(archspec.load(name), BF16, given)
    for text in formats:
        symbolic = weights(elaborated, BF16, find(text), values)
        plain = weights(turn_by_turn, BF16, find(text))
        assert evaluate(symbolic.total(), values) == plain.total(), text
        assert evaluate(symbolic.data(), values) == plain.data(), text
        assert all(holds(one, values) for one in symbolic.assumptions), text


@pytest.mark.parametrize("name", ["llama2_7b", "gpt2", "mixtral_8x7b"])
@pytest.mark.parametrize("format", [text for text, one in FORMATS.items() if one.recipe is None])
def test_data_of_a_file_is_the_formula(name: str, format: str) -> None:
    elaborated, values = program(name, BF16, layers=5, d=256, heads=4, hidden=512, vocab=96)
    by_tensor = safetensors(elaborated, BF16, values, find(format)).data
    formula = evaluate(weights(elaborated, BF16, find(format), values).data(), values)
    if format in ("nf4", "nf4-double", "fp4"):
        # The text that bitsandbytes writes for a matrix is as long as its numbers: it is in no formula.
        matrices = [one for one in weights(elaborated, BF16, find(format), values).parts if one.type == format]
        texts = by_tensor - formula
        copies = sum(evaluate(one.copies, values) for one in matrices)
        assert 75 * copies < texts < 180 * copies
    else:
        assert by_tensor == formula


def test_names_are_different() -> None:
    for name in MODELS:
        elaborated, values = program(name, BF16)
        found = [one.name for one in tensors(elaborated, values)]
        assert len(found) == len(set(found)), name
