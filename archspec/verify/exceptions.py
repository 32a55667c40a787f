"""What layers of a spec declare `unverified`: left out of the comparison on both sides, and listed.

`unverified activations.saved` and `unverified flops.forward` leave out the whole layer; `unverified
activations.saved.opaque` only the model's storages of plain bytes in it: the rest of the layer is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from archspec.elaborate.program import OPAQUE, Program, Unverified
from archspec.verify.outcome import LeftOut
from archspec.verify.places import Places
from archspec.verify.traced.records import Cost, Kept

Declared = dict[str, list[Unverified]]
"""What is declared, by quantity; kept bytes by precision too: `activations.saved[bf16]`."""

PLAIN_BYTES = "uint8"
"""The dtype of opaque storages: only the kernel that wrote one knows what it is. The language has no such precision."""

Item = TypeVar("Item", Kept, Cost)


def declared(program: Program, quantity: str) -> list[Unverified]:
    """What the calls of a model declare about a quantity."""
    name = quantity.partition("[")[0]
    return [one for one in program.unverified if one.quantity == name or one.quantity == f"{name}.{OPAQUE}"]


def refusable(found: Sequence[Unverified]) -> bool:
    """Whether a framework may be unable to run at all: a whole layer is left out."""
    return any(not _only_opaque(one) for one in found)


def not_measured(quantity: str, found: Sequence[Unverified], unit: str) -> list[LeftOut]:
    """A quantity that could not be measured, because of the layers that are left out as a whole."""
    return [_left_out(quantity, one, None, unit) for one in found if not _only_opaque(one)]


def compared(
    quantity: str, ours: list[Item], theirs: list[Item], places: Places, found: Sequence[Unverified], unit: str
) -> tuple[list[Item], list[Item], list[LeftOut]]:
    """Both sides without what is left out, and what that is of the model."""
    if not found:
        return ours, theirs, []
    sizes = dict.fromkeys(range(len(found)), 0)
    kept_theirs: list[Item] = []
    for one in theirs:
        opaque = isinstance(one, Kept) and one.dtype == PLAIN_BYTES
        which = _covering(places, places.of_module(one.layer), found, opaque=opaque)
        if which is None:
            kept_theirs.append(one)
        else:
            sizes[which] += one.bytes if isinstance(one, Kept) else one.flops
    whole = [one for one in found if not _only_opaque(one)]
    kept_ours = [one for one in ours if _covering(places, one.layer, whole, opaque=False) is None]
    left = [_left_out(quantity, found[which], size, unit) for which, size in sizes.items() if size]
    return kept_ours, kept_theirs, left


def _covering(places: Places, place: str, found: Sequence[Unverified], *, opaque: bool) -> int | None:
    """Which declaration is about a part of the spec: that of the layer that it is, or is inside of."""
    for index, one in enumerate(found):
        inside = not one.path or place == one.path or place.startswith(f"{one.path}.")
        if (inside or place == places.of_layer(one.path)) and (opaque or not _only_opaque(one)):
            return index
    return None


def _only_opaque(one: Unverified) -> bool:
    return one.quantity.endswith(f".{OPAQUE}")


def _left_out(quantity: str, one: Unverified, amount: int | None, unit: str) -> LeftOut:
    return LeftOut(quantity, one.path, one.layer, one.reason, str(one.place), amount, unit)
