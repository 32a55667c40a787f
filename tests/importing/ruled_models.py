"""Small models for one rule each: `torch:tests.importing.ruled_models:one_head`."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Attention(nn.Module):
    """Attention as many repositories spell it: the width seen as heads, and back."""

    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.kv, self.out = nn.Linear(d, d), nn.Linear(d, 2 * d), nn.Linear(d, d)

    def forward(self, x: Tensor) -> Tensor:
        """x[B, S, d]."""
        b, s, d = x.shape
        q = self.q(x).reshape(b, s, self.heads, d // self.heads).permute(0, 2, 1, 3)
        k, v = self.kv(x).reshape(b, s, 2, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.out(y.transpose(1, 2).reshape(b, s, d))


def one_head(d: int = 24) -> nn.Module:
    """An axis of size 1 comes and goes."""
    return nn.Sequential(Attention(d, 1), Attention(d, 2))


class Biased(nn.Module):
    """Scores with a bias for each distance, which a table has."""

    def __init__(self, heads: int, n: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(heads, 2 * n - 1))
        places = torch.arange(n)
        self.register_buffer("distance", (places[:, None] - places[None, :]) + n - 1)

    def forward(self, scores: Tensor) -> Tensor:
        """scores[B, heads, n, n]."""
        return (scores + self.bias[:, self.distance]).softmax(-1)


def biased(heads: int = 3, n: int = 5) -> nn.Module:
    """Places of an axis that is not the first."""
    return Biased(heads, n)


class Overwritten(nn.Module):
    """All of a tensor is written over, piece by piece and at once."""

    def __init__(self, d: int, start: int) -> None:
        super().__init__()
        self.first, self.last, self.start = nn.Linear(d, d), nn.Linear(d, d), start

    def forward(self, x: Tensor) -> Tensor:
        """x[B, S, d]."""
        y = self.first(x)
        y[:, self.start :, 0:] = torch.tanh(y[:, self.start :, 0:] * 2)
        return self.last(y)


def overwritten(d: int = 24) -> nn.Module:
    """From the first place on, and from the second."""
    return nn.Sequential(Overwritten(d, 0), Overwritten(d, 1))


class Functional(nn.Module):
    """Convolutions of modules, called as functions."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.deep = nn.Conv2d(c, c, 3, groups=c, bias=False)
        self.wide = nn.Conv2d(c, 2 * c, (3, 1))
        self.larger = nn.ConvTranspose2d(2 * c, c, 2, stride=2, groups=2)
        self.last = nn.Conv2d(c, 3, 2)

    def forward(self, x: Tensor) -> Tensor:
        """x[B, c, H, W]."""
        h = F.conv2d(F.pad(x, (0, 2, 0, 2)), self.deep.weight, None, 1, 0, 1, self.deep.groups)
        h = F.conv2d(h, self.wide.weight, self.wide.bias, padding="same", dilation=2)
        h = F.conv_transpose2d(h, self.larger.weight, self.larger.bias, stride=2, groups=2)
        return F.conv2d(h, self.last.weight, self.last.bias, padding="valid")


def functional(c: int = 8) -> nn.Module:
    """With and without bias, groups, padding by a word; the transposed one has other channels before and after."""
    return Functional(c)


class Cropped(nn.Module):
    """Less than no padding cuts off."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.pad, self.conv = nn.ZeroPad2d((-1, 1, -2, 0)), nn.Conv2d(3, c, 3)

    def forward(self, x: Tensor) -> Tensor:
        """x[B, 3, H, W]."""
        return F.pad(self.conv(self.pad(x)), (0, -1, -1, -1))


def cropped(c: int = 8) -> nn.Module:
    """As a module and as a function."""
    return Cropped(c)


class Meeting(nn.Module):
    """Two ways that round otherwise meet."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv, self.other = nn.Conv2d(3, c, 4, stride=4), nn.Conv2d(3, c, 4, stride=4, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """x[B, 3, H, W]."""
        return torch.relu(self.conv(x) + self.other(x))


def meeting(c: int = 8) -> nn.Module:
    """Equal at multiples of four, not for all."""
    return Meeting(c)
