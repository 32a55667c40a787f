"""The devices that a model may be meant for, and their memory. The data is `specs/devices.json`, which says what each
number means and where it is from.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache

from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.errors.suggest import did_you_mean
from archspec.resources import folder


@dataclass(frozen=True)
class Device:
    """An accelerator, with its memory in bytes.

    sold: as it is sold; total: as the driver reports it; usable: what a program can have at most, None where that was
    not published.
    """

    name: str
    maker: str
    sold: int
    total: int
    usable: int | None
    note: str
    sources: tuple[str, ...]

    @property
    def memory(self) -> int:
        """The bytes that a model must fit in: the usable ones, where they are known, else all that the driver has."""
        return self.total if self.usable is None else self.usable


@cache
def devices() -> dict[str, Device]:
    """All known devices by name."""
    with open(os.path.join(folder("specs"), "devices.json"), encoding="utf-8") as file:
        entries = json.load(file)["devices"]
    return {
        one["name"]: Device(
            one["name"],
            one["maker"],
            one["sold"],
            one["total"],
            one.get("usable"),
            one.get("note", ""),
            tuple(one["sources"]),
        )
        for one in entries
    }


def find_device(name: str) -> Device:
    """The device of a name. Raises `SpecError` with the nearest name."""
    known = devices()
    if name not in known:
        diagnostics = Diagnostics()
        fix = did_you_mean(name, known)
        diagnostics.error("unknown-value", None, fix=fix, name="device", value=name, choices=", ".join(known))
        raise SpecError(list(diagnostics))
    return known[name]
