"""The quick counter of FLOPs counts what torch's own does, operation by operation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from archspec.verify.traced.flops import GROUPED, Counter, QuickCounter  # noqa: E402


class Attention(nn.Module):
    """The fused function of torch, and the same spelled out."""

    def forward(self, x):
        """x[B, heads, S, d]."""
        fused = nn.functional.scaled_dot_product_attention(x, x, x)
        return fused + torch.einsum("bhst,bhtd->bhsd", (x @ x.transpose(-1, -2)).softmax(-1), x)


class Branches(nn.Module):
    """A branch that hangs on a value: torch counts the costlier one, after its parts."""

    def forward(self, x):
        """x[B, d]."""
        return torch.cond(x.sum() > 0, lambda x: x @ x.T @ x, lambda x: x + 1, (x,))


MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "convolutions": (
        lambda: nn.Sequential(
            nn.Conv2d(4, 8, 3, groups=4), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.ConvTranspose2d(8, 6, 2),
            nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, 3),
        ),
        (2, 4, 9, 9),
    ),
    "attention": (Attention, (2, 3, 5, 8)),
    "multi-head attention": (lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (2, 5, 8)),
    "bilinear": (lambda: nn.Upsample(scale_factor=2, mode="bilinear"), (1, 2, 4, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_both_count_the_same(name: str, device: str) -> None:
    make, shape = MODELS[name]
    counters = []
    for kind in (Counter, QuickCounter):
        model = make().to(device).train()
        x = torch.ones(shape, device=device, requires_grad=True)
        counter = kind(lambda: "here")
        with counter:
            y = model(x)
            counter.go_back()
            y.backward(torch.ones_like(y))
        counter.check()
        counters.append(counter)
    plain, quick = counters
    assert plain.forward == quick.forward
    assert plain.backward == quick.backward
    assert plain.corrected == quick.corrected == ({GROUPED} if name == "convolutions" else set())
    assert plain.get_total_flops() == quick.get_total_flops()
    assert (quick.get_total_flops() > 0) == (name != "bilinear")


def test_a_branch_is_left_to_torch() -> None:
    x = torch.ones(3, 4)
    totals = []
    for kind in (Counter, QuickCounter):
        counter = kind(lambda: "here")
        with torch.no_grad(), counter:
            Branches()(x)
        totals.append(counter.get_total_flops())
    assert totals == [2 * (2 * 3 * 4 * 3)] * 2
