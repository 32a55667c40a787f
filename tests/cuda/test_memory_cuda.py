"""Forward pass and training step on a card: allocated bytes, within 3 % of what is derived."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
if not torch.cuda.is_available():
    pytest.skip("NO CUDA DEVICE: memory on a card is derived, not confirmed, on this machine", allow_module_level=True)

from tests.cuda.memory import CASES, Card, Case, complaints, derived, measured  # noqa: E402


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.model)
def test_allocated_bytes(case: Case, precision: str) -> None:
    torch.cuda.empty_cache()
    found = measured(case, precision, "cuda", Card())
    assert not complaints(case, found, derived(case, precision, "cuda"))
