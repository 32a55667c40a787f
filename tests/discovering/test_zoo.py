"""Formulas of the zoo are found again in the published models, term by term. `sweep` does so for all of them."""

from __future__ import annotations

from importlib.util import find_spec
from time import process_time

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
if find_spec("torchvision") is None:
    pytest.skip("torchvision is not installed", allow_module_level=True)

from tests.discovering.cases import CASES, FLOPS, SAVED

ACCEPTANCE = ("gpt2", "llama", "bert", "resnet", "densenet")
"""Those whose parameters and kept bytes are found in a minute of one core, all together."""
SECONDS = 60
PARAMETERS = [name for name, case in CASES.items() if "params" not in case.slow and name not in ACCEPTANCE]
QUICK = {
    SAVED: ("mlp", "linear", "roberta"),
    FLOPS: ("mlp", "linear", "conv_features"),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name):
    assert CASES[name].difference("params") == 0


@pytest.mark.parametrize(
    ("quantity", "name"), [(quantity, name) for quantity, names in QUICK.items() for name in names]
)
def test_what_is_run(quantity, name):
    assert CASES[name].difference(quantity) == 0


def test_kept_bytes_of_five_models_in_a_minute():
    begin = process_time()
    for name in ACCEPTANCE:
        for quantity in ("params", SAVED):
            assert CASES[name].difference(quantity) == 0, (name, quantity)
    assert process_time() - begin < SECONDS
