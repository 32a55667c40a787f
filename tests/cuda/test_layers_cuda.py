"""Each layer of the library against PyTorch on a real card: kept bytes in float32, bfloat16 and under autocast."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
if not torch.cuda.is_available():
    pytest.skip("NO CUDA DEVICE: the CUDA rules are derived, not confirmed, on this machine", allow_module_level=True)

from layer_cases import Case, draw_cases  # noqa: E402
from on_device import derived, excused, kept, run  # noqa: E402

CASES = draw_cases(range(3))


@pytest.mark.parametrize("train", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("precision", ["fp32", "bf16", "mixed-bf16"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_kept_bytes(case: Case, precision: str, train: bool) -> None:
    measured = run(case, precision, train, device="cuda")
    reason = excused(case, [len(shape) for shape in measured.shapes], precision, train, "cuda")
    if reason:
        pytest.skip(reason)
    found = derived(case, measured, precision, train, backend="cuda")["activations.saved"]
    assert found == kept(measured), measured.kept
