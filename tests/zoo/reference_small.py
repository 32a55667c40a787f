"""The small models of introductory texts, a U-Net and an LSTM language model, written in plain PyTorch.

Shares no code with archspec. The recurrent net keeps an opaque workspace on cpu: its kept bytes are not comparable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import nn

Build = Callable[[], nn.Module]


def build_linear(features: int = 1, targets: int = 1) -> Build:
    """Linear regression."""
    return lambda: nn.Linear(features, targets)


def build_mlp(inputs: int = 784, widths: Sequence[int] = (128,), outputs: int = 10) -> Build:
    """Affine maps with a ReLU after each but the last."""

    def build() -> nn.Module:
        layers: list[nn.Module] = []
        for before, after in zip((inputs, *widths), widths, strict=False):
            layers += [nn.Linear(before, after), nn.ReLU()]
        return nn.Sequential(*layers, nn.Linear((inputs, *widths)[-1], outputs))

    return build


def build_convnet(
    channels: Sequence[int] = (16,),
    hidden: Sequence[int] = (120,),
    classes: int = 10,
    inputs: int = 3,
    image: int = 32,
    padding: int = 1,
) -> Build:
    """3×3 convolutions with ReLU and pooling, then affine layers."""

    def build() -> nn.Module:
        layers = _stages(inputs, channels, padding)
        side = image
        for _ in channels:
            side = (side + 2 * padding - 2) // 2
        layers.append(nn.Flatten())
        widths = (channels[-1] * side * side, *hidden)
        for before, after in zip(widths, hidden, strict=False):
            layers += [nn.Linear(before, after), nn.ReLU()]
        return nn.Sequential(*layers, nn.Linear(widths[-1], classes))

    return build


def build_features(channels: Sequence[int] = (16, 32), inputs: int = 3, image: int = 256) -> Build:
    """The convolutions alone, which do not ask how large the `image` is."""
    return lambda: nn.Sequential(*_stages(inputs, channels, 1))


def _stages(inputs: int, channels: Sequence[int], padding: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in zip((inputs, *channels), channels, strict=False):
        layers += [nn.Conv2d(before, after, 3, padding=padding), nn.ReLU(), nn.MaxPool2d(2)]
    return layers


class DoubleConv(nn.Sequential):
    """Two 3×3 convolutions, each with a batch norm and ReLU."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__(
            nn.Conv2d(before, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
            nn.Conv2d(after, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
        )


class UNet(nn.Module):
    """U-Net with padded convolutions and transposed convolutions on the way up."""

    def __init__(self, widths: Sequence[int], channels: int, classes: int) -> None:
        super().__init__()
        self.down = nn.ModuleList(DoubleConv(a, b) for a, b in zip((channels, *widths), widths, strict=False))
        pairs = list(pairwise(widths))
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in pairs)
        self.join = nn.ModuleList(DoubleConv(2 * a, a) for a, _ in pairs)
        self.head = nn.Conv2d(widths[0], classes, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """A class for every pixel."""
        seen = []
        for level, conv in enumerate(self.down):
            x = conv(x if level == 0 else nn.functional.max_pool2d(x, 2))
            seen.append(x)
        for level in reversed(range(len(self.up))):
            x = self.join[level](torch.cat([seen[level], self.up[level](x)], dim=1))
        out: torch.Tensor = self.head(x)
        return out


def build_unet(widths: Sequence[int] = (64, 128, 256, 512, 1024), channels: int = 3, classes: int = 2) -> Build:
    """U-Net."""
    return lambda: UNet(widths, channels, classes)


class LSTMLanguageModel(nn.Module):
    """Word vectors, LSTM layers with dropout, an affine map on the vocabulary."""

    def __init__(self, vocab: int, d: int, layers: int, dropout: float, tied: bool) -> None:
        super().__init__()
        self.encoder = nn.Embedding(vocab, d)
        self.drop = nn.Dropout(dropout)
        self.rnn = nn.LSTM(d, d, layers, batch_first=True, dropout=dropout)
        self.decoder = nn.Linear(d, vocab)
        if tied:
            self.decoder.weight = self.encoder.weight

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Scores of the next word at each position."""
        y, _ = self.rnn(self.drop(self.encoder(tokens)))
        out: torch.Tensor = self.decoder(self.drop(y))
        return out


def build_lstm(vocab: int = 10_000, d: int = 650, layers: int = 2, dropout: float = 0.5, tied: bool = False) -> Build:
    """An LSTM language model."""
    return lambda: LSTMLanguageModel(vocab, d, layers, dropout, tied)


def rows(batch: int, features: int, device: str = "cpu") -> dict[str, torch.Tensor]:
    """A batch of feature vectors."""
    return {"x": torch.zeros(batch, features, device=device)}


def pictures(batch: int, channels: int, height: int, width: int, device: str = "cpu") -> dict[str, torch.Tensor]:
    """A batch of pictures."""
    return {"x": torch.zeros(batch, channels, height, width, device=device)}


def words(batch: int, length: int, device: str = "cpu") -> dict[str, torch.Tensor]:
    """A batch of token numbers."""
    return {"x": torch.zeros(batch, length, dtype=torch.int64, device=device)}


def forward(model: nn.Module, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """One call."""
    output: torch.Tensor = model(inputs["x"])
    return output
