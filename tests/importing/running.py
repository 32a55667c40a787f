"""Models that notice in which process they run, and what runs before left in them."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn

NOTES = "ARCHSPEC_TEST_PROCESSES"
"""The environment variable that names a file: each model that is made writes its process there."""
_FIRST = os.getpid()


class Net(nn.Module):
    """A layer or two."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        _note()
        self.hidden = nn.Linear(inputs, width)
        self.output = nn.Linear(width, 3)

    def forward(self, x):
        """x[B, inputs]."""
        return self.output(torch.relu(self.hidden(x)))


class Remembers(Net):
    """Computes less when it has run before."""

    ran = False

    def forward(self, x):
        """x[B, inputs]."""
        if self.ran:
            return self.output(self.hidden(x))
        self.ran = True
        return super().forward(x)


class Collects(Net):
    """Keeps all sizes that it has seen, and computes more for each."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__(inputs, width)
        self.seen: list[int] = []

    def forward(self, x):
        """x[B, inputs]."""
        self.seen.append(x.shape[0])
        for _ in self.seen[1:]:
            x = torch.relu(x)
        return super().forward(x)


class Looks(Net):
    """Computes less on `meta`."""

    def forward(self, x):
        """x[B, inputs]."""
        return self.output(self.hidden(x)) if x.device.type == "meta" else super().forward(x)


class Refuses(Net):
    """Does not run on `meta`."""

    def forward(self, x):
        """x[B, inputs]."""
        if x.device.type == "meta":
            raise RuntimeError("no values here")
        return super().forward(x)


def _note() -> None:
    if NOTES in os.environ:
        with Path(os.environ[NOTES]).open("a", encoding="utf-8") as notes:
            notes.write(f"{os.getpid()}\n")


def plain(inputs: int = 8, width: int = 6) -> Any:
    """Runs anywhere."""
    return Net(inputs, width), torch.ones(2, inputs)


def remembers(inputs: int = 8, width: int = 6) -> nn.Module:
    """Leaves a mark in itself."""
    return Remembers(inputs, width)


def collects(inputs: int = 8, width: int = 6) -> nn.Module:
    """Leaves something in a list that it has."""
    return Collects(inputs, width)


def looks(inputs: int = 8, width: int = 6) -> nn.Module:
    """Is another program on `meta`."""
    return Looks(inputs, width)


def refuses(inputs: int = 8, width: int = 6) -> nn.Module:
    """Is none there."""
    return Refuses(inputs, width)


def dies_in_copies(inputs: int = 8, width: int = 6) -> Any:
    """Ends any process that is not the one in which this module was loaded."""
    if os.getpid() != _FIRST:
        _note()
        os._exit(3)
    return plain(inputs, width)


def dies(inputs: int = 8, width: int = 6) -> Any:
    """Ends its process where the width is not as it was at first."""
    if width != 6:
        os._exit(3)
    return plain(inputs, width)


def sleeps_in_copies(inputs: int = 8, width: int = 6) -> Any:
    """Takes for ever in a copy."""
    if os.getpid() != _FIRST:
        time.sleep(1000)
    return plain(inputs, width)


def with_thread(inputs: int = 8, width: int = 6) -> Any:
    """Has begun a thread."""
    if threading.active_count() == 1:
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    return plain(inputs, width)
