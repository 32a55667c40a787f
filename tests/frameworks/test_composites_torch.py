"""Layers of the library that no PyTorch module stands for, against the same written out in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from layer_derive import Input, derive  # noqa: E402
from measure import measure  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

PRECISIONS = ["fp32", "bf16", "mixed-bf16"]


def new_gelu(x: Any) -> Any:
    return 0.5 * x * (1.0 + torch.tanh(0.7978845608028654 * (x + 0.044715 * torch.pow(x, 3.0))))


def quick_gelu(x: Any) -> Any:
    return x * torch.sigmoid(1.702 * x)


def rope(x: Any, cos: Any, sin: Any) -> Any:
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), dim=-1) * sin


class LlamaRMSNorm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Any) -> Any:
        wide = x.to(torch.float32)
        normal = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + 1e-6)
        return self.weight * normal.to(x.dtype)


class SwiGLU(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, hidden, bias=False)
        self.up = nn.Linear(width, hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Any) -> Any:
        return self.down(F.silu(self.gate(x)) * self.up(x))


class MLP(nn.Module):
    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Any) -> Any:
        return self.drop(self.second(self.drop(F.gelu(self.first(x)))))


class MoE(nn.Module):
    """Expert by expert, as Hugging Face's plain kernel goes."""

    def __init__(self, width: int, experts: int, active: int, hidden: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, experts, bias=False)
        self.experts = nn.ModuleList(SwiGLU(width, hidden) for _ in range(experts))
        self.active = active

    def forward(self, x: Any) -> Any:
        rows = x.reshape(-1, x.shape[-1])
        weights, chosen = F.softmax(self.gate(rows), -1).topk(self.active)
        result = torch.zeros_like(rows)
        for number, expert in enumerate(self.experts):
            slot, token = torch.where((chosen == number).t())
            if len(token) > 0:
                given = expert(rows[token]) * weights[token, slot, None]
                result = result.index_add(0, token, given.to(rows.dtype))
        return result.view(x.shape)


def eager(dropout: float, upcast: bool) -> Callable[..., Any]:
    def attend(q: Any, k: Any, v: Any) -> Any:
        groups = q.shape[1] // k.shape[1]
        if groups > 1:
            k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
        scores = torch.matmul(q, k.transpose(2, 3)) * 0.5
        table = F.softmax(scores, -1, dtype=torch.float32 if upcast else None).to(q.dtype)
        return torch.matmul(F.dropout(table, dropout), v)

    return attend


def fused(dropout: float) -> Callable[..., Any]:
    return lambda q, k, v: F.scaled_dot_product_attention(q, k, v, dropout_p=dropout)


ROWS = [(2, 5, 16)]
HEADS = [(2, 4, 5, 8), (2, 2, 7, 8), (2, 2, 7, 8)]
CASES: list[tuple[str, dict[str, Any], list[tuple[int, ...]], Callable[[], Any]]] = [
    ("NewGELU", {}, ROWS, lambda: new_gelu),
    ("QuickGELU", {}, ROWS, lambda: quick_gelu),
    ("RoPE", {}, [(2, 3, 5, 8), (1, 1, 5, 8), (1, 1, 5, 8)], lambda: rope),
    ("LlamaRMSNorm", {}, ROWS, lambda: LlamaRMSNorm(16)),
    ("SwiGLU", {"hidden": 12}, ROWS, lambda: SwiGLU(16, 12)),
    ("MLPBlock", {"hidden": 12, "dropout": 0.1}, ROWS, lambda: MLP(16, 12, 0.1)),
    ("MoE", {"experts": 4, "active": 2, "hidden": 12}, ROWS, lambda: MoE(16, 4, 2, 12)),
    ("MoE", {"experts": 3, "active": 3, "hidden": 12}, ROWS, lambda: MoE(16, 3, 3, 12)),
    ("EagerAttention", {}, HEADS, lambda: eager(0.0, False)),
    ("EagerAttention", {"dropout": 0.1}, HEADS, lambda: eager(0.1, False)),
    ("EagerAttention", {"dropout": 0.1, "upcast": True}, HEADS, lambda: eager(0.1, True)),
    ("Attention", {"dropout": 0.1}, [(2, 4, 5, 8)] * 3, lambda: fused(0.1)),
    ("Attention", {}, [(2, 4, 5, 8), (2, 4, 7, 8), (2, 4, 7, 8)], lambda: fused(0.0)),
]


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(("layer", "arguments", "shapes", "make"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES])
def test_kept_bytes(
    layer: str, arguments: dict[str, Any], shapes: list[tuple[int, ...]], make: Callable[[], Any], precision: str
) -> None:
    if precision == "mixed-bf16" and arguments.get("experts") != arguments.get("active"):
        pytest.skip("how many experts' weights are cast depends on the tokens")
    measured = measure(make(), [torch.rand(shape) for shape in shapes], precision=precision, inputs_grad=True)
    found = derive(layer, arguments, [Input(shape) for shape in shapes], [len(shapes[0])], precision=precision)
    assert found["shapes"] == list(measured.shapes)
    assert found["activations.saved"] == measured.saved
    assert found["params"] == measured.params
