"""Which of the initialisers that the operators of one line take is which of the tensors that the line names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from archspec.importing.graphs.onnx_signature import Known

RECURRENT = frozenset({"LSTM", "GRU", "RNN"})
_LEAVES = {1: "weight_ih", 2: "weight_hh", 3: "bias_ih"}
"""What a recurrent operator takes at its places."""
Pairs = list[tuple["Slot", Known]]


@dataclass(frozen=True)
class Slot:
    """An initialiser at a place of an operator's inputs."""

    node: Any
    place: int
    name: str
    dims: tuple[int, ...]
    floating: bool


def paired(
    slots: Sequence[Slot], wanted: Sequence[Known], dims: Mapping[str, tuple[int, ...]]
) -> tuple[Pairs, list[Slot], list[Known]]:
    """Initialisers with the tensors that they are, those that are none of these, and the tensors without one.

    First by name. What is left goes in order, for a line names its weight before its bias, as operators do; where there
    are more initialisers than tensors, those of one element are constants of the exporter before others are. dims: the
    sizes of tensors whose own initialiser is known.
    """
    left = list({one.target: one for one in wanted}.values())
    exact: Pairs = []
    rest: list[Slot] = []
    loose: list[Slot] = []
    for slot in slots:
        known = next((one for one in left if one.target == slot.name), None)
        if known is not None:
            exact.append((slot, known))
            left.remove(known)
        else:
            (rest if slot.floating else loose).append(slot)
    for slot in sorted(rest, key=lambda one: (prod(one.dims) > 1, len(one.dims)))[: max(0, len(rest) - len(left))]:
        rest.remove(slot)
        loose.append(slot)
    pairs = list(exact)
    for slot in rest:
        fit = next((one for one in left if _fits(slot.dims, dims.get(one.target))), None)
        if fit is None:
            loose.append(slot)
            continue
        left.remove(fit)
        pairs.append((slot, fit))
    return pairs, loose, left


def recurrent(slots: Sequence[Slot], wanted: Sequence[Known]) -> tuple[Pairs, list[Slot], list[Known]] | None:
    """The same for recurrent operators, whose initialisers hold all gates, both biases, and both directions at once:
    each is called as the first of what it holds. None for other operators.
    """
    if not any(slot.node.op_type in RECURRENT for slot in slots):
        return None
    left = list(wanted)
    pairs: Pairs = []
    loose: list[Slot] = []
    for slot in slots:
        leaf = _LEAVES.get(slot.place) if slot.node.op_type in RECURRENT else None
        fit = next((one for one in left if leaf and one.target.rpartition(".")[2].startswith(leaf)), None)
        if fit is None:
            loose.append(slot)
            continue
        pairs.append((slot, fit))
        left.remove(fit)
    return pairs, loose, []


def _fits(dims: tuple[int, ...], known: tuple[int, ...] | None) -> bool:
    return known is None or sorted(one for one in dims if one != 1) == sorted(one for one in known if one != 1)
