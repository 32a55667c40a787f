"""Sorting, selecting and weighing that together are a route to experts: four calls, as one layer of three results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from archspec.importing.fold.dataflow import all_made, all_used
from archspec.importing.lift.lifter import Lifter
from archspec.importing.program import Block, Call, every_block, every_call


def name_routes(block: Block, uses: Counter[int], lifter: Lifter) -> None:
    """Put `Route` in the place of what it is made of.

    uses: how often each value is taken, in the whole model.
    """
    calls = [one for one in block.items if isinstance(one, Call)]
    made = {value: one for one in calls for value in one.outputs}
    for rows in [one for one in calls if one.layer == "Dispatch"]:
        owners = _made_by(made, rows.inputs[1], "Owners")
        places = _made_by(made, owners.inputs[0], "ByExpert") if owners is not None else None
        if owners is None or places is None or uses[places.outputs[0]] != 2:
            continue
        shares = next((one for one in calls if one.layer == "Shares" and one.inputs[1] == places.outputs[0]), None)
        if shares is None:
            continue
        (weights, _), (chosen,) = shares.inputs, places.inputs
        shape = lifter.shape(chosen)
        x = rows.inputs[0]
        if lifter.shape(weights) != shape or owners.numbers != [shape[-1]] or lifter.shape(x)[:-1] != shape[:-1]:
            continue
        four = (places, owners, rows, shares)
        outputs = (rows.outputs[0], shares.outputs[0], owners.outputs[0])
        route = Call("Route", (), [], [], (x, weights, chosen), outputs, rows.path)
        if _put(block, four, route):
            uses.subtract(places.outputs * 2 + owners.outputs)


def name_choices(root: Block) -> None:
    """Put `Best` in the place of what chooses the experts of a bank, in whichever block it is."""
    chosen = {one.dealt.chosen for one in every_block(root) if one.dealt is not None}
    for call in every_call([root]):
        given = dict(call.arguments)
        if call.layer == "TopK" and call.outputs[1] in chosen and given["dim"] == -1:
            call.layer, call.arguments = "Best", (("count", given["k"]),)


def _put(block: Block, parts: tuple[Call, ...], whole: Call) -> bool:
    """Put a call where the last of its parts is, or if what it gives is taken before, where the first one is, if what
    it takes is there already; whether it could be put.
    """
    at = [place for place, one in enumerate(block.items) if any(one is part for part in parts)]
    between = [one for one in block.items[at[0] : at[-1]] if not any(one is part for part in parts)]
    if not any(value in whole.outputs for one in between for value in all_used([one])):
        block.items[at[-1]] = whole
    elif not any(value in whole.inputs for value in all_made(between)):
        block.items[at[0]] = whole
    else:
        return False
    block.items[:] = [one for one in block.items if not any(one is part for part in parts)]
    return True


def _made_by(made: Mapping[int, Call], value: int, layer: str) -> Call | None:
    call = made.get(value)
    return call if call is not None and call.layer == layer else None


__all__ = ["name_choices", "name_routes"]
