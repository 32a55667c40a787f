"""What is measured: models of the zoo under their own and under drawn settings, each with the framework's own model.

A case says how archspec is asked (`model`, `settings`, `axes`, `attention`) and how the reference is built. The
drawn settings come from fixed seeds, so that a rerun measures the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

Inputs = dict[str, torch.Tensor]
Settings = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One model at one size.

    build: makes the reference; count: makes the one whose FLOPs are counted on `meta`, where it is another.
    inputs: makes the inputs on a device; run: calls the reference.
    saved: how kept bytes are measured: `real` cpu tensors, `fake` ones (large models), or `no`.
    cached: measures the bytes kept for the next token under a policy of `caches`.
    """

    model: str
    settings: Settings
    axes: dict[str, int]
    source: str
    build: Callable[[], nn.Module]
    inputs: Callable[[str], Inputs]
    run: Callable[[nn.Module, Inputs], torch.Tensor]
    attention: str = "sdpa"
    saved: str = "fake"
    count: Callable[[], nn.Module] | None = None
    cached: Callable[[nn.Module, Inputs, str], int] | None = None
    caches: tuple[str, ...] = ()

    @property
    def drawn(self) -> bool:
        """Whether it is small enough to run with weights, so that other precisions can be measured too."""
        return bool(self.settings) and self.saved != "no"


def all_cases() -> Iterator[Case]:
    """Every case."""
    from cases_caches import published_caches, small_caches
    from cases_rows import single
    from cases_small import small
    from cases_text import published_text, small_text
    from cases_vision import drawn_vision, published_vision

    yield from small()
    yield from published_vision()
    yield from drawn_vision()
    yield from small_text()
    yield from published_text()
    yield from small_caches()
    yield from published_caches()
    yield from single()
