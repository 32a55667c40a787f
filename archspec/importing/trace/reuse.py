"""A model that was made once, run at several sizes of its inputs: making it takes a third of the time of a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import nn

Values = Mapping[str, Any]


class Reused:
    """Makes models, and keeps the first as long as no run leaves anything in it, such as a mask for the next one.

    axes: the values that the model itself does not hang on. Without any, nothing is kept: whoever makes the model may
    give its inputs with it.
    """

    def __init__(self, make: Callable[[Values], nn.Module], axes: Collection[str]) -> None:
        self._make = make
        self._axes = frozenset(axes)
        self._of: dict[str, Any] | None = None
        self._first: nn.Module | None = None

    @contextmanager
    def model(self, values: Values) -> Iterator[nn.Module]:
        """A model as if it were new, to be run inside."""
        numbers = {name: one for name, one in values.items() if name not in self._axes}
        model = self._first if self._first is not None and numbers == self._of else None
        if model is None:
            model = self._make(values)
            if self._of is None and self._axes:
                self._of, self._first = numbers, model
        if model is not self._first:
            yield model
            return
        before = _state(model)
        self._first = None  # if the run fails, nobody knows what it left
        yield model
        for parameter in model.parameters():
            parameter.grad = None
        self._first = model if _same(before, _state(model)) else None


def _state(model: nn.Module) -> list[object]:
    """What hangs on the modules of a model, by identity, and what is in what holds something. Held here, or something
    new might have the address of something old.
    """
    found: list[object] = []
    for module in model.modules():
        for name, one in vars(module).items():
            found += (name, one)
            if isinstance(one, dict | list | set):
                found += one.values() if isinstance(one, dict) else one
    return found


def _same(before: list[object], after: list[object]) -> bool:
    return len(before) == len(after) and all(
        one is other or (isinstance(one, int) and one == other) for one, other in zip(before, after, strict=True)
    )
