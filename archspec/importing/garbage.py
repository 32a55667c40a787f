"""Garbage collected less often while a model is imported.

A trace is some hundred thousand small objects that stay. Python goes through all of them again and again in search of
cycles, which took up to half of the time of an import, and finds little.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OFTEN = (100_000, 20, 50)
"""New objects until the young are gone through, and how often the young and the old then are; Python's own: 700, 10,
10."""


@contextmanager
def seldom() -> Iterator[None]:
    """Collect less often inside."""
    before = gc.get_threshold()
    gc.set_threshold(*OFTEN)
    try:
        yield
    finally:
        gc.set_threshold(*before)
