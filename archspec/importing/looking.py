"""A model looked at at one configuration: traced, lifted to calls of the library, folded into loops and layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from archspec.importing.fold.program import folded
from archspec.importing.graphs.lifting import lifted
from archspec.importing.lift.lifter import Lifter
from archspec.importing.process import Refused
from archspec.importing.program import Block

Question = dict[str, Any]
Ask = Callable[[Question], dict[str, Any]]
Expect = Callable[[Iterable[Question]], None]
"""Is told what will be asked, so that answers may be there by then."""


@dataclass
class Look:
    """The model at one configuration. trace: what was written down, but for the calls."""

    values: dict[str, int]
    trace: dict[str, Any]
    root: Block
    lifter: Lifter


class Viewer:
    """Looks at a model; what it has seen, it looks at no second time."""

    def __init__(self, ask: Ask, expect: Expect = lambda _: None) -> None:
        self._ask = ask
        self._expect = expect
        self._seen: dict[frozenset[tuple[str, int]], Look | str] = {}

    def look(self, values: dict[str, int]) -> Look:
        """The model at one configuration. Raises `Refused`."""
        key = frozenset(values.items())
        if key not in self._seen:
            try:
                self._seen[key] = self._looked(values)
            except Refused as error:
                self._seen[key] = str(error)
        found = self._seen[key]
        if isinstance(found, str):
            raise Refused(found)
        return found

    def expect(self, traced: Iterable[dict[str, int]] = (), measured: Iterable[dict[str, int]] = ()) -> None:
        """Configurations that will be looked at or measured, most likely and in this order."""
        unseen = [one for one in traced if frozenset(one.items()) not in self._seen]
        self._expect([_trace(one) for one in unseen] + [_measure(one) for one in measured])

    def measure(self, values: dict[str, int]) -> dict[str, Any]:
        """What the model holds, computes and keeps at one configuration. Raises `Refused`."""
        return self._ask(_measure(values))

    def _looked(self, values: dict[str, int]) -> Look:
        trace = self._ask(_trace(values))
        root, lifter = lifted(trace)
        rest = {name: one for name, one in trace.items() if name not in ("body", "values")}
        return Look(values, rest, folded(root, lifter), lifter)


def _trace(values: dict[str, int]) -> Question:
    return {"do": "trace", "values": values}


def _measure(values: dict[str, int]) -> Question:
    return {"do": "measure", "values": values}
