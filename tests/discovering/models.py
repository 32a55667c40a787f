"""Models of torch whose formulas are known: what `archspec discover` is pointed at."""

from __future__ import annotations

import sys
import time

import torch
from torch import nn


def perceptron(d: int, layers: int, classes: int = 10, bias: bool = True) -> nn.Module:
    """`layers` square layers and a head."""
    return nn.Sequential(*(nn.Linear(d, d, bias) for _ in range(layers)), nn.Linear(d, classes, bias))


def bottleneck(d: int) -> nn.Module:
    """A layer of an eighth of the width, rounded down."""
    return nn.Sequential(nn.Linear(d, d // 8), nn.Linear(d // 8, d))


def noisy(d: int) -> tuple[nn.Module, torch.Tensor]:
    """It prints, and brings its own input."""
    print('{"value": 1}')
    sys.stdout.flush()
    return nn.Linear(d, 3), torch.rand(2, d)


def slow(d: int) -> nn.Module:
    """It takes too long."""
    time.sleep(30)
    return nn.Linear(d, d)


def dies(d: int) -> nn.Module:
    """It ends the process."""
    print("out of luck", file=sys.stderr, flush=True)
    sys.exit(d)


def wrong(d: int) -> nn.Module:
    """It refuses a size."""
    if d > 2:
        raise ValueError("too wide")
    return nn.Linear(d, d)
