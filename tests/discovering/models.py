"""Models of torch whose formulas are known, and code that does what it should not: what `archspec discover` meets."""

from __future__ import annotations

import os
import random
import sys
import time
from itertools import pairwise

import torch
from torch import nn


def perceptron(d: int, layers: int, classes: int = 10, bias: bool = True) -> nn.Module:
    """`layers` square layers and a head."""
    return nn.Sequential(*(nn.Linear(d, d, bias) for _ in range(layers)), nn.Linear(d, classes, bias))


def widths(widths: list[int], stages: tuple[tuple[int, bool], ...] = ()) -> nn.Module:
    """A layer from each width to the next, and square layers of no bias."""
    pairs = pairwise(widths)
    return nn.Sequential(*(nn.Linear(a, b) for a, b in pairs), *(nn.Linear(n, n, bias) for n, bias in stages))


def bottleneck(d: int) -> nn.Module:
    """A layer of an eighth of the width, rounded down."""
    return nn.Sequential(nn.Linear(d, d // 8), nn.Linear(d // 8, d))


def table(n: int, d: int) -> nn.Module:
    """As many rows as n halves and thirds, rounded up and down."""
    return nn.Embedding(-(-n // 2) + n // 3, d)


def strided(c: int = 2) -> nn.Module:
    """Convolutions that halve, one rounding up and one rounding down."""
    return nn.Sequential(nn.Conv2d(3, c, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(c, c, 2, stride=2))


def normed(d: int) -> nn.Module:
    """It takes no batch of one row."""
    return nn.Sequential(nn.Linear(d, d), nn.BatchNorm1d(d))


def limited(d: int) -> nn.Module:
    """A table that ends."""
    return nn.Sequential(nn.Embedding(20, d), nn.Linear(d, d))


def noisy(d: int) -> tuple[nn.Module, torch.Tensor]:
    """It prints, reads, and brings its own input."""
    print('{"value": 1}')
    sys.stdout.flush()
    os.write(1, b'{"value": 2}\n')
    sys.stdin.read()
    return nn.Linear(d, 3), torch.rand(2, d)


def slow(d: int) -> nn.Module:
    """It never ends."""
    while True:
        time.sleep(1)


def leaves(d: int) -> nn.Module:
    """It ends the process, as a program does."""
    sys.exit(d)


def dies(d: int) -> nn.Module:
    """It ends the process, as a fault does."""
    print("out of luck", file=sys.stderr, flush=True)
    os._exit(d + 6)


def wrong(d: int) -> nn.Module:
    """It refuses sizes."""
    if d > 2:
        raise ValueError("too\nwide")
    return nn.Linear(d, d)


def never(d: int) -> nn.Module:
    """It refuses all sizes."""
    raise KeyError(d)


def chance(d: int) -> nn.Module:
    """It is never the same."""
    return nn.Linear(d, random.randrange(10**6))


def roots(d: int) -> nn.Module:
    """No polynomial."""
    return nn.Linear(d, int(d**1.5))


def nothing(d: int) -> None:
    """No model."""


def long(d: int) -> nn.Module:
    """A part in 32, times the whole."""
    return nn.Linear(d, d // 32 + 1)


NUMBER = 3
