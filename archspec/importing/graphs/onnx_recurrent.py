"""Recurrent operators: one layer, forwards or both ways."""

from __future__ import annotations

from typing import Any

from archspec.importing.graphs.onnx_state import OnnxLift, rule
from archspec.importing.lift import shapes
from archspec.importing.lift.lifter import Axis
from archspec.importing.lift.rules.registry import Refused

Node = dict[str, Any]
_USUAL = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}

_GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


@rule("LSTM", "GRU", "RNN")
def _(o: OnnxLift, node: Node) -> None:
    own, kind = node["attr"], node["op"]
    direction = own.get("direction", "forward")
    ways = 2 if direction == "bidirectional" else 1
    if direction == "reverse" or own.get("layout") or own.get("clip") or own.get("input_forget") or o.has(node, 7):
        raise Refused("backwards alone, with the batch first, clipped, or with gates of another kind")
    if kind == "GRU" and not own.get("linear_before_reset"):
        raise Refused("whose reset gate comes before the product")
    functions = own.get("activations") or _USUAL[kind] * ways
    relu = kind == "RNN" and functions == ["Relu"] * ways
    if not relu and functions != _USUAL[kind] * ways:
        raise Refused("with other functions than the usual ones")
    weight, bias = o.weight(node, 1), o.has(node, 3)
    if weight is None or o.weight(node, 2) is None or (bias and o.weight(node, 3) is None):
        raise Refused("with matrices that are no weights")
    if any(o.has(node, place) and not o.is_constant(node, place) for place in (4, 5, 6)):
        raise Refused("with lengths, or with a state from elsewhere")
    width = int(own["hidden_size"])
    source = o.take(node, 0)
    length, batch, entering = o.shape(source)
    rows = _GATES[kind] * width
    wanted = [(ways, rows, entering), (ways, rows, width), (ways, 2 * rows)]
    if any(o.lifter.values[node["in"][place]["v"]].shape != wanted[place - 1] for place in range(1, 3 + bias)):
        raise Refused("with matrices of other sizes")
    outputs = dict(zip(node["places"], node["o"], strict=True))
    y = o.lifter.new((length, batch, ways * width), source, fresh=True)
    states = [
        outputs.get(place) or o.lifter.new((ways, batch, width), source, fresh=True)
        for place in range(1, 3 if kind == "LSTM" else 2)
    ]
    found: dict[str, Any] = {"hidden_size": width, "bias": bias, "bidirectional": ways == 2}
    if relu:
        found["nonlinearity"] = "relu"
    path, name = o.owner(weight, node)
    o.lifter.emit(kind, (source,), (y, *states), found, path=path, name=name)
    if 0 in outputs:
        _arranged(o, y, outputs[0], ways)


def _arranged(o: OnnxLift, y: int, output: int, ways: int) -> None:
    """What the operator gives: steps, directions, batch, states; the layer has directions side by side."""
    length, batch, width = o.shape(y)
    if o.shape(output) == (length, batch, width):  # what follows puts them side by side
        o.lifter.same(output, y)
    elif ways == 1:
        o.lifter.emit("Unsqueeze", (y,), (output,), {"dim": Axis(1)})
    else:
        apart = o.lifter.new((length, batch, ways, width // ways), y)
        o.lifter.emit("Unflatten", (y,), (apart,), {"dim": Axis(-1), "sizes": [ways, width // ways]})
        shapes.permute(o.lifter, apart, output, [0, 2, 1, 3])
