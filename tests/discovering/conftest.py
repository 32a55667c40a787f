"""The command line, run in this process, and one core for each model."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.cli.conftest import archspec  # noqa: F401  # a fixture


@pytest.fixture(autouse=True)
def one_core():
    """Small models are slower with several."""
    if find_spec("torch") is None:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
