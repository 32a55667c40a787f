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

Values = dict[str, int]
Question = dict[str, Any]
Ask = Callable[[Question], dict[str, Any]]
Expect = Callable[[Iterable[Question]], None]
"""Is told what will be asked, so that answers may be there by then."""


@dataclass
class Look:
    """The model at one configuration. trace: what was written down, but for the calls."""

    values: Values
    trace: dict[str, Any]
    root: Block
    lifter: Lifter


class Viewer:
    """Looks at a model; what it has seen, it looks at no second time. light: whether it may run on `meta`, as long as
    nobody has shown that this is not the same.
    """

    def __init__(self, ask: Ask, expect: Expect, *, light: bool) -> None:
        self._ask = ask
        self._expect = expect
        self._light = light
        self._keepers: object = None
        self._seen: dict[frozenset[tuple[str, int]], Look | str] = {}

    def look(self, values: Values) -> Look:
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

    def is_shown(self, values: Values) -> bool:
        """Whether what was seen is what the model does. If not, all is to be looked at again, in another way."""
        if not self._light:
            return True
        try:
            found = self._ask(self._question("show", values))
        except Refused:
            found = {"same": False, "keepers": None}
        self._light, self._keepers = found["same"], found["keepers"]
        if not self._light:
            self._seen.clear()
        return self._light

    def measure(self, values: Values) -> dict[str, Any]:
        """What the model holds, computes and keeps at one configuration. Raises `Refused`."""
        found = self._ask(self._question("measure", values))
        if self._light and [one[:3] for one in found["kept"]] != self._keepers:
            # On `meta` something else is kept than on the CPU, or something else than at the base.
            found |= self._ask(self._question("kept", values))
        return found

    def expect(
        self, traced: Iterable[Values] = (), measured: Iterable[Values] = (), *, shown: Iterable[Values] = ()
    ) -> None:
        """Configurations that will be looked at, shown or measured, most likely and in this order."""
        unseen = [one for one in traced if frozenset(one.items()) not in self._seen]
        questions = [self._question("trace", one) for one in unseen]
        questions += [self._question("show", one) for one in shown if self._light]
        self._expect(questions + [self._question("measure", one) for one in measured])

    def _question(self, what: str, values: Values) -> Question:
        return {"do": what, "values": values, "light": self._light}

    def _looked(self, values: Values) -> Look:
        trace = self._ask(self._question("trace", values))
        root, lifter = lifted(trace)
        rest = {name: one for name, one in trace.items() if name not in ("body", "values")}
        return Look(values, rest, folded(root, lifter), lifter)
