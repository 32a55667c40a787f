"""Banks of experts: lists of modules that are alike, to which the rows of a route are dealt.

Tensors without values say nothing of which expert gets which rows. Code that can run on them gives all rows to the
first expert: what all experts compute and keep together is what the first one does then. That this is a bank is told by
where the rows come from: they were selected at places that came out of sorting the numbers of the experts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archspec.importing.fold.dataflow import all_made, all_used
from archspec.importing.lift.lifter import Bank, Lifter, tensors_in
from archspec.importing.program import Block, Call, Dealt

Node = dict[str, Any]


def banks_of(trace: Mapping[str, Any]) -> dict[str, Bank]:
    """The lists of modules of which the first ran, once, and no other."""
    ran = Counter(_paths(trace["body"]))
    lists = {path: Bank(**one) for path, one in trace.get("lists", {}).items()}
    return {
        path: one for path, one in lists.items()
        if ran[f"{path}.0"] == 1 and not any(f"{path}.{place}" in ran for place in range(1, one.count))
    }  # fmt: skip


def _paths(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if "m" in node:
            yield node["m"]
            yield from _paths(node.get("b", ()))


def deal(lifter: Lifter, block: Block, node: Node, bank: Bank) -> None:
    """Say of the block of the first expert of a bank that it stands for all, if its rows were dealt to all.

    Rows that were selected in another way are refused: who gets the others, nobody knows. What is given no selected
    rows is a module of which the others do nothing, and stays what it is.
    """
    given = [lifter.find(one) for one in tensors_in([node["a"], list(node["k"].values())])]
    rows = given[0] if given else None
    made = _selection(lifter, rows) if rows is not None else None
    if rows is None or made is None:
        return
    path = block.path.rpartition(".")[0]
    own = all_made(block.items) | set(lifter.held)
    outputs = list(tensors_in(node["o"]))
    chosen = _chosen(lifter, made)
    reason = ""
    if not bank.alike:
        reason = "only its first module ran, on selected rows, and others are not like it"
    elif made.outputs != (rows,):
        reason = "only its first module ran, on rows that were changed after they were selected"
    elif chosen is None:
        reason = "only its first module ran, on rows that no sorting of numbers of experts put in order"
    elif {one for one in all_used(block.items) if one not in own} != {rows} or len(outputs) != 1:
        reason = "its modules take or give something beside rows"
    elif lifter.shape(outputs[0])[:-1] != lifter.shape(rows)[:-1]:
        reason = "its modules give another number of rows than they take"
    if chosen is None or reason:
        lifter.miss("torch.nn.ModuleList", reason, path)
        return
    block.dealt = Dealt(bank.count, lifter.shape(chosen)[-1], chosen)
    block.path, block.name = path, path.rpartition(".")[2]


def _selection(lifter: Lifter, rows: int) -> Call | None:
    """What selected some rows, or those that they were made of one by one; None where none were selected."""
    count = lifter.shape(rows)[:-1]
    seen, open_ones = {rows}, [rows]
    while open_ones:
        call = lifter.defined.get(open_ones.pop())
        if call is None or call.layer == "Collect":
            continue
        if call.layer == "Dispatch" or (call.layer == "Lookup" and call.inputs[0] not in lifter.held):
            return call
        for one in call.inputs:
            if one not in seen and lifter.shape(one)[:-1] == count:
                seen.add(one)
                open_ones.append(one)
    return None


def _chosen(lifter: Lifter, made: Call) -> int | None:
    """The numbers of the experts, several for each token, by which rows were put in order; None where they were not."""
    owners = _maker(lifter, made.inputs[1], "Owners")
    places = _maker(lifter, owners.inputs[0], "ByExpert") if owners is not None else None
    if owners is None or places is None:
        return None
    (chosen,) = places.inputs
    shape = lifter.shape(chosen)
    return chosen if len(shape) > 1 and owners.numbers == [shape[-1]] else None


def _maker(lifter: Lifter, value: int, layer: str) -> Call | None:
    call = lifter.defined.get(lifter.find(value))
    return call if call is not None and call.layer == layer else None


__all__ = ["banks_of", "deal"]
