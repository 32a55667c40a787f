"""A small decoder in plain PyTorch, and mistakes to make in its spec. Shares no code with archspec."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    def __init__(self, d: int, heads: int, kv_heads: int) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.width = heads, kv_heads, d // heads
        self.q_proj = nn.Linear(d, d)
        self.k_proj = nn.Linear(d, kv_heads * self.width)
        self.v_proj = nn.Linear(d, kv_heads * self.width)
        self.o_proj = nn.Linear(d, d)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q = self.q_proj(x).unflatten(-1, (self.heads, self.width)).transpose(1, 2)
        k = self.k_proj(x).unflatten(-1, (self.kv_heads, self.width)).transpose(1, 2)
        v = self.v_proj(x).unflatten(-1, (self.kv_heads, self.width)).transpose(1, 2)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=self.heads != self.kv_heads)
        return self.o_proj(y.transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, d: int, heads: int, kv_heads: int, hidden: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.attn = Attention(d, heads, kv_heads)
        self.up, self.act, self.down = nn.Linear(d, hidden), nn.GELU(), nn.Linear(hidden, d)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.down(self.act(self.up(self.norm2(x))))


class Decoder(nn.Module):
    def __init__(
        self, vocab: int = 50, d: int = 24, heads: int = 6, kv_heads: int = 2, hidden: int = 40, layers: int = 2
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocab, d)
        self.blocks = nn.ModuleList(Block(d, heads, kv_heads, hidden) for _ in range(layers))
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, vocab, bias=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def decoder(**arguments: Any) -> nn.Module:
    return Decoder(**arguments)


def decoder_with_inputs(**arguments: Any) -> tuple[nn.Module, dict[str, torch.Tensor]]:
    return Decoder(**arguments), {"tokens": torch.ones(3, 7, dtype=torch.int64)}


def no_model() -> int:
    return 3


def broken() -> nn.Module:
    raise RuntimeError("weights are missing")


SPEC = """
layer Attn(heads, kv_heads) {
  x[B, S, d] -> y[B, S, d]
  require d % heads == 0 and heads % kv_heads == 0
  q = x -> Linear(d) as q_proj -> Heads(heads)
  k = x -> Linear(d // heads * kv_heads) as k_proj -> Heads(kv_heads)
  v = x -> Linear(d // heads * kv_heads) as v_proj -> Heads(kv_heads)
  y = (q, k, v) -> Attention(causal = true) -> MergeHeads -> Linear(d) as o_proj
}

layer Block(heads, kv_heads, hidden) {
  x[B, S, d] -> y[B, S, d]
  h = x + (x -> LayerNorm as norm1 -> Attn(heads, kv_heads) as attn)
  y = h + (h -> LayerNorm as norm2 -> Linear(hidden) as up -> GELU -> Linear(d) as down)
}

model Decoder(vocab = 50, d = 24, heads = 6, kv_heads = 2, hidden = 40, layers = 2) {
  tokens[B, S]: int64 -> logits[B, S, vocab]
  x = tokens -> Embedding(vocab, d) as embed
  repeat layers as blocks {
    x = x -> Block(heads, kv_heads, hidden)
  }
  logits = x -> LayerNorm as norm -> Linear(vocab, bias = false) as head
}
"""
