"""One head alone, as several heads are written.

A width cut into heads and merged again is two axes for a while. Where there is one head, what shows in a trace is only
that an axis of size 1 comes and goes.
"""

from __future__ import annotations

from collections.abc import Mapping

from archspec.importing.lift.lifter import Axis, Lifter, template
from archspec.importing.program import Block, Call

_EXCHANGED = (0, 2, 1, 3)
"""The order in which heads come before places, and go back behind them."""


def single_heads(block: Block, uses: Mapping[int, int], lifter: Lifter) -> None:
    """Cut and merge where an axis of size 1 is made before heads are moved, or taken away behind."""
    made = {one.outputs[0]: one for one in block.items if isinstance(one, Call) and len(one.outputs) == 1}
    for call in made.values():
        before = made.get(call.inputs[0]) if call.inputs else None
        if before is None:
            continue
        if _moves(call) and _is(before, "Unsqueeze", dim=2) and uses[before.outputs[0]] == 1:
            _set(before, "Unflatten", {"dim": Axis(-1), "sizes": [1, lifter.shape(before.inputs[0])[-1]]})
        elif _moves(before) and _is(call, "Select", dim=2, index=0) and lifter.shape(call.inputs[0])[2] == 1:
            _set(call, "Flatten", {"start_dim": Axis(2), "end_dim": Axis(-1)})


def _moves(call: Call) -> bool:
    return call.layer == "Permute" and dict(call.arguments)["dims"] == _EXCHANGED


def _is(call: Call, layer: str, **arguments: int) -> bool:
    return call.layer == layer and arguments.items() <= dict(call.arguments).items()


def _set(call: Call, layer: str, arguments: Mapping[str, object]) -> None:
    call.layer, call.numbers, call.reals = layer, [], []
    call.arguments = tuple((name, template(one, call.numbers, call.reals)) for name, one in arguments.items())
