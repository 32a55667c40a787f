"""Banks of experts: lists of modules that are alike, to which the rows of a route are dealt.

Tensors without values say nothing of which expert gets which rows. Code that can run on them gives all rows to the
first expert: what all experts compute and keep together is what the first one does then. That this is a bank is told by
where the rows come from: they were selected at places that came out of sorting the numbers of the experts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archspec.importing.fold.dataflow import all_made, all_used
from archspec.importing.lift.lifter import Lifter, tensors_in
from archspec.importing.program import Block, Call, Dealt

Node = dict[str, Any]
_SELECTED = frozenset({"Dispatch", "Lookup"})
"""Layers that bring rows of one tensor to places that another one names."""


def banks_of(trace: Mapping[str, Any]) -> dict[str, int]:
    """The lists of modules that are alike of which the first ran, once, and no other, with their lengths."""
    ran = list(_paths(trace["body"]))
    lists: Mapping[str, int] = trace.get("lists", {})
    return {
        path: count for path, count in lists.items()
        if ran.count(f"{path}.0") == 1 and not any(f"{path}.{place}" in ran for place in range(1, count))
    }  # fmt: skip


def _paths(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if "m" in node:
            yield node["m"]
            yield from _paths(node.get("b", ()))


def deal(lifter: Lifter, block: Block, node: Node, count: int) -> None:
    """Say of the block of the first of `count` experts that it stands for all, if its rows were dealt to all.

    Rows that were selected in another way are refused: who gets the others, nobody knows. What is given no selected
    rows is a module of which the others do nothing, and stays what it is.
    """
    given = [lifter.find(one) for one in tensors_in([node["a"], list(node["k"].values())])]
    rows = given[0] if given else None
    made = lifter.defined.get(rows) if rows is not None else None
    if rows is None or made is None or made.layer not in _SELECTED:
        return
    path = block.path.rpartition(".")[0]
    own = all_made(block.items) | set(lifter.held)
    outputs = list(tensors_in(node["o"]))
    chosen = _chosen(lifter, made)
    reason = ""
    if chosen is None:
        reason = "only its first module ran, on rows that no sorting of numbers of experts put in order"
    elif {one for one in all_used(block.items) if one not in own} != {rows} or len(outputs) != 1:
        reason = "its modules take or give something beside rows"
    elif lifter.shape(outputs[0])[:-1] != lifter.shape(rows)[:-1]:
        reason = "its modules give another number of rows than they take"
    if chosen is None or reason:
        lifter.miss("torch.nn.ModuleList", reason, path)
        return
    block.dealt = Dealt(count, lifter.shape(chosen)[-1], chosen)
    block.path, block.name = path, path.rpartition(".")[2]


def _chosen(lifter: Lifter, made: Call) -> int | None:
    """The numbers of the experts, several for each token, by which rows were put in order; None where they were not."""
    owners = _maker(lifter, made.inputs[1], "Owners")
    places = _maker(lifter, owners.inputs[0], "ByExpert") if owners is not None else None
    merged = _maker(lifter, places.inputs[0], "Flatten") if places is not None else None
    if owners is None or merged is None:
        return None
    chosen = merged.inputs[0]
    whole = len(lifter.shape(merged.outputs[0])) == 1
    return chosen if whole and owners.numbers == [lifter.shape(chosen)[-1]] else None


def _maker(lifter: Lifter, value: int, layer: str) -> Call | None:
    call = lifter.defined.get(lifter.find(value))
    return call if call is not None and call.layer == layer else None


__all__ = ["banks_of", "deal"]
