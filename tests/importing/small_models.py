"""Small models whose texts have something to say: `torch:tests.importing.small_models:dropping`."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Block(nn.Module):
    """A normalised map with a rate of its own."""

    def __init__(self, d: int, rate: float) -> None:
        super().__init__()
        self.norm, self.map, self.drop = nn.LayerNorm(d), nn.Linear(d, d), nn.Dropout(rate)

    def forward(self, x: Tensor) -> Tensor:
        """As long as `x`, with something added."""
        return x + self.drop(self.map(self.norm(x)))


class Blocks(nn.Module):
    """Blocks in a row. growing: each drops more than the one before."""

    def __init__(self, d: int, layers: int, growing: bool) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(d, 0.1 + 0.05 * i * growing) for i in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        """All blocks on a sequence."""
        for block in self.blocks:
            x = block(x)
        return x


def dropping(d: int = 24, layers: int = 3) -> nn.Module:
    """Rates that grow with the depth."""
    return Blocks(d, layers, growing=True)


def steady(d: int = 24, layers: int = 3) -> nn.Module:
    """The same rate everywhere."""
    return Blocks(d, layers, growing=False)


class Scaled(nn.Module):
    """Products divided by the root of their length."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.q, self.k = nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, x: Tensor) -> Tensor:
        """Scores."""
        return torch.softmax(self.q(x) @ self.k(x).transpose(1, 2) * x.shape[-1] ** -0.5, -1)


def scaled(d: int = 24) -> nn.Module:
    """A factor that follows from a width."""
    return Scaled(d)


class Picture(nn.Module):
    """A picture that can be of one size only, or one row and column less than that."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem, self.head = nn.Conv2d(3, 8, 4, stride=4, padding=1), nn.Linear(8 * 56 * 56, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of classes."""
        return self.head(self.stem(x).flatten(1))


def picture(classes: int = 7) -> nn.Module:
    """Of 224 by 224 pixels; 223 by 223 run too."""
    return Picture(classes)
