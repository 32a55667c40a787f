"""Mixtures of experts as people write them, and some whose route cannot be told from what a trace shows."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Expert(nn.Module):
    """A gated perceptron."""

    def __init__(self, d: int, hidden: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(d, hidden, bias=False)
        self.up_proj = nn.Linear(d, hidden, bias=False)
        self.down_proj = nn.Linear(hidden, d, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Row by row."""
        done: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return done


class Mixture(nn.Module):
    """A mixture in one piece, and a perceptron after it. With values each expert gets its own rows, without all go to
    the first. order: how places are put in order. expert: what makes an expert, by its number. scaled: rows are weighed
    before the experts.
    """

    def __init__(
        self, d: int, hidden: int, experts: int, active: int, expert: Callable[[int], nn.Module],
        order: Callable[[Tensor], Tensor] = lambda chosen: chosen.flatten().argsort(stable=True), *,
        scaled: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.active = active
        self.gate = nn.Linear(d, experts, bias=False)
        self.experts = nn.ModuleList(expert(number) for number in range(experts))
        self.order, self.scaled = order, scaled
        self.head = nn.Linear(d, hidden)

    def forward(self, x: Tensor) -> Tensor:
        """x[B, S, d] -> y[B, S, hidden]"""
        weights, chosen = self.gate(x).softmax(-1).topk(self.active, -1)
        places = self.order(chosen)
        owners = places // self.active
        flat = x.flatten(0, 1)
        rows, shares = flat.index_select(0, owners), weights.flatten().index_select(0, places)[:, None]
        rows = self._run(rows * shares, chosen) if self.scaled else self._run(rows, chosen) * shares
        y = torch.zeros_like(flat).index_add_(0, owners, rows)
        done: Tensor = self.head(y.unflatten(0, x.shape[:2]))
        return done

    def _run(self, rows: Tensor, chosen: Tensor) -> Tensor:
        if type(chosen) is not Tensor or chosen.is_meta:
            first: Tensor = self.experts[0](rows)
            return first
        counts = chosen.flatten().bincount(minlength=len(self.experts)).tolist()
        return torch.cat([run(part) for run, part in zip(self.experts, rows.split(counts), strict=True)])


def gated(d: int = 12, hidden: int = 20, experts: int = 5, active: int = 2) -> nn.Module:
    """Experts of several layers."""
    return Mixture(d, hidden, experts, active, lambda _: Expert(d, hidden))


def linear(d: int = 12, hidden: int = 20, experts: int = 5, active: int = 2) -> nn.Module:
    """Experts that are one layer of PyTorch."""
    return Mixture(d, hidden, experts, active, lambda _: nn.Linear(d, d))


def uneven(d: int = 12, hidden: int = 20, experts: int = 5, active: int = 2) -> nn.Module:
    """Experts of several widths: what the first does is not what they do together."""
    return Mixture(d, hidden, experts, active, lambda number: Expert(d, hidden + number))


def shared(d: int = 12, hidden: int = 20, experts: int = 5, active: int = 2) -> nn.Module:
    """Experts that are all the same module."""
    one = Expert(d, hidden)
    return Mixture(d, hidden, experts, active, lambda _: one)


def scaled(d: int = 12, hidden: int = 20, experts: int = 5, active: int = 2) -> nn.Module:
    """Rows that are weighed before they go to their experts."""
    return Mixture(d, hidden, experts, active, lambda _: Expert(d, hidden), scaled=True)


def _backwards(chosen: Tensor) -> Tensor:
    return chosen.flatten().argsort(descending=True)


def backwards(d: int = 12, hidden: int = 20, experts: int = 5, active: int = 2) -> nn.Module:
    """Rows in the order of the experts, the last one first: the first expert's are not the first rows."""
    return Mixture(d, hidden, experts, active, lambda _: Expert(d, hidden), _backwards)


def _best_tokens(chosen: Tensor) -> Tensor:
    return chosen.flatten().float().topk(chosen.numel() // 2)[1]


def unsorted(d: int = 12, hidden: int = 20, experts: int = 5, active: int = 2) -> nn.Module:
    """Half of the rows, and nobody knows of whom."""
    return Mixture(d, hidden, experts, active, lambda _: Expert(d, hidden), _best_tokens)
