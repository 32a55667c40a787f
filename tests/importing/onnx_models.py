"""Models of PyTorch that people write, exported to ONNX; and files of ONNX imported here."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from archspec.importing.model import Imported, Source, import_with
from archspec.loading import load_text
from archspec.printing import format_text
from archspec.report.report import Report
from tests.importing.here import ask_here

DAY = date(2026, 1, 1)


def import_file(path: Path, *, partial: bool = False) -> Imported:
    """The spec of a file, as the command makes it, but without a process of its own."""
    return import_with(
        ask_here(faults=True), Source("onnx", f"onnx:{path.name}", path=str(path)), partial=partial, today=DAY
    )


def sizes(found: Imported, **values: int) -> Report:
    """The report on a text, which is exact and formatted."""
    assert found.exact, found.text
    assert format_text(found.text, "x.arch") == found.text
    return load_text(found.text).size(backend="cpu", **values)


def outputs(report: Report) -> list[list[int | None]]:
    """The shapes of a model's outputs."""
    return [[report.evaluate(size) for size in one.shape] for one in report.derivation.program.outputs.values()]


def export(
    model: nn.Module, inputs: tuple[torch.Tensor, ...], path: Path, *, axes: Mapping[int, str] | None = None,
    older: bool = False, **settings: Any,
) -> None:  # fmt: skip
    """Write a model as a file. axes: names of the axes of its one input that stay open."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        if older:
            named: dict[str, Any] = {"input_names": ["x"], "dynamic_axes": {"x": dict(axes or {})}}
            torch.onnx.export(model, inputs, str(path), dynamo=False, **named, **settings)
            return
        shapes = ({place: torch.export.Dim(name) for place, name in axes.items()},) if axes else None
        torch.onnx.export(model, inputs, str(path), dynamo=True, dynamic_shapes=shapes, verbose=False, **settings)


class CausalAttention(nn.Module):
    """Attention with a mask in a buffer, every step written out."""

    mask: torch.Tensor

    def __init__(self, d: int, heads: int, context: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.register_buffer("mask", torch.tril(torch.ones(context, context)))

    def forward(self, x: Any) -> Any:
        batch, length, d = x.shape
        q, k, v = (one.view(batch, length, self.heads, -1).transpose(1, 2) for one in self.qkv(x).split(d, dim=-1))
        scores = (q @ k.transpose(-2, -1)) * 0.25
        scores = scores.masked_fill(self.mask[:length, :length] == 0, float("-inf")).softmax(-1)
        return self.out((scores @ v).transpose(1, 2).reshape(batch, length, d))


class FusedAttention(nn.Module):
    """Attention in one function."""

    def __init__(self, d: int, heads: int, context: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = (nn.Linear(d, d) for _ in range(4))

    def forward(self, x: Any) -> Any:
        batch, length, d = x.shape
        q, k, v = (one(x).view(batch, length, self.heads, -1).transpose(1, 2) for one in (self.q, self.k, self.v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(batch, length, d))


class Block(nn.Module):
    def __init__(self, attention: type[nn.Module], d: int, heads: int, context: int) -> None:
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(d), attention(d, heads, context)
        self.norm2, self.up, self.down = nn.LayerNorm(d), nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x: Any) -> Any:
        x = x + self.attn(self.norm1(x))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Language(nn.Module):
    """A small model of texts."""

    def __init__(
        self, attention: type[nn.Module], *, tied: bool = False, d: int = 16, layers: int = 3, context: int = 64
    ) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(50, d), nn.Embedding(context, d)
        self.blocks = nn.ModuleList(Block(attention, d, 2, context) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, 50, bias=False)
        if tied:
            self.head.weight = self.tokens.weight

    def forward(self, x: Any) -> Any:
        x = self.tokens(x) + self.places(torch.arange(x.shape[1], device=x.device))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


class Encoder(nn.Module):
    """Layers of PyTorch's own, which are all equal when they are new."""

    def __init__(self, d: int = 16, shared: bool = False) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(d, 2, 32, batch_first=True, activation="gelu")
        self.tokens = nn.Embedding(40, d)
        self.layers = nn.ModuleList([layer] * 2) if shared else nn.TransformerEncoder(layer, 2).layers
        self.out = nn.Linear(d, 3)

    def forward(self, x: Any) -> Any:
        x = self.tokens(x)
        for layer in self.layers:
            x = layer(x)
        return self.out(x.mean(1))


class Attending(nn.Module):
    def __init__(self, d: int = 16) -> None:
        super().__init__()
        self.up, self.attn = nn.Linear(8, d), nn.MultiheadAttention(d, 2, batch_first=True)
        self.norm, self.out = nn.LayerNorm(d), nn.Linear(d, 5)

    def forward(self, x: Any) -> Any:
        x = self.up(x)
        return self.out(self.norm(x + self.attn(x, x, x, need_weights=False)[0]))


class Pictures(nn.Module):
    """Convolutions of most kinds, and norms of most kinds behind them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8))
        self.second = nn.Sequential(
            nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False), nn.BatchNorm2d(8, affine=False), nn.MaxPool2d(2)
        )
        self.third = nn.Sequential(nn.ConvTranspose2d(8, 4, 2, stride=2), nn.BatchNorm2d(4), nn.PReLU(4))
        self.fourth, self.last = nn.GroupNorm(2, 4), nn.Linear(4, 10)

    def forward(self, x: Any) -> Any:
        x = self.second(F.silu(self.first(x)))
        x = F.adaptive_avg_pool2d(F.relu(self.fourth(self.third(x))), 1)
        return self.last(x.flatten(1))


class Scaled(nn.Module):
    """Parameters of its own, of no layer, and a buffer that is added."""

    def __init__(self, d: int = 16) -> None:
        super().__init__()
        self.first, self.gamma = nn.Parameter(torch.zeros(1, 1, d)), nn.Parameter(torch.ones(d))
        self.one, self.scale = nn.Parameter(torch.ones(1)), nn.Parameter(torch.tensor(0.5))
        self.matrix = nn.Parameter(torch.randn(d, d))
        self.register_buffer("shift", torch.randn(d))

    def forward(self, x: Any) -> Any:
        x = torch.cat([self.first.expand(x.shape[0], -1, -1), x], 1)
        return (x + self.gamma * (x @ self.matrix) + self.shift) * self.one * self.scale


class Steps(nn.Module):
    """A recurrent net; of its states the last alone, or all."""

    def __init__(self, kind: Callable[..., nn.Module], *, last: bool = False, **settings: Any) -> None:
        super().__init__()
        self.tokens, self.net = nn.Embedding(30, 12), kind(12, 20, batch_first=True, **settings)
        self.last, self.out = last, nn.Linear(40 if settings.get("bidirectional") else 20, 5)

    def forward(self, x: Any) -> Any:
        y, state = self.net(self.tokens(x))
        state = state[0] if isinstance(state, tuple) else state
        return self.out(state[-1] if self.last else y)
